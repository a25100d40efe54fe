"""A core between two fakes: what it does when one fails, and what it never asks twice."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest

from tests.core.conftest import Ends
from tests.fakes.core import unused_address
from tests.fakes.provider import FakeProvider
from zeke_bridge.config.ghostllm import Caching, Costs, GhostConfig, ProviderConfig, Rates, Routes
from zeke_bridge.config.ghostllm.schema import ModelConfig

pytestmark = pytest.mark.anyio

CHAT = "/v1/chat/completions"
KEY = "sk-very-secret"


def ask(model: str, text: str = "Hello there", **more: Any) -> dict[str, Any]:
    return {"model": model, "messages": [{"role": "user", "content": text}], **more}


@pytest.fixture
def second() -> Iterator[FakeProvider]:
    with FakeProvider(key=KEY) as running:
        yield running


@pytest.fixture
def pair(settled: GhostConfig, second: FakeProvider) -> GhostConfig:
    """Providers ``far`` and ``near``; what fails at the first is asked of ``near:echo``."""
    near = ProviderConfig("near", second.base_url, "NEAR_KEY", preferred="echo")
    return dataclasses.replace(
        settled,
        order=("far", "near"),
        providers={**settled.providers, "near": near},
        routes=Routes(fallback=("near:echo",)),
    )


KEYS = {"far": KEY, "near": KEY}


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(
    "model", ["boom500", "limit429", "refuse401", "gone404", "long400", "html"]
)
async def test_what_fails_before_its_first_byte_falls_back(
    serve: Any, pair: GhostConfig, model: str, stream: bool
) -> None:
    async with serve(pair, keys=KEYS) as http:
        options = {"stream": True, "stream_options": {"include_usage": True}} if stream else {}
        answer = await http.post(CHAT, json=ask(f"far:{model}", **options))
    assert answer.status_code == 200
    assert "near" in answer.text
    assert f'"candidate":"far:{model}"' in answer.text
    assert f"far:{model} failed" in answer.text


async def test_a_half_answer_is_never_begun_anew(
    serve: Any, pair: GhostConfig, second: FakeProvider
) -> None:
    async with serve(pair, keys=KEYS) as http:
        answer = await http.post(CHAT, json=ask("far:reset", stream=True))
    assert "one " in answer.text
    assert '"code":"unreachable"' in answer.text
    assert second.requests == []


async def test_what_is_refused_as_a_question_is_asked_nobody_else(
    serve: Any, pair: GhostConfig, second: FakeProvider
) -> None:
    async with serve(pair, keys=KEYS) as http:
        answer = await http.post(CHAT, json={"model": "far:echo", "messages": []})
    assert answer.status_code == 400
    assert second.requests == []


async def test_when_all_fail_the_first_failure_is_told(serve: Any, pair: GhostConfig) -> None:
    routes = Routes(fallback=("near:refuse401",))
    async with serve(dataclasses.replace(pair, routes=routes), keys=KEYS) as http:
        answer = await http.post(CHAT, json=ask("far:long400"))
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "context_too_long"


async def test_an_ill_model_is_left_alone_while_there_is_another(
    serve: Any, pair: GhostConfig, fake: FakeProvider
) -> None:
    async with serve(pair, keys=KEYS) as http:
        for number in range(8):
            answer = await http.post(CHAT, json=ask("far:html", f"question {number}"))
            assert answer.status_code == 200
        health = (await http.get("/health")).json()
    assert len(fake.requests) == 5
    assert "resting" in health["resting"]["far:html"]
    assert "resting" in answer.json()["route"]["tried"][0]["outcome"]


async def test_an_ill_model_is_asked_when_there_is_no_other(serve: Any, fake: FakeProvider) -> None:
    async with serve() as http:
        for number in range(7):
            await http.post(CHAT, json=ask("far:html", f"question {number}"))
    assert len(fake.requests) == 7


async def test_the_same_question_is_answered_once(serve: Any, fake: FakeProvider) -> None:
    async with serve() as http:
        first = await http.post(CHAT, json=ask("far:echo"))
        again = await http.post(CHAT, json=ask("far:echo"))
        streamed = await http.post(CHAT, json=ask("far:echo", stream=True))
        stats = (await http.get("/stats")).json()
    assert len(fake.requests) == 1
    assert first.headers["x-ghostllm-cache"] == "miss"
    assert again.headers["x-ghostllm-cache"] == streamed.headers["x-ghostllm-cache"] == "hit"
    assert again.json()["cached"] is True
    assert again.json()["choices"] == first.json()["choices"]
    assert stats["cache"]["hits"] == 2
    assert stats["cache"]["hit_rate"] == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("change", "headers"),
    [
        ({"zeke": {"project": "other"}}, {}),
        ({"temperature": 0.5}, {}),
        ({}, {"Cache-Control": "no-store"}),
        ({}, {"Cache-Control": "no-cache"}),
    ],
)
async def test_another_question_is_asked(
    serve: Any, fake: FakeProvider, change: dict[str, Any], headers: dict[str, str]
) -> None:
    async with serve() as http:
        await http.post(CHAT, json=ask("far:echo"))
        answer = await http.post(CHAT, json=ask("far:echo", **change), headers=headers)
    assert answer.json()["cached"] is False
    assert len(fake.requests) == 2


async def test_what_may_not_be_stored_is_not(serve: Any, fake: FakeProvider) -> None:
    async with serve() as http:
        never = {"Cache-Control": "no-store"}
        await http.post(CHAT, json=ask("far:echo"), headers=never)
        await http.post(CHAT, json=ask("far:echo"))
    assert len(fake.requests) == 2


async def test_a_cleared_cache_is_empty(serve: Any, fake: FakeProvider) -> None:
    async with serve() as http:
        await http.post(CHAT, json=ask("far:echo"))
        assert (await http.delete("/cache")).json() == {"cleared": 1}
        await http.post(CHAT, json=ask("far:echo"))
    assert len(fake.requests) == 2


async def test_equal_questions_in_flight_are_asked_once(serve: Any, fake: FakeProvider) -> None:
    async with serve() as http, contextlib.AsyncExitStack() as stack:
        texts, pieces = [], []
        for _ in range(3):
            asked = http.stream("POST", CHAT, json=ask("far:held", stream=True))
            pieces.append((await stack.enter_async_context(asked)).aiter_bytes())
            texts.append(await anext(pieces[-1]))
        fake.release()
        for number, rest in enumerate(pieces):
            texts[number] += b"".join([piece async for piece in rest])
    assert len(fake.requests) == 1
    assert texts[0] == texts[1] == texts[2]
    assert b"second" in texts[0]


async def test_a_client_that_leaves_does_not_take_the_answer_from_another(
    serve: Any, fake: FakeProvider
) -> None:
    async with serve() as http:
        body = ask("far:held", stream=True)
        async with http.stream("POST", CHAT, json=body) as first:
            await anext(first.aiter_bytes())
            async with http.stream("POST", CHAT, json=body) as second:
                pieces = second.aiter_bytes()
                seen = await anext(pieces)
                await first.aclose()
                fake.release()
                seen += b"".join([piece async for piece in pieces])
    assert b"second" in seen
    assert len(fake.requests) == 1
    assert not fake.left.is_set()


async def test_the_last_client_that_leaves_ends_the_work(serve: Any, fake: FakeProvider) -> None:
    async with serve() as http:
        async with http.stream("POST", CHAT, json=ask("far:held", stream=True)) as answer:
            await anext(answer.aiter_bytes())
        assert await asyncio.to_thread(fake.left.wait, 30)


def priced(config: GhostConfig, **costs: float) -> GhostConfig:
    dear = ModelConfig("far:echo", input_cost=0.5, output_cost=1.0)
    return dataclasses.replace(config, models={"far:echo": dear}, costs=Costs(**costs))


async def test_a_limit_blocks_and_says_so(
    serve: Any, settled: GhostConfig, fake: FakeProvider
) -> None:
    fake.script.append("Hi.")
    async with serve(priced(settled, daily_limit=2.0, warn=1.0)) as http:
        first = (await http.post(CHAT, json=ask("far:echo", "One two"))).json()
        assert first["cost"] == {
            "input_cost": 1.0,
            "output_cost": 1.0,
            "total_cost": 2.0,
            "known": True,
        }
        assert first["budget"] == {"period": "day", "spent": 2.0, "limit": 2.0, "warn": 1.0}
        blocked = await http.post(CHAT, json=ask("far:echo", "Three"))
        again = await http.post(CHAT, json=ask("far:echo", "One two"))
        stats = (await http.get("/stats")).json()
    assert blocked.status_code == 402
    assert blocked.json()["error"]["code"] == "cost_limit"
    assert "daily limit of $2.00" in blocked.json()["error"]["message"]
    assert again.json()["cached"] is True
    assert stats["costs"]["today"] == stats["costs"]["month"] == 2.0
    assert stats["cache"]["savings"] == 2.0
    assert len(fake.requests) == 1


async def test_what_costs_nothing_is_still_asked_at_the_limit(
    serve: Any, settled: GhostConfig, server: Any
) -> None:
    server.names = ["echo"]
    config = priced(settled, hourly_limit=0.0)
    async with serve(config, local=server) as http:
        answer = (await http.post(CHAT, json=ask("auto"))).json()
    assert answer["provider"] == "local"
    assert "far:echo (costs money, and a cost limit is reached)" in answer["route"]["reason"]


async def test_a_provider_is_not_asked_more_often_than_it_may(
    serve: Any, settled: GhostConfig, fake: FakeProvider
) -> None:
    far = dataclasses.replace(settled.providers["far"], rates=Rates(requests_per_minute=1))
    async with serve(dataclasses.replace(settled, providers={"far": far})) as http:
        await http.post(CHAT, json=ask("far:echo", "One"))
        answer = await http.post(CHAT, json=ask("far:echo", "Two"))
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0
    assert len(fake.requests) == 1


async def test_defaults_of_a_model_do_not_override_the_question(
    serve: Any, settled: GhostConfig, fake: FakeProvider
) -> None:
    own = ModelConfig("far:echo", {"temperature": 0.3, "seed": 5})
    config = dataclasses.replace(settled, models={"far:echo": own})
    async with serve(config) as http:
        await http.post(CHAT, json=ask("far:echo", seed=9))
    assert fake.requests[0]["temperature"] == 0.3
    assert fake.requests[0]["seed"] == 9


async def test_without_a_cache_every_question_is_asked(
    serve: Any, settled: GhostConfig, fake: FakeProvider
) -> None:
    off = dataclasses.replace(settled, caching=Caching(enabled=False))
    async with serve(off) as http:
        for _ in range(2):
            await http.post(CHAT, json=ask("far:echo"))
    assert len(fake.requests) == 2


async def test_figures_name_what_was_asked(serve: Any) -> None:
    async with serve() as http:
        await http.post(CHAT, json=ask("far:echo"))
        await http.post(CHAT, json=ask("far:long400"))
        stats = (await http.get("/stats")).json()
    assert stats["requests"] == {"today": 2, "total": 2, "errors_today": 1}
    assert {row["model"] for row in stats["routes"]} == {"far:echo", "far:long400"}
    assert stats["costs"]["by_model"][0]["requests"] == 1


async def test_why_nobody_lists_models_is_told(serve: Any, settled: GhostConfig) -> None:
    far = ProviderConfig("far", unused_address(), "FAR_KEY")
    alone = dataclasses.replace(settled, order=("far",), providers={"far": far})
    async with serve(alone) as http:
        answer = await http.post(CHAT, json=ask("auto"))
    assert answer.status_code == 502
    assert answer.json()["error"]["code"] == "unreachable"


async def test_a_small_model_gets_a_plain_prompt(serve: Any, fake: FakeProvider) -> None:
    snippet = {"code": "x = 1", "language": "python", "path": "a.py", "model": "far:echo"}
    for weights in (600_000_000, 600_000_000_000):
        fake.described["echo"] = {"meta": {"n_params": weights}}
        async with serve() as http:
            await http.get("/v1/models")
            await http.post("/v1/zeke/code/explain", json=snippet)
    small, large = fake.requests
    assert "temperature" in small
    assert "temperature" not in large


async def test_nobody_waits_for_one_while_there_is_another(
    serve: Any, pair: GhostConfig, fake: FakeProvider
) -> None:
    async with serve(pair, keys=KEYS) as http:
        for number in range(2):
            answer = await http.post(CHAT, json=ask("far:boom500", f"Question {number}"))
            assert answer.json()["provider"] == "near"
    assert len(fake.requests) == 2


async def test_an_answer_by_way_of_a_failure_is_not_kept(
    serve: Any, pair: GhostConfig, second: FakeProvider
) -> None:
    async with serve(pair, keys=KEYS) as http:
        for _ in range(2):
            answer = await http.post(CHAT, json=ask("far:boom500"))
            assert answer.json()["cached"] is False
    assert len(second.requests) == 2


async def test_what_was_left_costs_no_answer_that_never_came(
    serve: Any, settled: GhostConfig, fake: FakeProvider, ends: Ends
) -> None:
    config = dataclasses.replace(
        priced(settled),
        models={"far:held": ModelConfig("far:held", input_cost=0.01, output_cost=1.0)},
    )
    config = dataclasses.replace(config, costs=Costs(daily_limit=100.0))
    async with serve(config) as http:
        body = ask("far:held", stream=True, max_tokens=30_000)
        async with http.stream("POST", CHAT, json=body) as answer:
            await anext(answer.aiter_bytes())
        assert (await ends.next())["status"] == "cancelled"
        costs = (await http.get("/stats")).json()["costs"]
        budget = (await http.get("/budget")).json()["budget"]
    # A question of some tokens, and the one that came.
    assert 1.0 < costs["today"] < 1.5
    assert budget == {"period": "day", "spent": costs["today"], "limit": 100.0, "warn": 0.0}


@pytest.mark.parametrize("stream", [False, True])
async def test_an_answer_says_what_may_still_be_asked(
    serve: Any, settled: GhostConfig, stream: bool
) -> None:
    config = dataclasses.replace(settled, rates=Rates(requests_per_minute=1))
    async with serve(config) as http:
        answers = [await http.post(CHAT, json=ask("far:echo", stream=stream)) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 429]
    for answer in answers:
        assert answer.headers["x-ratelimit-limit-requests"] == "1"
        assert answer.headers["x-ratelimit-remaining-requests"] == "0"
    async with serve() as http:
        free = await http.post(CHAT, json=ask("far:echo", stream=stream))
    assert not [name for name in free.headers if name.startswith("x-ratelimit")]


async def test_without_a_limit_there_is_no_budget(serve: Any) -> None:
    async with serve() as http:
        assert (await http.get("/budget")).json() == {"budget": None}


async def test_a_limit_passed_over_for_money_falls_back_to_what_is_free(
    serve: Any, settled: GhostConfig, server: Any
) -> None:
    server.names = ["echo"]
    config = dataclasses.replace(
        priced(settled, daily_limit=0.0), routes=Routes(fallback=("local:echo",))
    )
    async with serve(config, local=server) as http:
        answer = (await http.post(CHAT, json=ask("far:echo"))).json()
    assert answer["provider"] == "local"


async def test_names_of_ones_own_have_the_price_of_what_they_reach(
    serve: Any, settled: GhostConfig
) -> None:
    config = dataclasses.replace(
        priced(settled),
        routes=Routes(
            aliases={"thinker": "far:echo", "crew": "team"},
            groups={"team": (("far:slow", 0.5), ("far:echo", 0.5))},
        ),
    )
    async with serve(config) as http:
        rows = {row["id"]: row for row in (await http.get("/v1/models")).json()["data"]}
    for name in ("thinker", "team", "crew"):
        assert rows[name]["output_price"] == 1_000_000
