from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.fakes.provider import FakeProvider
from zeke_bridge.client.core import CoreClient
from zeke_bridge.model import errors
from zeke_bridge.model.exchange import (
    AnalyzeAsk,
    AnalyzeItem,
    Answer,
    Audience,
    ChatAsk,
    CodeAsk,
    Delta,
    Message,
    ModelInfo,
    Piece,
    Snippet,
    Tried,
)

pytestmark = pytest.mark.anyio

SNIPPET = Snippet("def f():\n    return 1", "a.py", "python", 5)
TURNS = (Message("user", "Hi"), Message("assistant", "Yes?"), Message("user", "What is it"))


def chat(model: str = "far:echo", **more: Any) -> ChatAsk:
    return ChatAsk(Audience(model), TURNS, **more)


def explain(model: str = "far:echo") -> CodeAsk:
    return CodeAsk(Audience(model), "explain", SNIPPET)


async def collect(pieces: AsyncIterator[Piece]) -> tuple[list[str], Answer]:
    found = [piece async for piece in pieces]
    assert isinstance(found[-1], Answer)
    deltas = [piece.text for piece in found[:-1] if isinstance(piece, Delta)]
    assert len(deltas) == len(found) - 1
    return deltas, found[-1]


async def test_a_chat_is_deltas_and_one_answer(asker: CoreClient, fake: FakeProvider) -> None:
    fake.script.append("a b ä€😀 c")
    deltas, answer = await collect(asker.chat(chat("auto")))
    assert 1 <= len(deltas) <= 4
    assert "".join(deltas) == answer.text == "a b ä€😀 c"
    assert [turn["content"] for turn in fake.requests[0]["messages"]] == [
        "Hi",
        "Yes?",
        "What is it",
    ]
    assert "zeke" not in fake.requests[0]
    receipt = answer.receipt
    assert (receipt.provider, receipt.model) == ("far", "echo")
    assert receipt.route.task == "chat"
    assert receipt.route.tried == (Tried("far:echo", "chosen"),)
    assert receipt.usage.total_tokens > 0
    assert receipt.request_id


async def test_a_chat_can_demand_json(asker: CoreClient, fake: FakeProvider) -> None:
    schema = {"type": "object", "properties": {"name": {"type": "string"}}}
    _, answer = await collect(asker.chat(chat(task="create", schema=schema, max_tokens=50)))
    assert answer.text == '{"name": "A name of the fake."}'
    assert answer.receipt.route.task == "create"
    assert fake.requests[0]["max_tokens"] == 50


async def test_code_is_deltas_and_one_answer(asker: CoreClient) -> None:
    deltas, answer = await collect(asker.code(explain()))
    assert "".join(deltas) == answer.text
    assert "def f()" in answer.text
    assert answer.receipt.provider == "far"
    ask = CodeAsk(Audience("far:echo"), "refactor", SNIPPET, "Go.")
    _, answer = await collect(asker.code(ask))
    assert answer.text.startswith("```python\n# changed by the fake\n")


async def test_an_analysis_is_one_call(asker: CoreClient, fake: FakeProvider) -> None:
    items = (AnalyzeItem("1", "quality", SNIPPET), AnalyzeItem("2", "security", SNIPPET))
    analysis = await asker.analyze(AnalyzeAsk(Audience("far:echo"), items))
    assert len(fake.requests) == 1
    assert set(analysis.findings) == {"1", "2"}
    assert analysis.findings["2"][0].kind == "security"
    assert analysis.findings["2"][0].line == 5
    assert analysis.receipt.route.task == "analyze"


async def test_models_and_health(asker: CoreClient) -> None:
    assert ModelInfo("far:echo", "far", False) in await asker.models()
    health = await asker.health()
    assert (health.status, health.providers) == ("healthy", {"far": "healthy"})


async def test_the_first_piece_comes_before_the_last_is_there(
    asker: CoreClient, fake: FakeProvider
) -> None:
    pieces = asker.chat(chat("far:held"))
    assert await anext(pieces) == Delta("first ")
    fake.release()
    assert (await collect(pieces))[1].text == "first second"


@pytest.mark.parametrize("kind", ["chat", "code"])
async def test_closing_early_cancels_at_the_provider(
    asker: CoreClient, fake: FakeProvider, kind: str
) -> None:
    pieces = asker.chat(chat("far:held")) if kind == "chat" else asker.code(explain("far:held"))
    await anext(pieces)
    await pieces.aclose()
    await fake.until(fake.left)


@pytest.mark.parametrize("kind", ["chat", "code", "analyze"])
async def test_cancelling_cancels_at_the_provider(
    asker: CoreClient, fake: FakeProvider, kind: str
) -> None:
    work: dict[str, Any] = {
        "chat": lambda: collect(asker.chat(chat("far:silent"))),
        "code": lambda: collect(asker.code(explain("far:silent"))),
        "analyze": lambda: asker.analyze(
            AnalyzeAsk(Audience("far:silent"), (AnalyzeItem("1", "quality", SNIPPET),))
        ),
    }
    task = asyncio.create_task(work[kind]())
    await fake.until(fake.held)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await fake.until(fake.left)


@pytest.mark.parametrize(
    ("model", "kind"),
    [
        ("refuse401", errors.AuthError),
        ("limit429", errors.RateLimitError),
        ("boom500", errors.ProviderError),
        ("long400", errors.ContextError),
        ("html", errors.BadAnswerError),
        ("reset-early", errors.UnreachableError),
        ("half", errors.BadAnswerError),
        ("reset", errors.UnreachableError),
        ("stream-fault", errors.ProviderError),
        ("no-such", errors.UnknownModelError),
    ],
)
async def test_a_providers_error_arrives_as_itself(
    asker: CoreClient, model: str, kind: type[errors.ZekeError]
) -> None:
    for pieces in (asker.chat(chat(f"far:{model}")), asker.code(explain(f"far:{model}"))):
        async with contextlib.aclosing(pieces):
            with pytest.raises(kind) as caught:
                await collect(pieces)
        assert type(caught.value) is kind


async def test_a_bad_question_is_an_input_error(asker: CoreClient) -> None:
    with pytest.raises(errors.InputError, match="no code"):
        await collect(asker.code(CodeAsk(Audience(), "explain", Snippet("  "))))
    with pytest.raises(errors.InputError, match="too long"):
        await collect(asker.code(CodeAsk(Audience(), "explain", Snippet("x" * 2_000_000))))
