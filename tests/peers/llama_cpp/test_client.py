"""What an editor asks, through the embedded core, with llama.cpp's own server as its provider."""

from __future__ import annotations

import pytest

from tests.fakes.asks import ASKS, KINDS, analyzed, explain, told
from tests.peers.conftest import Clients
from tests.peers.llama_cpp.server import NAME, Llama
from zeke_bridge.model import errors
from zeke_bridge.model.exchange import Audience

pytestmark = [pytest.mark.anyio, pytest.mark.peer, pytest.mark.local_model]

AUTO = Audience("auto", "p")


@pytest.mark.parametrize("kind", ["refactor", "complete", "suggest"])
async def test_a_question(client: Clients, llama: Llama, kind: str) -> None:
    async with client(llama.base_url, llama.key) as core:
        answer = await told(ASKS[kind](core, AUTO))
    receipt = answer.receipt
    assert (receipt.provider, receipt.model) == ("llama.cpp", NAME)
    assert receipt.usage.completion_tokens > 0
    assert receipt.cost.total_cost == 0.0
    if kind == "complete":
        assert answer.text.strip() == "a + b"
    if kind == "suggest":
        assert answer.suggestion is not None


async def test_three_looks_are_one_call(client: Clients, llama: Llama) -> None:
    async with client(f"{llama.base_url}/v1", llama.key) as core:
        analysis = await analyzed(core, AUTO)
        assert set(analysis.findings) == set(KINDS)
        assert (await core.stats()).requests.total == 1


async def test_what_it_is(client: Clients, llama: Llama) -> None:
    async with client(llama.base_url, llama.key) as core:
        [model] = await core.models()
        health = await core.health()
    assert (model.id, model.input_price) == (f"llama.cpp:{NAME}", 0.0)
    assert model.context == 8192
    assert health.where == f"llama.cpp at {llama.base_url} through the embedded core"


async def test_a_key_that_does_not_fit(client: Clients, llama: Llama) -> None:
    async with client(llama.base_url, "sk-quite-wrong") as core:
        with pytest.raises(errors.AuthError, match=r"\$PEER_KEY"):
            await told(core.code(explain()))
