"""The tools at work: what is done in which order, and what the model and the person hear of it."""

from __future__ import annotations

import asyncio
import json

import pytest

from tests.agents.loop.conftest import APP, Scene, call, check, says
from tests.fakes.effects import FakeProgram
from zeke_bridge.agents.effects import Ended
from zeke_bridge.agents.loop.kit import ForeignTool
from zeke_bridge.agents.loop.tool import Rewritten
from zeke_bridge.model.errors import PatchError, ProcessError
from zeke_bridge.model.exchange import Receipt, ToolCall

pytestmark = pytest.mark.anyio

EDIT = {"old_text": "return sum(xs)", "new_text": "return 0"}


async def test_reads_run_side_by_side(scene: Scene) -> None:
    calls = [call("read_file", path=path) for path in ("app.py", "./src/box.py", "gone.py")]
    await scene.turn("Go.", says("", *calls), says("Done."))
    assert scene.effects.most_at_once == 3
    assert scene.results() == [
        f"app.py, 2 lines:\n{APP}",
        "src/box.py, 2 lines:\nclass Box:\n    size = 1\n",
        "There is no file gone.py.",
    ]
    check(scene.messages)


async def test_writes_of_one_answer_are_one(scene: Scene) -> None:
    calls = [
        call("edit_file", path="app.py", edits=[EDIT]),
        call("create_file", path="new/a.py", text="a = 1"),
        call("edit_file", path="app.py", edits=[{"old_text": "return 0", "new_text": "return 1"}]),
        call("edit_file", path="app.py", edits=[EDIT]),
        call("run_command", argv=["python", "-c", "print(open('app.py').read())"]),
    ]
    await scene.turn("Go.", says("", *calls), says("Done."))
    assert scene.effects.writes == [["app.py", "new/a.py"]]
    assert (scene.effects.root / "new/a.py").read_text() == "a = 1\n"
    one, two, three, four, five = scene.results()
    assert one == three == "app.py is written, 2 lines added, 0 removed."
    assert two == "new/a.py is written, 1 line added, 0 removed."
    assert "does not stand in the file" in four
    # Commands come last, so that they see what was written.
    assert "return 1" in five
    check(scene.messages)


@pytest.mark.parametrize(
    ("state", "words", "status"),
    [
        ("partly", "app.py is partly written", "completed"),
        ("rejected", "the person rejected it. The person says: not like this.", "failed"),
        ("denied", "app.py is not written: it was denied", "failed"),
        ("same", "app.py holds this text already", "completed"),
    ],
)
async def test_the_model_hears_what_became_of_a_write(
    scene: Scene, state: str, words: str, status: str
) -> None:
    scene.effects.states["app.py"] = state  # type: ignore[assignment]
    await scene.turn("Go.", says("", call("edit_file", path="app.py", edits=[EDIT])), says("Ok."))
    assert words in scene.results()[0]
    assert scene.statuses() == ["pending", "in_progress", status]
    assert scene.refused() == ([] if state == "same" else [state])


async def test_what_may_not_be_is_told_and_nothing_is_done(scene: Scene) -> None:
    scene.effects.denied = {"read", "write", "start", "names", "search"}
    calls = [
        call("read_file", path="app.py"),
        call("create_file", path="a.py", text="x"),
        call("run_command", command="ls"),
        call("list_files"),
        call("search", pattern="x"),
    ]
    await scene.turn("Go.", says("", *calls), says("Ok."))
    assert scene.results() == [
        "The person denied read.",
        "Nothing was written: The person denied write.",
        "The person denied start.",
        "The person denied names.",
        "The person denied search.",
    ]
    assert not (scene.effects.root / "a.py").exists()
    assert scene.statuses().count("failed") == 5
    assert scene.refused() == ["denied"] * 5


async def test_what_breaks_is_not_told_as_refused(scene: Scene) -> None:
    calls = [call("read_file", path="gone.py"), call("no_such_tool")]
    await scene.turn("Go.", says("", *calls), says("Ok."))
    assert scene.statuses().count("failed") == 2
    assert scene.refused() == []


