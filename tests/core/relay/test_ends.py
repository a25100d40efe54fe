"""What the log says of each question when it has ended: once, and nothing of its text."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import logging
from pathlib import Path
from typing import Any

import pytest

from tests.core.conftest import QUICK, Ends
from tests.fakes.clock import ahead
from tests.fakes.provider import FakeProvider
from zeke_bridge.config.ghostllm import GhostConfig, ModelConfig, Rates
from zeke_bridge.core.api.response import Live
from zeke_bridge.core.cache.flight import Flights
from zeke_bridge.core.limits.limiter import Lease, Limiter
from zeke_bridge.core.records.book import UsageBook
from zeke_bridge.store.log import open_log

pytestmark = pytest.mark.anyio

CHAT = "/v1/chat/completions"
SECRET = "the colour of my bicycle"


def ask(model: str = "far:echo", text: str = SECRET, **more: Any) -> dict[str, Any]:
    return {"model": model, "messages": [{"role": "user", "content": text}], **more}


async def test_an_answer(serve: Any, ends: Ends) -> None:
    async with serve() as http:
        answer = await http.post(CHAT, json=ask())
    told = await ends.next()
    assert told["request_id"] == answer.headers["x-request-id"]
    assert told.pop("seconds") >= 0
    assert told == {
        "request_id": answer.json()["request_id"],
        "task": "chat",
        "model": "far:echo",
        "status": "ok",
        "reason": answer.json()["route"]["reason"],
        "tokens": answer.json()["usage"]["total_tokens"],
        "cost": 0.0,
        "client": "local",
        "cached": False,
        "streamed": False,
    }
    assert SECRET not in json.dumps(told)


@pytest.mark.parametrize("stream", [False, True])
async def test_an_answer_that_was_kept(serve: Any, ends: Ends, stream: bool) -> None:
    async with serve() as http:
        await http.post(CHAT, json=ask())
        answer = await http.post(CHAT, json=ask(stream=stream))
    first, again = await ends.next(), await ends.next()
    assert again["request_id"] == answer.headers["x-request-id"] != first["request_id"]
    assert (again["status"], again["cached"], again["cost"]) == ("ok", True, 0.0)
    assert again["streamed"] is stream


@pytest.mark.parametrize(
    ("model", "status"),
    [("silent", "ok"), ("never-heard-of", "unknown_model")],
)
async def test_an_answer_that_two_waited_for(
    serve: Any, fake: FakeProvider, ends: Ends, model: str, status: str
) -> None:
    async with serve() as http:
        both = [asyncio.create_task(http.post(CHAT, json=ask(f"far:{model}"))) for _ in range(2)]
        if status == "ok":
            await fake.until(fake.held)
        fake.release()
        answers = await asyncio.gather(*both)
    told = {fields["request_id"]: fields for fields in (await ends.next(), await ends.next())}
    assert told.keys() == {answer.headers["x-request-id"] for answer in answers}
    assert {fields["status"] for fields in told.values()} == {status}


async def test_one_that_left_work_for_another(serve: Any, fake: FakeProvider, ends: Ends) -> None:
    async with serve() as http:
        body = ask("far:held", stream=True)
        async with http.stream("POST", CHAT, json=body) as first:
            pieces = first.aiter_bytes()
            await anext(pieces)
            async with http.stream("POST", CHAT, json=body) as second:
                await anext(second.aiter_bytes())
            assert (await ends.next())["status"] == "cancelled"
            fake.release()
            assert [piece async for piece in pieces]
    assert (await ends.next())["status"] == "ok"
    assert ends.told.empty()


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("model", "status"),
    [
        ("far:boom500", "provider_failed"),
        ("far:reset", "unreachable"),
        ("far:html", "bad_answer"),
        ("nobody:has-this", "unknown_model"),
    ],
)
async def test_a_failure(serve: Any, ends: Ends, model: str, status: str, stream: bool) -> None:
    async with serve() as http:
        answer = await http.post(CHAT, json=ask(model, stream=stream))
    told = await ends.next()
    assert told["status"] == status
    assert told["request_id"] == answer.headers["x-request-id"]
    assert ends.told.empty()
    assert SECRET not in json.dumps(told)


async def test_one_that_was_refused_for_asking_too_often(
    serve: Any, settled: GhostConfig, ends: Ends
) -> None:
    config = dataclasses.replace(settled, rates=Rates(requests_per_minute=1))
    async with serve(config) as http:
        await http.post(CHAT, json=ask())
        refused = await http.post(CHAT, json=ask(text="Another"))
        stats = (await http.get("/stats")).json()
        metrics = (await http.get("/metrics")).text
    await ends.next()
    told = await ends.next()
    assert (told["status"], told["model"], told["client"]) == ("rate_limited", "", "local")
    assert told["request_id"] == refused.headers["x-request-id"]
    assert stats["requests"]["total"] == 2
    refusals = 'ghostllm_requests_total{model="",provider="",status="rate_limited",task="chat"}'
    assert f"{refusals} 1.0" in metrics


async def test_a_filling_that_needs_no_more_is_no_loss(
    serve: Any, fake: FakeProvider, ends: Ends
) -> None:
    body = {"prefix": "x = ", "suffix": "", "language": "python", "model": "far:echo"}
    fake.script.append("1\n\n\ndef other():\n" + "    pass\n" * 200)
    async with serve() as http:
        await http.post("/v1/zeke/code/complete", json=body)
    assert (await ends.next())["status"] == "ok"


async def test_it_is_in_the_log_of_whoever_has_the_core(serve: Any, tmp_path: Path) -> None:
    root = logging.getLogger()
    level, handler = root.level, open_log(tmp_path / "broker.log")
    try:
        async with serve() as http:
            await http.post(CHAT, json=ask())
    finally:
        root.setLevel(level)
        root.removeHandler(handler)
        handler.close()
    text = (tmp_path / "broker.log").read_text()
    [line] = [json.loads(line) for line in text.splitlines() if "request ended" in line]
    assert line["fields"]["model"] == "far:echo"
    assert SECRET not in text


async def test_what_failed_before_it_began_costs_nothing(serve: Any, settled: GhostConfig) -> None:
    dear = {
        f"far:{name}": ModelConfig(f"far:{name}", input_cost=1.0, output_cost=1.0)
        for name in ("boom500", "reset")
    }
    async with serve(dataclasses.replace(settled, models=dear)) as http:
        await http.post(CHAT, json=ask("far:boom500"))
        assert (await http.get("/stats")).json()["costs"]["today"] == 0.0
        await http.post(CHAT, json=ask("far:reset", stream=True))
        assert (await http.get("/stats")).json()["costs"]["today"] > 0.0


@pytest.mark.parametrize(
    ("goes", "ended"), [((), 2), ((0,), 1), ((1,), 2), ((0, 1), 2), ((1, 0), 2)]
)
async def test_a_shared_answer_is_paid_for_once_whoever_leaves(
    serve: Any,
    settled: GhostConfig,
    fake: FakeProvider,
    ends: Ends,
    monkeypatch: pytest.MonkeyPatch,
    goes: tuple[int, ...],
    ended: int,
) -> None:
    paid: asyncio.Queue[int] = asyncio.Queue()

    class Watched(Limiter):
        def settle(self, lease: Lease, tokens: int | None, now: float) -> None:
            super().settle(lease, tokens, now)
            if ("core", "") in lease.names:
                paid.put_nowait(tokens or 0)

    monkeypatch.setattr("zeke_bridge.core.assemble.Limiter", Watched)
    config = dataclasses.replace(settled, rates=Rates(tokens_per_minute=1_000_000))
    total = 0
    async with serve(config) as http, contextlib.AsyncExitStack() as stack, asyncio.timeout(60):
        asked = [http.stream("POST", CHAT, json=ask("far:held", stream=True)) for _ in range(2)]
        pieces = [(await stack.enter_async_context(one)).aiter_bytes() for one in asked]
        for one in pieces:
            await anext(one)
        for number in goes:
            await pieces[number].aclose()
            total += await paid.get()
        fake.release()
        for number in {0, 1} - set(goes):
            assert [piece async for piece in pieces[number]]
            total += await paid.get()
        # Work goes on for who stays; what it took is written down when it has ended.
        told = [await ends.next() for _ in range(ended)]
    assert total == max(fields["tokens"] for fields in told) > 0
    assert len(fake.requests) == 1


@pytest.mark.parametrize("stream", [False, True])
async def test_a_failure_that_two_waited_for_counts_for_both(
    serve: Any, fake: FakeProvider, ends: Ends, stream: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys, waiting, join = list[str](), asyncio.Event(), Flights.join

    def joined(flights: Flights[Any], key: str, start: Any) -> Any:
        keys.append(key)
        if len(keys) == 2:
            waiting.set()
        return join(flights, key, start)

    monkeypatch.setattr(Flights, "join", joined)
    async with serve() as http:
        body = ask("far:silent", stream=stream)
        both = [asyncio.create_task(http.post(CHAT, json=body)) for _ in range(2)]
        await fake.until(fake.held)
        await waiting.wait()
        with ahead(QUICK.whole):
            answers = await asyncio.gather(*both)
        told = [await ends.next() for _ in range(2)]
        stats = (await http.get("/stats")).json()
        metrics = (await http.get("/metrics")).text
    assert {answer.status_code for answer in answers} == {504}
    assert {fields["status"] for fields in told} == {"timed_out"}
    assert sorted(fields["tokens"] > 0 for fields in told) == [False, True]
    assert len(fake.requests) == 1
    assert stats["requests"]["total"] == 2
    assert stats["requests"]["errors_today"] == 2
    counted = 'status="timed_out",task="chat"} 2.0'
    assert counted in metrics


async def test_the_first_text_is_sent_before_the_books_are_done(
    serve: Any, fake: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    write, record = Live._write, UsageBook.record

    async def written(self: Live, send: Any, piece: bytes, **told: bool) -> None:
        await write(self, send, piece, **told)
        done.append("sent")

    def recorded(self: UsageBook, entry: Any) -> None:
        done.append("books")
        record(self, entry)

    monkeypatch.setattr(Live, "_write", written)
    monkeypatch.setattr(UsageBook, "record", recorded)
    async with serve() as http:
        for number in range(10):
            done.clear()
            await http.post(CHAT, json=ask(text=f"Question {number}", stream=True))
            assert done[0] == "sent"
            assert "books" in done
