"""What an answer cost, where no list has its price: what its server charges, else not known."""

from __future__ import annotations

import contextlib
import dataclasses
import time
from pathlib import Path
from typing import Any

import pytest

from tests.core.conftest import KEY, QUICK, reached
from tests.core.records.entries import entry
from tests.fakes.provider import FakeProvider
from zeke_bridge.config.ghostllm import Costs, GhostConfig, ModelConfig
from zeke_bridge.core.assemble import build_core
from zeke_bridge.core.keys import KeyFile
from zeke_bridge.core.records import book
from zeke_bridge.core.records.book import UsageBook

pytestmark = pytest.mark.anyio

CHAT = "/v1/chat/completions"


def ask(model: str, text: str = "Hello there") -> dict[str, Any]:
    return {"model": model, "messages": [{"role": "user", "content": text}]}


async def test_what_nobody_knows_the_price_of_is_not_said_to_be_free(
    serve: Any, settled: GhostConfig, server: Any
) -> None:
    server.names = ["echo"]
    async with serve(settled, local=server) as http:
        first = (await http.post(CHAT, json=ask("far:echo"))).json()
        await http.post(CHAT, json=ask("far:echo"))
        free = (await http.post(CHAT, json=ask("local:echo"))).json()
        await http.post(CHAT, json=ask("far:gone404"))
        stats = (await http.get("/stats")).json()
    assert first["cost"] == {
        "input_cost": 0.0,
        "output_cost": 0.0,
        "total_cost": 0.0,
        "known": False,
    }
    assert free["cost"]["known"] is True
    costs = stats["costs"]
    assert costs["unpriced"] == {"hour": 1, "today": 1, "week": 1, "month": 1}
    rows = {row["provider"]: (row["cost"], row["unpriced"]) for row in costs["by_provider"]}
    assert rows == {"far": (0.0, 1), "local": (0.0, 0)}
    assert costs["by_day"][-1]["unpriced"] == costs["by_hour"][-1]["unpriced"] == 1
    assert stats["cache"]["unpriced"] == 1
    assert [row["priced"] for row in stats["routes"]] == [True, True, False, False]


async def test_what_a_server_charges_is_known(
    serve: Any, settled: GhostConfig, fake: FakeProvider
) -> None:
    fake.described["echo"] = {"pricing": {"prompt": "0.5", "completion": "1.0"}}
    fake.described["whole"] = {"pricing": {"prompt": "0", "completion": "0"}}
    fake.script += ["Hi.", "Hi."]
    async with serve(settled) as http:
        await http.get("/v1/models")
        dear = (await http.post(CHAT, json=ask("far:echo", "One two"))).json()["cost"]
        free = (await http.post(CHAT, json=ask("far:whole", "One two"))).json()["cost"]
    assert (dear["total_cost"], dear["known"]) == (2.0, True)
    assert (free["total_cost"], free["known"]) == (0.0, True)


async def test_what_another_core_spent_counts_before_the_next_question(
    settled: GhostConfig, fake: FakeProvider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(book, "_LOOK_S", 60)
    config = dataclasses.replace(settled, costs=Costs(monthly_limit=1.3))
    usage = tmp_path / "state" / "usage.db"
    keys = KeyFile(tmp_path / "auth.json")
    core = build_core(config, keys, None, {"far": KEY}, QUICK, usage=usage)
    async with reached(core, tmp_path) as http:
        assert (await http.post(CHAT, json=ask("far:echo", "One"))).status_code == 200
        with contextlib.closing(UsageBook(usage)) as other:
            other.record(entry(time=time.time(), cost=1.4))
            await other.recent(1)
        metrics = (await http.get("/metrics")).text
        answer = await http.post(CHAT, json=ask("far:echo", "Two"))
    assert answer.status_code == 402
    assert "($1.40 spent)" in answer.json()["error"]["message"]
    assert 'budget_remaining_usd{period="month"} 0.0' in metrics
    assert len(fake.requests) == 1


async def test_many_at_once_keep_to_a_limit(
    serve: Any, settled: GhostConfig, fake: FakeProvider
) -> None:
    """What runs counts with what it may cost: only the first may go over."""
    names = ("far:echo", "far:held")
    models = {name: ModelConfig(name, input_cost=0.5, output_cost=1.0) for name in names}
    config = dataclasses.replace(settled, models=models, costs=Costs(daily_limit=1.0))
    async with serve(config) as http, contextlib.AsyncExitStack() as held:
        for number in range(4):
            body = {**ask("far:echo", f"Question {number}"), "max_tokens": 1}
            if number == 0:
                body["model"] = "far:held"
                dear = http.stream("POST", CHAT, json={**body, "stream": True})
                await anext((await held.enter_async_context(dear)).aiter_bytes())
                assert (await http.get("/stats")).json()["costs"]["today"] == 0
            else:
                answer = await http.post(CHAT, json=body)
                assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")
                assert "may reach the daily limit of $1.00" in answer.text
        fake.release()
    assert len(fake.requests) == 1