async def test_a_call_that_makes_no_sense_says_why(scene: Scene) -> None:
    calls = [ToolCall("", "edit_file", '{"path": '), call("bogus")]
    await scene.turn("Go.", says("", *calls), says("Ok."))
    ended = [one for one in scene.heard.updates if one.get("status") == "failed"]
    shown = [one["content"][0]["content"]["text"] for one in ended]  # type: ignore[index]
    assert shown == scene.results()
    assert shown[0].startswith("The arguments are not JSON that can be read")
    assert shown[1].startswith("There is no tool 'bogus'")


async def test_a_stop_keeps_what_was_accepted_and_tells_it(scene: Scene) -> None:
    scene.effects.waiting = {"b.py"}
    calls = [
        call("create_file", path="a.py", text="a"),
        call("create_file", path="b.py", text="b"),
        call("run_command", argv=["true"]),
    ]
    work = asyncio.create_task(scene.turn("Go.", says("", *calls)))
    await scene.effects.reached.wait()
    # It is told while the other one is undecided.
    assert scene.statuses()[-1] == "completed"
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    assert work.cancelled()
    assert scene.results() == [
        "a.py is written, 1 line added, 0 removed.",
        "b.py is not written. Nobody decided on it.",
        "Stopped by the person before it began: nothing of it was done.",
    ]
    assert scene.refused() == ["undecided"]
    check(scene.messages)


async def test_a_new_file_is_new(scene: Scene) -> None:
    calls = [call("create_file", path=path, text="x") for path in ("app.py", "b.py", "b.py", "")]
    await scene.turn("Go.", says("", *calls), says("Ok."))
    exists, made, twice, empty = scene.results()
    assert exists == "app.py exists already: use edit_file to change it."
    assert made.startswith("b.py is written")
    assert "exists already" in twice
    assert "at path: ''" in empty
    assert (scene.effects.root / "app.py").read_text() == APP


async def test_lines_of_a_file_and_files_of_a_directory(scene: Scene) -> None:
    await scene.turn(
        "Go.",
        says(
            "",
            call("read_file", path="app.py", first_line=2, last_line=9),
            call("read_file", path="app.py", first_line=3),
            call("list_files", path="src"),
            call("list_files"),
            call("search", pattern="class|def", path=""),
            call("search", pattern="nowhere to be"),
        ),
        says("Ok."),
    )
    assert scene.results() == [
        "app.py, lines 2 to 2 of 2:\n    return sum(xs)\n",
        "There are no lines 3 to 2: app.py has 2 lines.",
        "1 files below src:\nsrc/box.py",
        "2 files:\napp.py\nsrc/box.py",
        "2 lines in 2 files:\napp.py:1: def total(xs):\nsrc/box.py:1: class Box:",
        "No line matches.",
    ]


async def test_only_a_line_feed_ends_a_line(scene: Scene) -> None:
    (scene.effects.root / "odd.c").write_bytes("1\n\f\x0b\x85\u2028two\n3".encode())
    asks = [call("read_file", path="odd.c", first_line=at, last_line=at) for at in (1, 2, 3)]
    await scene.turn("Go.", says("", *asks), says("Ok."))
    texts = [result.partition(":\n") for result in scene.results()]
    assert [head for head, _, _ in texts] == [f"odd.c, lines {n} to {n} of 3" for n in (1, 2, 3)]
    assert [text for _, _, text in texts] == ["1\n", "\f\x0b\x85\u2028two\n", "3"]


async def test_what_is_not_saved_is_said_beside_what_is_on_disk(scene: Scene) -> None:
    scene.effects.not_saved = "Not saved: app.py."
    asks = [call("search", pattern="nowhere to be"), call("search", pattern="class")]
    await scene.turn("Go.", says("", *asks, call("git_diff")), says("Ok."))
    assert scene.results() == [
        "No line matches.\nNot saved: app.py.",
        "1 line in 1 file:\nsrc/box.py:1: class Box:\nNot saved: app.py.",
        "Nothing is changed.\nNot saved: app.py.",
    ]


