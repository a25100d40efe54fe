"""``ghostllm.base_url`` is a real ``ghostllm serve``: its own tasks, figures and keys are used."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.fakes.asks import ASKS, KINDS, analyzed, explain, told
from tests.fakes.ghostllm import ghostllm, serving
from tests.fakes.house import House
from tests.fakes.house import house as make_house
from tests.fakes.provider import FakeProvider
from tests.peers.conftest import Clients
from zeke_bridge.bridge.runtime import Runtime
from zeke_bridge.model import errors
from zeke_bridge.model.exchange import Audience

pytestmark = [pytest.mark.anyio, pytest.mark.peer]

CHAT = Audience("openai:echo", "p")


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    with FakeProvider() as provider, make_house(provider) as found:
        yield found


@pytest.fixture(scope="module")
def address(house: House) -> Iterator[str]:
    with serving(house) as (_, found):
        yield found


@pytest.fixture(autouse=True)
def _nothing_asked_yet(house: House) -> None:
    house.provider.forget()


@pytest.mark.parametrize("kind", ASKS)
async def test_every_question(client: Clients, house: House, address: str, kind: str) -> None:
    async with client(address) as core:
        answer = await told(ASKS[kind](core, CHAT))
    assert answer.text.strip()
    assert (answer.receipt.provider, answer.receipt.model) == ("openai", "echo")
    assert len(house.provider.requests) == 1


async def test_three_looks_are_one_call(client: Clients, house: House, address: str) -> None:
    async with client(address) as core:
        assert set((await analyzed(core, CHAT)).findings) == set(KINDS)
    assert len(house.provider.requests) == 1


async def test_it_needs_nothing_of_ours(client: Clients, address: str, runtime: Runtime) -> None:
    async with client(address) as core:
        assert "openai:echo" in {model.id for model in await core.models()}
        assert re.fullmatch(
            rf"remote GhostLLM \d+\.\d+\.\d+ at {re.escape(address)}", (await core.health()).where
        )
        # The figures are those of the process over there.
        assert (await core.stats()).requests.total > 0
        assert list(runtime.directory.glob("*.sock")) == []


async def test_what_must_stay_here_stays(client: Clients, house: House, address: str) -> None:
    async with client(address) as core:
        with pytest.raises(errors.NoModelError, match="on this machine"):
            await told(core.code(explain(local_only=True)))
    assert house.provider.requests == []


async def test_leaving_frees_the_providers_connection(
    client: Clients, house: House, address: str
) -> None:
    async with client(address) as core:
        pieces = core.code(explain("openai:held"))
        await anext(pieces)
        await pieces.aclose()
        await house.provider.until(house.provider.left)


async def test_with_keys_it_wants_one(client: Clients) -> None:
    with FakeProvider() as provider, make_house(provider) as house:
        secret = re.search(r"gk-\S+", ghostllm(house, "keys", "create", "editor"))
        assert secret is not None
        with serving(house) as (_, address):
            async with client(address, secret[0]) as core:
                answer = await told(core.code(explain("openai:echo")))
                assert answer.receipt.provider == "openai"
            for key in ("", "gk-quite-wrong"):
                async with client(address, key) as core:
                    with pytest.raises(errors.AccessError, match="key"):
                        await told(core.code(explain("openai:echo")))
        assert len(provider.requests) == 1
