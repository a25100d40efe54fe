from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.provider import FakeProvider
from zeke_bridge.client.core import CoreClient
from zeke_bridge.config.ghostllm import GhostConfig
from zeke_bridge.core.assemble import build_core
from zeke_bridge.core.keys import KeyFile
from zeke_bridge.core.serving import serve_unix
from zeke_bridge.model import errors
from zeke_bridge.model.exchange import (
    AnalyzeAsk,
    AnalyzeItem,
    Answer,
    Audience,
    ChatAsk,
    CodeAsk,
    CompleteAsk,
    ContextAsk,
    Delta,
    Message,
    ModelInfo,
    Piece,
    Snippet,
    Suggestion,
    TerminalAsk,
    Tool,
    ToolCall,
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


def tool_chunk(**delta: Any) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": None}
    return {"id": "x", "object": "chat.completion.chunk", "created": 1, "choices": [choice]}


async def test_a_chat_may_want_tools_used(asker: CoreClient, fake: FakeProvider) -> None:
    begun = {"index": 0, "id": "call_1", "type": "function"}
    last = tool_chunk()
    last["choices"][0]["finish_reason"] = "tool_calls"
    fake.script.append(
        [
            tool_chunk(role="assistant", content="I look."),
            tool_chunk(tool_calls=[{**begun, "function": {"name": "read", "arguments": ""}}]),
            tool_chunk(tool_calls=[{"index": 0, "function": {"arguments": '{"path":'}}]),
            tool_chunk(tool_calls=[{"index": 0, "function": {"arguments": ' "a"}'}}]),
            last,
        ]
    )
    tool = Tool("read", "Read.", {"type": "object"})
    deltas, answer = await collect(asker.chat(chat(tools=(tool,), temperature=0.5)))
    assert deltas == ["I look."]
    assert answer.calls == (ToolCall("call_1", "read", '{"path": "a"}'),)
    assert answer.finish == "tool_calls"
    assert fake.requests[0]["tools"][0]["function"]["name"] == "read"
    assert fake.requests[0]["temperature"] == 0.5


async def test_a_core_without_any_provider_says_so(tmp_path: Path) -> None:
    core = build_core(GhostConfig((), {}), KeyFile(tmp_path / "auth.json"))
    served = await serve_unix(core.app, tmp_path / "core.sock")
    client = CoreClient(socket_path=tmp_path / "core.sock")
    with pytest.raises(errors.NoModelError, match="zeke model install"):
        await collect(client.chat(chat("auto")))
    await client.aclose()
    await served.aclose()
    await core.aclose()


async def test_code_is_deltas_and_one_answer(asker: CoreClient) -> None:
    deltas, answer = await collect(asker.code(explain()))
    assert "".join(deltas) == answer.text
    assert "def f()" in answer.text
    assert answer.receipt.provider == "far"
    ask = CodeAsk(Audience("far:echo"), "refactor", SNIPPET, "Go.")
    _, answer = await collect(asker.code(ask))
    assert answer.text.startswith("```python\n# changed by the fake\n")


async def test_tests_are_code_too(asker: CoreClient, fake: FakeProvider) -> None:
    fake.script.append("```python\ndef test_f(): ...\n```")
    _, answer = await collect(asker.code(CodeAsk(Audience("far:echo"), "test", SNIPPET)))
    assert answer.text == "```python\ndef test_f(): ...\n```"
    assert answer.receipt.route.task == "test"


async def test_a_completion_is_what_belongs_at_the_cursor(
    asker: CoreClient, fake: FakeProvider
) -> None:
    fake.script.append("```python\nreturn 1\n```")
    ask = CompleteAsk(Audience("far:echo"), "def f():\n    ", "\n", "a.py", "python", 50)
    deltas, answer = await collect(asker.complete(ask))
    assert deltas == ["return 1"]
    assert answer.text == "return 1"
    assert answer.receipt.route.task == "completion"


async def test_a_question_about_a_project_is_answered(
    asker: CoreClient, fake: FakeProvider
) -> None:
    fake.script.append("In a.py.")
    ask = ContextAsk(Audience("far:echo"), "Where is f?", "a.py", (SNIPPET,), "a1 Add f")
    _, answer = await collect(asker.context(ask))
    assert answer.text == "In a.py."
    assert "a1 Add f" in fake.requests[0]["messages"][-1]["content"]


async def test_a_suggestion_has_no_deltas_and_its_parts(
    asker: CoreClient, fake: FakeProvider
) -> None:
    fake.script.append('{"command": "rm a", "explanation": "It deletes.", "dangerous": false}')
    ask = TerminalAsk(Audience("far:echo"), "suggest", "delete a", shell="bash")
    deltas, answer = await collect(asker.terminal(ask))
    assert deltas == []
    assert answer.suggestion == Suggestion("rm a", "It deletes.", True)
    assert answer.text.startswith("```sh\nrm a\n```")


@pytest.mark.parametrize("task", ["explain", "debug"])
async def test_help_with_a_command_is_text(asker: CoreClient, task: str) -> None:
    ask = TerminalAsk(Audience("far:echo"), task, "tar xf a", "tar: no a", 2, history=("ls",))
    deltas, answer = await collect(asker.terminal(ask))
    assert "".join(deltas) == answer.text
    assert answer.suggestion is None
    assert answer.receipt.route.task == "terminal"


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


async def test_where_keys_come_from_and_no_key(asker: CoreClient) -> None:
    assert await asker.keys() == {"far": "not needed"}


async def test_the_figures_of_what_was_asked(asker: CoreClient) -> None:
    before = await asker.stats()
    assert (before.requests.today, before.routes) == (0, ())
    _, answer = await collect(asker.chat(chat()))
    after = await asker.stats()
    assert after.requests.today == 1
    assert [(one.model, one.status) for one in after.routes] == [("far:echo", "ok")]
    assert after.routes[0].request_id == answer.receipt.request_id
    assert [one.provider for one in after.providers] == ["far"]
    assert [hour.requests for hour in after.costs.by_hour][-2:] in ([0, 1], [1, 0])


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


@pytest.mark.parametrize(
    "kind", ["chat", "code", "complete", "context", "suggest", "debug", "analyze"]
)
async def test_cancelling_cancels_at_the_provider(
    asker: CoreClient, fake: FakeProvider, kind: str
) -> None:
    silent = Audience("far:silent")
    work: dict[str, Any] = {
        "chat": lambda: collect(asker.chat(chat("far:silent"))),
        "code": lambda: collect(asker.code(explain("far:silent"))),
        "complete": lambda: collect(asker.complete(CompleteAsk(silent, "x = "))),
        "context": lambda: collect(asker.context(ContextAsk(silent, "Why?", "a.py"))),
        "suggest": lambda: collect(asker.terminal(TerminalAsk(silent, "suggest", "list"))),
        "debug": lambda: collect(asker.terminal(TerminalAsk(silent, "debug", "make"))),
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
    with pytest.raises(errors.InputError, match="nothing to complete"):
        await collect(asker.complete(CompleteAsk(Audience(), " ")))
    with pytest.raises(errors.InputError, match="question is empty"):
        await collect(asker.context(ContextAsk(Audience(), " ", "a.py")))
    with pytest.raises(errors.InputError, match="should do"):
        await collect(asker.terminal(TerminalAsk(Audience(), "suggest", " ")))
    with pytest.raises(errors.InputError, match="too long"):
        await collect(asker.code(CodeAsk(Audience(), "explain", Snippet("x" * 2_000_000))))