async def test_what_the_editor_and_git_say(scene: Scene) -> None:
    asks = [call(name) for name in ("diagnostics", "git_diff", "git_log")]
    await scene.turn("Go.", says("", *asks), says("Ok."))
    scene.effects.said = "app.py:1: error"
    await scene.turn("Go.", says("", *asks), says("Ok."))
    assert scene.results() == [
        "There are no diagnostics.",
        "Nothing is changed.",
        "There are no commits.",
        *["app.py:1: error"] * 3,
    ]


async def test_a_command_is_shown_live_and_its_end_told(scene: Scene) -> None:
    program = FakeProgram("term-9", "out\n" * 3, None, ended=Ended(None, "SIGKILL"), truncated=True)
    late = FakeProgram("term-8", "", None, ended=Ended(None, None, timed_out=True))
    scene.effects.programs = {"one": program, "two": late}
    await scene.turn(
        "Go.",
        says("", call("run_command", argv=["one"]), call("run_command", command="two 'a b'")),
        says("Ok."),
    )
    assert scene.results() == [
        "It was ended by SIGKILL. The start of its output is left out. Its output:\nout\nout\nout",
        "It was ended after 10 minutes: nothing here may take longer. It printed nothing.",
    ]
    assert program.released
    shown = [one["content"] for one in scene.heard.of("tool_call_update") if "content" in one]
    assert shown == [[{"type": "terminal", "terminalId": f"term-{n}"}] for n in (9, 8)]
    assert [about for what, about in scene.effects.asked if what == "start"] == [
        ("one",),
        ("two", "a b"),
    ]


@pytest.mark.parametrize(
    ("line", "argv"),
    [
        ("pytest -q tests", ("pytest", "-q", "tests")),
        ("ls | wc", ("sh", "-c", "ls | wc")),
        ("A=1 make", ("sh", "-c", "A=1 make")),
        ("rm *.py", ("sh", "-c", "rm *.py")),
        ("echo $HOME", ("sh", "-c", "echo $HOME")),
    ],
)
async def test_a_shell_is_asked_for_only_where_it_is_needed(
    scene: Scene, line: str, argv: tuple[str, ...]
) -> None:
    scene.effects.denied = {"start"}
    await scene.turn("Go.", says("", call("run_command", command=line)), says("Ok."))
    assert scene.effects.asked == [("start", argv)]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "either argv or command"),
        ({"argv": ["a"], "command": "a"}, "either argv or command"),
        ({"command": "a 'b"}, "close its quotes"),
        ({"command": " "}, "is empty"),
        ({"argv": []}, "at argv"),
    ],
)
async def test_a_command_that_is_none(scene: Scene, given: dict[str, object], words: str) -> None:
    await scene.turn("Go.", says("", call("run_command", **given)), says("Ok."))
    assert words in scene.results()[0]
    assert scene.effects.asked == []


async def test_a_malformed_call_loses_nothing(scene: Scene) -> None:
    calls = [
        ToolCall("same", "read_file", '{"path": "app.py"'),
        ToolCall("same", "fly\u202e", "[1]"),
        ToolCall("", "read_file", '{"path": "app.py"}'),
        ToolCall("x" * 65, "list_files", ""),
    ]
    await scene.turn("Go.", says("I look.", *calls), says("Ok."))
    broken, unknown, fine, listed = scene.results()
    assert "not JSON" in broken
    assert "There is no tool" in unknown
    assert "run_command" in unknown
    assert fine.startswith("app.py, 2 lines")
    assert listed.startswith("2 files")
    titles = [one["title"] for one in scene.heard.of("tool_call")]
    assert titles == ["Use read_file", "Use fly\\u{202e}", "Read app.py", "List files"]
    check(scene.messages)


async def test_too_many_calls_at_once(scene: Scene) -> None:
    calls = [call("read_file", path="app.py") for _ in range(40)]
    await scene.turn("Go.", says("", *calls), says("Ok."))
    assert sum("Too many calls" in one for one in scene.results()) == 8
    check(scene.messages)


