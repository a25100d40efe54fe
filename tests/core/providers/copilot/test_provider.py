from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiohttp import web

from tests.fakes.copilot import LOGIN, Copilot
from zeke_bridge.config.ghostllm import ProviderConfig
from zeke_bridge.core.keys import Keys
from zeke_bridge.core.providers.copilot.provider import EDITOR, CopilotProvider
from zeke_bridge.core.providers.copilot.token import Passes
from zeke_bridge.core.providers.limits import Limits
from zeke_bridge.core.routing.traits import Traits
from zeke_bridge.model.errors import AuthError, ProviderError, RateLimitError, UnknownModelError
from zeke_bridge.wire.openai import delta_text, usage_of

pytestmark = pytest.mark.anyio

CLAUDE = "claude-sonnet-5.5"


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def github() -> AsyncIterator[Copilot]:
    async with Copilot() as running:
        yield running


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def copilot(
    github: Copilot, clock: Clock, keys: Callable[..., Keys], limits: Limits
) -> AsyncIterator[CopilotProvider]:
    # Nothing listens at the configured address: the one that the exchange names is used.
    config = ProviderConfig("github", "http://127.0.0.1:9", "COPILOT", dialect="github")
    passes = Passes(limits, EDITOR, github.root, clock)
    made = CopilotProvider(config, keys(github=LOGIN), limits, passes)
    yield made
    await made.aclose()


def asked(model: str = "gpt-5-mini", **more: Any) -> dict[str, Any]:
    return {"model": model, "messages": [{"role": "user", "content": "Hi"}], **more}


async def streamed(copilot: CopilotProvider, body: dict[str, Any]) -> str:
    async with contextlib.aclosing(copilot.stream(body)) as events:
        chunks = [chunk async for came in events for chunk in came]
    assert usage_of(chunks[-1].body) is not None
    return "".join(delta_text(chunk.body) for chunk in chunks)


async def test_a_stream(copilot: CopilotProvider, github: Copilot) -> None:
    assert await streamed(copilot, asked(max_completion_tokens=9, temperature=0)) == "Hello there"
    assert github.requests[0]["max_tokens"] == 9
    assert "temperature" not in github.requests[0]
    exchange, call = github.headers
    assert exchange["Authorization"] == f"token {LOGIN}"
    assert call["Authorization"] == "Bearer tid=1"
    assert call["Copilot-Integration-Id"] == "vscode-chat"
    assert call["Editor-Version"].startswith("Neovim/")
    assert (call["X-Initiator"], call["Openai-Intent"]) == ("user", "conversation-panel")
    assert "Copilot-Vision-Request" not in call


async def test_a_tools_result_and_a_picture_are_said(
    copilot: CopilotProvider, github: Copilot
) -> None:
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}
    turns = [{"role": "user", "content": [picture]}, {"role": "tool", "content": "done"}]
    await copilot.answer({"model": "gpt-5-mini", "messages": turns})
    assert github.headers[-1]["X-Initiator"] == "agent"
    assert github.headers[-1]["Copilot-Vision-Request"] == "true"


async def test_one_token_for_many_calls_until_it_is_to_be_renewed(
    copilot: CopilotProvider, github: Copilot, clock: Clock
) -> None:
    await asyncio.gather(*(copilot.answer(asked()) for _ in range(5)))
    assert github.exchanges == 1
    clock.now += 1499
    await copilot.answer(asked())
    assert github.exchanges == 1
    clock.now += 1
    await copilot.answer(asked())
    assert github.exchanges == 2


@pytest.mark.parametrize("ask", [CopilotProvider.answer, streamed])
async def test_a_token_that_was_withdrawn_is_exchanged_anew(
    copilot: CopilotProvider, github: Copilot, ask: Any
) -> None:
    await copilot.answer(asked())
    github.withdraw()
    await ask(copilot, asked())
    assert github.exchanges == 3


async def test_models_are_those_that_this_account_may_chat_with(copilot: CopilotProvider) -> None:
    assert await copilot.models() == ("gpt-5-mini", CLAUDE)
    assert copilot.traits(CLAUDE) == Traits(context=128000, tools=True, json=True, images=True)
    await copilot.probe()


async def test_claudes_answer_is_put_together(copilot: CopilotProvider) -> None:
    answer = await copilot.answer(asked(CLAUDE, tools=[{"type": "function"}]))
    (choice,) = answer["choices"]
    assert choice["finish_reason"] == "tool_calls"
    assert choice["message"]["content"] == "I look."
    assert choice["message"]["tool_calls"][0]["id"] == "call_1"


async def test_vectors(copilot: CopilotProvider, github: Copilot) -> None:
    body = {"model": "text-embedding-3-small", "input": "one text"}
    assert len((await copilot.embed(body))["data"]) == 1
    assert github.requests[-1]["input"] == ["one text"]


async def test_a_model_of_another_api(copilot: CopilotProvider) -> None:
    with pytest.raises(UnknownModelError):
        await copilot.answer(asked("elsewhere"))


async def test_who_is_not_logged_in_is_told_how(
    github: Copilot, keys: Callable[..., Keys], limits: Limits
) -> None:
    config = ProviderConfig("github", github.base_url, "COPILOT", dialect="github")
    stranger = CopilotProvider(config, keys(), limits)
    assert stranger.offer().obstacle == "no key"
    assert stranger.offer().remedy == "run `:ZekeAuth github` or `ghostllm auth login github`"
    await stranger.aclose()


def gone(_: Copilot) -> web.Response:
    details = {"error_details": {"message": "Your subscription has ended", "title": "No Copilot"}}
    return web.json_response(details, status=403)


def limited(_: Copilot) -> web.Response:
    headers = {"x-ratelimit-remaining": "0", "Retry-After": "60"}
    return web.json_response({"message": "API rate limit exceeded"}, status=403, headers=headers)


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (
            lambda _: web.json_response({"message": "Bad"}, status=401),
            AuthError,
            "auth login github",
        ),
        (
            lambda _: web.json_response({"message": "Not Found"}, status=404),
            AuthError,
            "no Copilot",
        ),
        (gone, AuthError, "It said: Your subscription has ended"),
        (limited, RateLimitError, "wait 60 s"),
        (lambda _: web.Response(status=500, text="oops"), ProviderError, "status 500"),
    ],
)
async def test_an_exchange_that_is_refused(
    copilot: CopilotProvider, github: Copilot, answer: Any, kind: type[Exception], words: str
) -> None:
    github.no_copilot = answer(github)
    with pytest.raises(kind, match=words) as caught:
        await copilot.answer(asked())
    assert LOGIN not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "trusted"),
    [
        ("https://api.business.githubcopilot.com/", "https://api.business.githubcopilot.com"),
        ("http://api.business.githubcopilot.com", ""),
        ("https://githubcopilot.com.evil.example", ""),
        ("https://evil.example/githubcopilot.com", ""),
        (3, ""),
    ],
)
def test_a_token_goes_to_copilots_own_addresses_only(
    limits: Limits, url: object, trusted: str
) -> None:
    assert Passes(limits, {})._trusted({"api": url}) == trusted
