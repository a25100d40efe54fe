"""A turn from its first question to its end, in each way that it can end."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.agents.loop.conftest import APP, Model, Scene, call, check, says
from tests.fakes.effects import FakeEffects, FakeProgram, Heard
from zeke_bridge.agents.loop.limits import Limits
from zeke_bridge.agents.loop.round import STOPPED, UNBEGUN
from zeke_bridge.agents.loop.turn import NO_ANSWER
from zeke_bridge.model.errors import (
    BadAnswerError,
    ContextError,
    CostLimitError,
    FilteredError,
    NoModelError,
    RefusedError,
    UnableError,
    UnreachableError,
)
from zeke_bridge.model.exchange import Answer, Cost, Message, ToolCall

pytestmark = pytest.mark.anyio

READ = call("read_file", path="app.py")


def step(tool: str, **given: Any) -> Answer:
    return says(json.dumps({"tool": tool, "arguments": given}))


async def test_text_is_streamed_and_tools_are_used_until_it_is_done(scene: Scene) -> None:
    stop = await scene.turn("Go.", says("I look.", READ), says("It sums.", tokens=20))
    assert stop.reason == "end_turn"
    assert stop.receipt is not None
    assert stop.receipt.usage.total_tokens == 30
    kinds = [one["sessionUpdate"] for one in scene.heard.updates]
    assert kinds[:3] == ["agent_message_chunk", "agent_message_chunk", "tool_call"]
    assert scene.heard.text() == "I look.It sums."
    assert [turn.role for turn in scene.messages] == ["user", "assistant", "tool", "assistant"]
    first, second = scene.model.asked
    assert first.messages[0].role == "system"
    assert "never an instruction" in first.messages[0].content
    assert [tool.name for tool in first.tools][:3] == ["read_file", "list_files", "search"]
    assert second.messages[1:] == tuple(scene.messages[:3])


async def test_ids_of_a_provider_are_kept_and_never_used_twice(scene: Scene) -> None:
    one, two = ToolCall("c1", *("read_file", READ.arguments)), call("list_files", id="c1")
    await scene.turn("Go.", says("", one), says("", two), says("Ok."))
    first, second = (turn.calls[0].id for turn in scene.messages if turn.calls)
    assert first == "c1"
    assert second != "c1"
    check(scene.messages)


@pytest.mark.parametrize(
    ("limits", "cost", "reason", "words"),
    [
        (Limits(steps=2), Cost(), "max_turn_requests", "after 2 steps"),
        (Limits(tokens=20), Cost(), "max_tokens", "after 20 tokens"),
        (Limits(cost=0.5), Cost(0, 0.25, 0.25), "max_tokens", "after $0.50"),
    ],
)
async def test_a_limit_ends_it_after_what_was_paid_for(
    scene: Scene, limits: Limits, cost: Cost, reason: str, words: str
) -> None:
    script = [says("", call("search", pattern=f"x{n}"), cost=cost) for n in range(9)]
    stop = await scene.turn("Go.", *script, limits=limits)
    assert stop.reason == reason
    assert words in scene.heard.text()
    assert len(scene.results()) == 2
    assert words in scene.messages[-1].content
    check(scene.messages)


@pytest.mark.parametrize(
    ("last", "reason", "words"),
    [
        (says("Half an", finish="length"), "max_tokens", "ran out of room"),
        (says("No", finish="content_filter"), "refusal", "content filter"),
        (says("  "), "end_turn", "said nothing"),
        (FilteredError("It was refused."), "refusal", "It was refused."),
    ],
)
async def test_an_answer_that_is_none_ends_with_a_sentence(
    scene: Scene, last: Answer | Exception, reason: str, words: str
) -> None:
    stop = await scene.turn("Go.", last)
    assert stop.reason == reason
    assert words in scene.heard.text()
    assert words in scene.messages[-1].content


async def test_the_same_failure_three_times_ends_it(scene: Scene) -> None:
    wrong = says("", call("read_file", path="gone"))
    stop = await scene.turn("Go.", *[wrong] * 9)
    assert stop.reason == "end_turn"
    assert "used read_file 3 times" in scene.heard.text()
    assert len(scene.model.asked) == 3
    check(scene.messages)


async def test_what_changes_may_be_looked_at_again(scene: Scene) -> None:
    effects = scene.effects
    edits = [("sum(xs)", "1"), ("1", "2"), ("2", "3")]
    script: list[Answer] = []
    for old, new in edits:
        edit = call("edit_file", path="app.py", edits=[{"old_text": old, "new_text": new}])
        script += [says("", READ), says("", edit)]
    stop = await scene.turn("Go.", *script, says("Done."))
    assert stop.reason == "end_turn"
    assert (effects.root / "app.py").read_text() == APP.replace("sum(xs)", "3")


async def test_what_cannot_be_asked_is_an_error_and_the_conversation_can_go_on(
    scene: Scene,
) -> None:
    for error in (UnreachableError("No."), BadAnswerError("Odd."), CostLimitError("No money.")):
        again = [error] if isinstance(error, CostLimitError) else []
        with pytest.raises(type(error)):
            await scene.turn("Go.", error, *again)
        assert scene.messages[-1] == Message("assistant", NO_ANSWER)
        check(scene.messages)
    with pytest.raises(UnreachableError):
        await scene.turn("Go.", says("", READ), UnreachableError("No."))
    assert scene.messages[-1].role == "tool"
    check(scene.messages)
    assert (await scene.turn("Go.", says("Yes."))).reason == "end_turn"


async def test_a_full_context_is_made_room_in(scene: Scene) -> None:
    (scene.effects.root / "long.txt").write_text("a line of text\n" * 1500)
    long = call("read_file", path="long.txt")
    full = ContextError("Too long.")
    await scene.turn("Go.", says("", long), says("", READ), full, says("Ok."))
    assert "was shortened to make room" in scene.results()[0]
    assert scene.heard.text("agent_thought_chunk") == "Older results are shortened to make room.\n"
    assert scene.messages[0].content == "Go."
    check(scene.messages)
    with pytest.raises(ContextError):
        await scene.turn("x" * 100_000, *[full] * 9)


async def test_a_model_without_tools_goes_step_by_step(scene: Scene) -> None:
    toolless: set[str] = set()
    stop = await scene.turn(
        "Look.",
        UnableError("local:m does not call tools."),
        step("read_file", path="app.py"),
        step("answer", text="It sums."),
        toolless=toolless,
    )
    assert stop.reason == "end_turn"
    assert toolless == {"auto"}
    assert scene.heard.text() == "It sums."
    assert scene.messages[-1] == Message("assistant", "It sums.")
    check(scene.messages)
    _, first, second = scene.model.asked
    assert first.temperature == 0.0
    assert not first.tools
    assert first.schema is not None
    steps = {one["properties"]["tool"]["const"]: one for one in first.schema["anyOf"]}
    path = steps["read_file"]["properties"]["arguments"]["properties"]["path"]
    assert path == {"enum": ["app.py", "src/box.py"]}
    assert "answer" in steps
    wish = "This project's files: app.py, src/box.py\n\nLook."
    assert first.messages[-1] == Message("user", wish)
    assert json.loads(second.messages[-2].content) == {
        "tool": "read_file",
        "arguments": {"path": "app.py"},
    }
    assert second.messages[-1].content.startswith("Result of read_file: app.py, 2 lines")
    assert {turn.role for turn in second.messages} == {"system", "user", "assistant"}


async def test_which_errors_are_remembered(scene: Scene) -> None:
    for error, kept in (
        (RefusedError("No tools."), True),
        (NoModelError("All rest."), False),
        (CostLimitError("No money."), False),
    ):
        toolless: set[str] = set()
        await scene.turn("Go.", error, step("answer", text="Ok."), toolless=toolless)
        assert bool(toolless) is kept
    with pytest.raises(NoModelError, match="second"):
        await scene.turn("Go.", NoModelError("first"), NoModelError("second"))


async def test_a_file_that_was_changed_is_not_offered_again_at_once(scene: Scene) -> None:
    edit = [{"old_text": "sum(xs)", "new_text": "0"}]

    def offered(at: int) -> list[str]:
        shape = scene.model.asked[at].schema or {}
        steps = {one["properties"]["tool"]["const"]: one for one in shape["anyOf"]}
        edit_step = steps.get("edit_file")
        if edit_step is None:
            return []
        names: list[str] = edit_step["properties"]["arguments"]["properties"]["path"]["enum"]
        return names

    await scene.turn(
        "Go.",
        step("edit_file", path="app.py", edits=edit),
        step("read_file", path="app.py"),
        step("answer", text="Ok."),
        toolless={"auto"},
    )
    assert offered(0) == offered(2) == ["app.py", "src/box.py"]
    assert offered(1) == ["src/box.py"]


async def test_a_large_project_names_what_was_spoken_of(scene: Scene) -> None:
    for number in range(100):
        (scene.effects.root / f"a{number:03}.txt").write_text("")
    await scene.turn("See src/box.py and a099.txt", step("answer", text="Ok."), toolless={"auto"})
    said = scene.model.asked[0].messages[-1].content
    assert said.startswith("This project's files: a099.txt, src/box.py, a000.txt")
    assert " and 42 more\n\n" in said


async def test_an_empty_project_offers_no_files(scene: Scene) -> None:
    scene.effects.denied = {"names"}
    await scene.turn("Go.", step("answer", text="Ok."), toolless={"auto"})
    shape = scene.model.asked[0].schema or {}
    names = {one["properties"]["tool"]["const"] for one in shape["anyOf"]}
    assert "edit_file" not in names
    assert "create_file" in names


@pytest.mark.parametrize(
    "raw", ["{", "[]", '{"tool": "answer"}', '{"tool": 1, "arguments": 2}', "x"]
)
async def test_a_step_that_is_none_is_told(scene: Scene, raw: str) -> None:
    stop = await scene.turn("Go.", says(raw), step("answer", text="Ok."), toolless={"auto"})
    assert stop.reason == "end_turn"
    assert len(scene.results()) == 1
    check(scene.messages)


async def test_a_plain_chat_just_answers(scene: Scene) -> None:
    manner = Message("system", "Be brief.")
    scene.messages.append(manner)
    await scene.turn("Hi", UnableError("No tools."), says("Hello."), plain=True)
    ask = scene.model.asked[1]
    assert not ask.tools
    assert ask.schema is None
    assert ask.messages == (manner, Message("user", "Hi"))
    assert scene.heard.text() == "Hello."


async def until(work: asyncio.Task[Any], event: asyncio.Event) -> None:
    """Wait for ``event`` within ``work``, and cancel it then."""
    async with asyncio.timeout(20):
        await event.wait()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work


async def test_cancelled_while_it_speaks(scene: Scene) -> None:
    work = asyncio.create_task(scene.turn("Go.", "Half of"))
    await until(work, scene.model.hangs)
    assert scene.messages[-1] == Message("assistant", "Half of")
    work = asyncio.create_task(scene.turn("Go.", ""))
    scene.model.hangs.clear()
    await until(work, scene.model.hangs)
    assert scene.messages[-1] == Message("assistant", NO_ANSWER)
    check(scene.messages)


async def test_cancelled_while_a_review_waits_keeps_what_was_read(scene: Scene) -> None:
    scene.effects.holds = {"write"}
    calls = [
        READ,
        call("create_file", path="b.py", text="x"),
        call("run_command", command="ls"),
    ]
    work = asyncio.create_task(scene.turn("Go.", says("", *calls)))
    await until(work, scene.effects.reached)
    assert scene.results() == [f"app.py, 2 lines:\n{APP}", STOPPED, UNBEGUN]
    check(scene.messages)
    last = {
        one["toolCallId"]: one["status"]
        for one in scene.heard.of("tool_call_update")
        if "status" in one
    }
    assert list(last.values()) == ["completed", "failed", "failed"]
    await scene.turn("Go on.", says("Ok."))
    check(scene.messages)


async def test_cancelled_while_a_command_runs_ends_it(scene: Scene) -> None:
    program = FakeProgram("t", "", None, held=True)
    scene.effects.programs = {"sleep": program}
    work = asyncio.create_task(scene.turn("Go.", says("", call("run_command", command="sleep 9"))))
    async with asyncio.timeout(20):
        while not scene.heard.of("tool_call_update")[1:]:
            await asyncio.sleep(0)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert program.released
    assert scene.results() == [STOPPED]


CALLS = st.builds(
    ToolCall,
    st.sampled_from(["", "a", "b", "c\n"]),
    st.sampled_from(
        ["read_file", "edit_file", "create_file", "run_command", "update_plan", "fly", ""]
    ),
    st.sampled_from(
        [
            "",
            "{",
            '{"path": "app.py"}',
            '{"path": "n.py", "text": ""}',
            '{"path": "app.py", "edits": [{"old_text": "xs", "new_text": "y"}]}',
            '{"command": "no"}',
            '{"entries": []}',
        ]
    ),
)
ANSWERS = st.lists(
    st.builds(
        lambda text, calls: says(text, *calls), st.sampled_from(["", "Hm."]), st.lists(CALLS)
    ),
    max_size=4,
)


@settings(max_examples=60)
@given(ANSWERS, st.sampled_from([None, ContextError("x"), UnreachableError("x"), "cut"]))
def test_whatever_comes_the_conversation_is_valid(
    tmp_path_factory: pytest.TempPathFactory, script: list[Answer], last: Exception | str | None
) -> None:
    root: Path = tmp_path_factory.mktemp("any")
    (root / "app.py").write_text(APP)
    scene = Scene(FakeEffects(root, denied={"start"}), Heard(), Model(), [])

    async def run() -> None:
        end: list[Any] = [last] * 5 if isinstance(last, Exception) else [says("Ok.")] * 5
        if last == "cut":
            work = asyncio.create_task(scene.turn("Go.", *script, "cut"))
            await asyncio.wait(
                {work, asyncio.create_task(scene.model.hangs.wait())}, return_when="FIRST_COMPLETED"
            )
            work.cancel()
            await asyncio.wait({work})
        else:
            await asyncio.wait({asyncio.create_task(scene.turn("Go.", *script, *end))})

    asyncio.run(run())
    check(scene.messages)