async def test_what_the_person_is_shown(scene: Scene) -> None:
    scene.effects.denied = {"names"}
    root = scene.effects.root
    await scene.turn("Go.", says("", call("edit_file", path="app.py", edits=[EDIT])), says("Ok."))
    first, begun, diff, last = scene.heard.updates[:4]
    ident = first["toolCallId"]
    assert first == {
        "sessionUpdate": "tool_call",
        "toolCallId": ident,
        "title": "Edit app.py",
        "kind": "edit",
        "status": "pending",
        "locations": [{"path": f"{root}/app.py"}],
        "rawInput": {"path": "app.py", "edits": [EDIT]},
    }
    update = {"sessionUpdate": "tool_call_update", "toolCallId": ident}
    assert begun == {**update, "status": "in_progress"}
    new = APP.replace("sum(xs)", "0")
    content = {"type": "diff", "path": f"{root}/app.py", "oldText": APP, "newText": new}
    assert diff == {**update, "content": [content]}
    assert last == {**update, "status": "completed"}


async def test_titles_are_escaped_and_short(scene: Scene) -> None:
    scene.effects.denied = {"start"}
    calls = [
        call("run_command", argv=["echo", "a\nb\u202e"]),
        call("search", pattern="x" * 500),
        call("read_file", path="app.py", first_line=2),
    ]
    await scene.turn("Go.", says("", *calls), says("Ok."))
    run, search, read = (str(one["title"]) for one in scene.heard.of("tool_call"))
    assert run == "Run echo 'a\\u{a}b\\u{202e}'"
    assert "more)…" in search
    assert len(search) < 150
    assert read == "Read app.py (lines 2 to the end)"


async def test_a_plan_is_shown(scene: Scene) -> None:
    entries = [
        {"content": "look\n\u202eup", "status": "completed", "priority": "high"},
        {"content": "write", "status": "pending"},
    ]
    await scene.turn("Go.", says("", call("update_plan", entries=entries)), says("Ok."))
    [plan] = scene.heard.of("plan")
    assert plan["entries"] == [
        {"content": "look\\u{a}\\u{202e}up", "priority": "high", "status": "completed"},
        {"content": "write", "priority": "medium", "status": "pending"},
    ]
    assert scene.results() == ["The plan is shown: 1 of 2 steps are done."]


async def test_tools_of_others(scene: Scene) -> None:
    given: list[object] = []

    async def answer(arguments: object) -> str:
        given.append(arguments)
        if len(given) > 1:
            raise ProcessError("The server is gone.")
        return "x" * 100_000

    schema = {"type": "object", "$ref": "http://nobody.invalid/schema"}
    more = [
        ForeignTool("db-query", "Ask it.", schema, answer),
        ForeignTool("read_file", "Another one.", schema, answer),
        ForeignTool("no good", "Odd.", schema, answer),
    ]
    calls = [call("db-query", q=1), call("db-query", q=2), ToolCall("", "db-query", "no")]
    await scene.turn("Go.", says("", *calls), says("Ok."), more=more)
    asked = {tool.name: tool for tool in scene.model.asked[0].tools}
    assert asked["db-query"].parameters == schema
    assert "no good" not in asked
    assert asked["read_file"].description.startswith("Read a text file")
    one, two, three = scene.results()
    assert "characters left out" in one
    assert two == "The server is gone."
    assert "not JSON" in three
    assert given == [{"q": 1}, {"q": 2}]


async def test_a_file_is_changed_by_instruction(scene: Scene) -> None:
    async def rewrite(path: str, text: str, instruction: str) -> Rewritten:
        if instruction == "fail":
            raise PatchError("The model changed nothing.")
        return Rewritten(f"# {path}: {instruction}\n{text}", Receipt())

    steps = [
        says(
            json.dumps({"tool": "edit_file", "arguments": {"path": "app.py", "instruction": words}})
        )
        for words in ("fail", "better")
    ]
    done = says('{"tool": "answer", "arguments": {"text": "Done."}}')
    stop = await scene.turn("Go.", *steps, done, rewrite=rewrite, toolless={"auto"})
    assert stop.reason == "end_turn"
    assert scene.results()[0] == "The model changed nothing."
    assert (scene.effects.root / "app.py").read_text() == f"# app.py: better\n{APP}"
    assert scene.effects.writes == [["app.py"]]
