"""What an answer cost, where no list has its price: what its server charges, else not known."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.provider import FakeProvider
from zeke_bridge.config.ghostllm import GhostConfig

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
