"""Maps from an editor become values, or a sentence."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.bridge import params
from zeke_bridge.model.errors import InputError
from zeke_bridge.model.task import Edit, Gap, Opened, Shell, TaskKind, Turn

BUFFER = {"text": "a\nb", "path": "/p/a.py", "start_line": 1, "end_line": 2, "changedtick": 3}


def _task(**more: Any) -> dict[str, Any]:
    return {"id": "1", "kind": "explain", "cwd": "/p", "buffer": BUFFER, **more}


def test_a_whole_task_is_read() -> None:
    task = params.task(_task(kind="analyze", kinds=["quality", "quality", "security"]))
    assert task.kind is TaskKind.ANALYZE
    assert task.kinds == ("quality", "security")
    assert task.buffer is not None
    assert task.buffer.text == "a\nb"
    assert task.buffer.final_eol


def test_what_is_open_is_read() -> None:
    opened = [{"path": "/p/a.py"}, {"path": "/p/b.py", "text": "", "language": "python"}]
    task = params.task(_task(kind="context", instruction="what?", opened=opened * 50))
    assert task.opened[:2] == (Opened("/p/a.py"), Opened("/p/b.py", "", "python"))
    assert len(task.opened) == params.MAX_OPENED


def test_help_with_a_shell_is_read() -> None:
    given = {"id": "1", "kind": "terminal", "cwd": "/p"}
    shell = {"job": "debug", "output": "failed", "name": "zsh", "system": "Linux"}
    task = params.task({**given, "shell": shell})
    assert task.shell == Shell("debug", "failed", "zsh", "Linux")
    assert params.task({**given, "shell": {"job": "suggest"}, "instruction": "x"}).shell
    assert params.task({**given, "shell": {"job": "debug"}, "buffer": BUFFER}).buffer
    assert params.task(_task(shell={"job": "debug"})).shell is None


def test_a_proposed_change_is_read() -> None:
    given = {"id": "1", "kind": "propose", "cwd": "/p", "text": "a\n"}
    assert params.task({**given, "path": "/p/a.py"}).path == "/p/a.py"
    task = params.task({**given, "buffer": {"text": "", "path": ""}, "instruction": " why "})
    assert (task.text, task.instruction, task.path) == ("a\n", "why", "")
    for wrong in ({"text": None}, {"path": ""}, {"path": "a.py"}):
        with pytest.raises(InputError):
            params.task({**given, "path": "/p/a.py", **wrong})


def test_what_is_said_about_a_change_is_read() -> None:
    mail = {"id": "1", "file": 2, "round": 1, "version": 3}
    assert params.said("edit.accept", {**mail, "hunks": [1, 3], "reason": " no \n"}) == {
        "file": 2,
        "round": 1,
        "version": 3,
        "hunks": (1, 3),
        "reason": "no",
    }
    assert params.said("edit.accept", {"id": "1", "hunks": None, "reason": None}) == {
        "hunks": None,
        "reason": "",
    }
    assert params.said("edit.ready", {"fits": True}) == {
        "reason": "",
        "fits": True,
        "modified": False,
    }
    assert params.said("edit.rebase", {"buffer": BUFFER})["buffer"].changedtick == 3
    assert "buffer" not in params.said("edit.text", {"buffer": None})
    assert params.said("edit.text", {"buffer": BUFFER})["buffer"].text == "a\nb"


@pytest.mark.parametrize(
    ("method", "wrong"),
    [
        ("edit.accept", {"file": "1"}),
        ("edit.accept", {"hunks": [True]}),
        ("edit.accept", {"hunks": "all"}),
        ("edit.reject", {"reason": 3}),
        ("edit.reject", {"reason": "\udcff"}),
        ("edit.ready", {"fits": "yes"}),
        ("edit.rebase", {}),
        ("edit.text", {"buffer": {"text": 1}}),
    ],
)
def test_what_makes_no_sense_about_a_change_is_refused(method: str, wrong: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        params.said(method, {"id": "1", **wrong})


def test_a_conversation_is_read() -> None:
    turns = [{"role": "user", "content": "hi"}]
    task = params.task({"id": "1", "kind": "chat", "cwd": "/", "messages": turns})
    assert task.messages == (Turn("user", "hi"),)


def test_places_of_a_text_that_was_seen_are_read() -> None:
    edits = [{"first": 2, "last": 1, "lines": ["x"]}]
    task = params.task(_task(kind="propose", base="a\n", edits=edits))
    assert (task.base, task.edits, task.text) == ("a\n", (Edit(2, 1, ("x",)),), None)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"kind": "explode"}, "no task called explode"),
        ({"kind": "edit"}, "Say what to do"),
        ({"kind": "edit", "instruction": "   "}, "Say what to do"),
        ({"kind": "edit", "instruction": "x" * 20_000}, "shorten"),
        ({"kind": "analyze"}, "Name what to analyze"),
        ({"kind": "analyze", "kinds": ["beauty"]}, "no analysis beauty"),
        ({"kind": "chat"}, "no question"),
        ({"kind": "chat", "messages": ["hi"]}, "table with role"),
        ({"kind": "chat", "messages": [{"role": "king", "content": "x"}]}, "no role king"),
        ({"buffer": {**BUFFER, "text": "  \n "}}, "empty"),
        ({"buffer": {**BUFFER, "text": "\udcff"}}, "not UTF-8"),
        ({"buffer": {**BUFFER, "start_line": 9}}, "no line range 9,2"),
        ({"buffer": {**BUFFER, "start_line": 0}}, "no line range"),
        ({"buffer": {**BUFFER, "eol": "x"}}, "line endings"),
        ({"buffer": {**BUFFER, "changedtick": True}}, "changedtick"),
        ({"buffer": 5}, "buffer"),
        ({"kind": "test", "buffer": {**BUFFER, "text": " "}}, "empty"),
        ({"kind": "refactor"}, "Say what to refactor"),
        ({"kind": "context"}, "Ask something about the project"),
        ({"kind": "context", "instruction": "x", "opened": ["a"]}, "table with path"),
        ({"kind": "context", "instruction": "x", "opened": [{"path": "a"}]}, "absolute"),
        ({"kind": "terminal"}, "shell"),
        ({"kind": "terminal", "shell": {"job": "run"}}, "no help called run"),
        ({"kind": "terminal", "shell": {"job": "suggest"}}, "ZekeTerminal"),
        ({"kind": "terminal", "shell": {"job": "explain", "output": "x"}}, "ZekeTerminal"),
        ({"kind": "terminal", "shell": {"job": "debug", "output": "x" * 300_000}}, "256 KiB"),
        ({"kind": "propose"}, "needs its text"),
        ({"kind": "propose", "edits": ["x"]}, "table with first"),
        ({"kind": "propose", "edits": [{"first": 3, "last": 1, "lines": []}]}, "no line range 3,1"),
        ({"kind": "propose", "edits": [{"first": 1, "last": 1, "lines": [1]}]}, "list of strings"),
        ({"kind": "propose", "text": "x", "base": 5}, "base"),
        ({"id": 5}, "id"),
        ({"cwd": None}, "cwd"),
    ],
)
def test_a_wrong_field_is_named(wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError, match=says):
        params.task(_task(**wrong))


def test_one_table_is_wanted() -> None:
    assert params.table([[]]) == {}
    for given_params in ([], [{}, {}], ["x"], [[1]]):
        with pytest.raises(InputError):
            params.table(given_params)


@given(
    st.dictionaries(
        st.sampled_from(["id", "kind", "cwd", "buffer", "instruction", "kinds", "messages"]),
        st.none()
        | st.booleans()
        | st.integers()
        | st.text(max_size=8)
        | st.lists(st.integers() | st.text(max_size=4), max_size=3)
        | st.dictionaries(st.text(max_size=8), st.integers() | st.text(max_size=4), max_size=3),
    )
)
def test_nothing_but_an_input_error_comes_of_anything(given_params: dict[str, Any]) -> None:
    try:
        params.task(given_params)
    except InputError as error:
        assert error.message


def _gap(**more: Any) -> dict[str, Any]:
    buffer = {"text": "", "path": "/p/a.py"}
    return {"id": "1", "kind": "complete", "cwd": "/p", "buffer": buffer, "prefix": "a", **more}


def test_the_text_around_the_cursor_is_read() -> None:
    task = params.task(_gap(suffix="b", max_lines=2, alternative=1))
    assert task.gap == Gap("a", "b", 2, 1)
    assert params.task(_gap()).gap == Gap("a")
    assert params.task(_task()).gap is None


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"prefix": None}, "prefix"),
        ({"prefix": "x" * 65_537}, "over 64 KiB"),
        ({"suffix": 1}, "suffix"),
        ({"max_lines": -1}, "max_lines"),
        ({"alternative": 101}, "alternatives"),
        ({"buffer": None}, "buffer"),
    ],
)
def test_wrong_text_around_the_cursor_is_refused(more: dict[str, Any], sentence: str) -> None:
    given = {name: value for name, value in _gap(**more).items() if value is not None}
    with pytest.raises(InputError, match=sentence):
        params.task(given)
