"""What an editor asks, through the embedded core, with a real LiteLLM as its only provider."""

from __future__ import annotations

import asyncio

import pytest

from tests.fakes.asks import ASKS, KINDS, analyzed, explain, told
from tests.fakes.clock import no_longer_than
from tests.fakes.provider import FakeProvider
from tests.peers.conftest import Clients
from tests.peers.litellm.proxy import MODELS, LiteLLM
from zeke_bridge.model import errors
from zeke_bridge.model.exchange import Answer, Audience, CodeAsk, Delta

# The first test may have to install LiteLLM.
pytestmark = [pytest.mark.anyio, pytest.mark.peer, pytest.mark.timeout(700)]

CHAT = Audience("gpt-4o", "p")


@pytest.mark.parametrize("kind", ASKS)
async def test_every_question(
    client: Clients, proxy: LiteLLM, fake: FakeProvider, kind: str
) -> None:
    async with client(proxy.base_url, proxy.key) as core:
        pieces = [piece async for piece in ASKS[kind](core, CHAT)]
    answer = pieces[-1]
    assert isinstance(answer, Answer)
    # Nothing is said twice: LiteLLM's last chunk has a choice, and the usage beside it.
    assert "".join(one.text for one in pieces[:-1] if isinstance(one, Delta)) in {answer.text, ""}
    assert answer.text.strip()
    receipt = answer.receipt
    assert (receipt.provider, receipt.model) == ("litellm", "gpt-4o")
    assert receipt.usage.completion_tokens > 0
    assert receipt.usage.total_tokens == (
        receipt.usage.prompt_tokens + receipt.usage.completion_tokens
    )
    # The price of gpt-4o, though it is another model that answers behind LiteLLM.
    assert receipt.cost.total_cost > 0
    assert len(fake.requests) == 1


async def test_three_looks_are_one_call(
    client: Clients, proxy: LiteLLM, fake: FakeProvider
) -> None:
    async with client(proxy.base_url, proxy.key) as core:
        analysis = await analyzed(core, CHAT)
    assert set(analysis.findings) == set(KINDS)
    assert all(found[0].message for found in analysis.findings.values())
    assert len(fake.requests) == 1


async def test_an_answer_comes_as_it_is_made(
    client: Clients, proxy: LiteLLM, fake: FakeProvider
) -> None:
    async with client(proxy.base_url, proxy.key) as core:
        pieces = core.code(explain("slowly"))
        assert await anext(pieces) == Delta("first ")
        fake.release()
        rest = [piece async for piece in pieces]
    assert rest[0] == Delta("second")
    assert isinstance(rest[-1], Answer)
    assert rest[-1].text == "first second"


async def test_leaving_frees_the_providers_connection(
    client: Clients, proxy: LiteLLM, fake: FakeProvider
) -> None:
    async with client(proxy.base_url, proxy.key) as core:
        pieces = core.code(explain("slowly"))
        await anext(pieces)
        await fake.until(fake.held)
        # A second of ours at most; what LiteLLM takes for it is its own affair.
        with no_longer_than(1.0):
            await pieces.aclose()
            await fake.until(fake.left)


async def test_what_there_is(client: Clients, proxy: LiteLLM) -> None:
    async with client(f"{proxy.base_url}/v1/", proxy.key) as core:
        models = {model.id: model for model in await core.models()}
        health = await core.health()
        stats = await core.stats()
    assert set(models) == {f"litellm:{name}" for name in MODELS}
    assert models["litellm:gpt-4o"].input_price == 2.5
    assert models["litellm:gpt-4o"].context == 128_000
    assert health.where == f"LiteLLM at {proxy.base_url}/v1/ through the embedded core"
    assert health.providers == {"litellm": "healthy"}
    assert stats.requests.total == 0


@pytest.mark.parametrize("model", ["openai/gpt-4o-mini", "litellm:openai/gpt-4o-mini"])
async def test_a_name_with_a_slash_is_a_name(
    client: Clients, proxy: LiteLLM, fake: FakeProvider, model: str
) -> None:
    async with client(proxy.base_url, proxy.key) as core:
        answer = await told(core.code(explain(model)))
    assert answer.receipt.model == "openai/gpt-4o-mini"
    assert answer.receipt.cost.total_cost > 0


@pytest.mark.parametrize("model", ["auto", "fast", "smart"])
async def test_what_it_has_is_chosen_from(
    client: Clients, proxy: LiteLLM, fake: FakeProvider, model: str
) -> None:
    async with client(proxy.base_url, proxy.key) as core:
        answer = await told(core.code(explain(model)))
    assert answer.receipt.provider == "litellm"
    assert answer.receipt.model in {"gpt-4o", "openai/gpt-4o-mini"}


@pytest.mark.parametrize(
    ("model", "kind", "words"),
    [
        ("gpt-4oo", errors.UnknownModelError, "litellm:gpt-4o"),
        ("litellm:gpt-9", errors.UnknownModelError, "gpt-9"),
        ("broken", errors.ProviderError, "LiteLLM at "),
        ("too-long", errors.ContextError, "too long"),
    ],
)
async def test_what_fails_there(
    client: Clients,
    proxy: LiteLLM,
    fake: FakeProvider,
    model: str,
    kind: type[errors.ZekeError],
    words: str,
) -> None:
    async with client(proxy.base_url, proxy.key) as core:
        with pytest.raises(kind) as caught:
            await told(core.code(explain(model)))
    assert type(caught.value) is kind
    assert words in caught.value.message


@pytest.mark.parametrize("key", ["sk-quite-wrong", "wrong", ""])
async def test_a_key_that_does_not_fit(
    client: Clients, proxy: LiteLLM, fake: FakeProvider, key: str
) -> None:
    # Without a database LiteLLM answers a wrong key with 400, and none with 500.
    async with client(proxy.base_url, key) as core:
        for model in ("gpt-4o", "litellm:gpt-4o", "auto"):
            with pytest.raises(errors.AuthError, match=r"PEER_KEY|api_key_env") as caught:
                await told(core.code(explain(model)))
            assert proxy.base_url in caught.value.message
    assert fake.requests == []


async def test_what_must_stay_here_does_not_go_there(
    client: Clients, proxy: LiteLLM, fake: FakeProvider
) -> None:
    async with client(proxy.base_url, proxy.key) as core:
        with pytest.raises(errors.NoModelError, match="on this machine"):
            await told(core.code(explain(local_only=True)))
    assert fake.requests == []


async def test_many_at_once(client: Clients, proxy: LiteLLM, fake: FakeProvider) -> None:
    async with client(proxy.base_url, proxy.key) as core:
        asks = [
            CodeAsk(CHAT, "explain", explain().snippet, f"Question {number}?")
            for number in range(8)
        ]
        answers = await asyncio.gather(*(told(core.code(ask)) for ask in asks))
    assert len({answer.receipt.request_id for answer in answers}) == 8
    assert len(fake.requests) == 8
