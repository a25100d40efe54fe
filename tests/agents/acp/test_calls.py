"""What a permission request declares, and which changes are reported."""

from __future__ import annotations

from typing import Any

import pytest

from zeke_bridge.agents.acp import calls as calls_module
from zeke_bridge.agents.acp.calls import Calls, Change, words

DIFF = {"type": "diff", "path": "/p/a", "oldText": "a\n", "newText": "b\nc\n"}


def call(**more: Any) -> dict[str, Any]:
    return {"sessionUpdate": "tool_call", "toolCallId": "c", "title": "t", **more}


@pytest.mark.parametrize(
    ("raw", "argv", "cwd"),
    [
        ({"command": "ls"}, ("ls",), ""),
        ({"command": "ls -la"}, ("sh", "-c", "ls -la"), ""),
        ({"command": ["bash", "-lc", "ls"], "cwd": "/p"}, ("bash", "-lc", "ls"), "/p"),
        ({"command": "git", "args": ["diff", "a b"]}, ("git", "diff", "a b"), ""),
        ({"command": "ls", "cwd": "sub"}, (), ""),
        ({"command": "ls", "directory": 1}, (), ""),
        ({"command": "ls", "cwd": "/p", "workdir": "/q"}, (), ""),
        ({"command": "ls", "cwd": "", "env": {}}, ("ls",), ""),
        ({"command": "git status", "env": {"GIT_EXTERNAL_DIFF": "x"}}, (), ""),
        ({"command": "sh", "stdin": "rm -rf ."}, (), ""),
        ({"command": ["ls", 1]}, (), ""),
        ({"command": "git", "args": "diff"}, (), ""),
        ({"command": []}, (), ""),
        ({"command": ""}, (), ""),
        ({"cmd": "ls"}, (), ""),
        ("ls", (), ""),
    ],
)
def test_the_command_of_raw_input(raw: Any, argv: tuple[str, ...], cwd: str) -> None:
    found = Calls().declared({"toolCallId": "c", "kind": "execute", "rawInput": raw})
    assert (found.argv, found.cwd) == (argv, cwd)
    assert found.raw["rawInput"] == raw


def test_raw_input_of_another_kind_is_no_command() -> None:
    found = Calls().declared({"toolCallId": "c", "kind": "read", "rawInput": {"command": "ls"}})
    assert found.argv == ()


def test_an_edit_whose_path_is_not_absolute_is_only_in_raw() -> None:
    content = [{**DIFF, "path": "a"}]
    found = Calls().declared({"toolCallId": "c", "kind": "edit", "content": content})
    assert found.edits == ()
    assert found.raw["content"] == content


def test_another_call_of_the_same_id_is_begun_anew() -> None:
    calls = Calls()
    calls.hear(call(content=[DIFF], kind="edit"))
    calls.hear(call(title="other"))
    assert calls.declared({"toolCallId": "c"}).edits == ()


def test_of_very_long_calls_the_last_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls_module, "MOST_KEPT", 12_000)
    calls = Calls()
    for number in range(10):
        calls.hear(call(toolCallId=f"c{number}", kind="edit", rawInput={"text": "x" * 3000}))
    kept = [number for number in range(10) if calls.declared({"toolCallId": f"c{number}"}).title]
    assert kept == [7, 8, 9]
    for _ in range(10):
        calls.hear(call(toolCallId="c9", rawInput={"text": "x" * 3000}))
    assert calls.declared({"toolCallId": "c7"}).title
    calls.hear(call(toolCallId="long", rawInput={"text": "x" * 20_000}))
    assert not any(calls.declared({"toolCallId": name}).title for name in ("c9", "long"))


def test_a_change_is_reported_once_when_it_is_completed() -> None:
    calls = Calls()
    begun = call(content=[DIFF], kind="edit", status="in_progress")
    calls.hear(begun)
    assert list(calls.changes(begun)) == []
    done = {"sessionUpdate": "tool_call_update", "toolCallId": "c", "status": "completed"}
    calls.hear(done)
    assert list(calls.changes(done)) == [Change("/p/a", 2, 1)]
    assert list(calls.changes(done)) == []


def test_an_edit_without_a_diff_is_where_it_says_it_was() -> None:
    calls = Calls()
    done = call(kind="delete", status="completed", locations=[{"path": "/p/a"}])
    calls.hear(done)
    assert list(calls.changes(done)) == [Change("/p/a", 0, 0)]


def test_a_call_that_only_reads_changes_nothing() -> None:
    calls = Calls()
    done = call(kind="read", status="completed", locations=[{"path": "/p/a"}])
    calls.hear(done)
    assert list(calls.changes(done)) == []


def test_old_calls_are_forgotten() -> None:
    calls = Calls()
    for number in range(600):
        calls.hear(call(toolCallId=f"c{number}", title="old"))
    assert calls.declared({"toolCallId": "c0"}).title == ""
    assert calls.declared({"toolCallId": "c599"}).title == "old"


@pytest.mark.parametrize("command", ["a b", "a|b", "a&", "$A", "`a`", "a*", "~/a", "a\nb", "é"])
def test_what_a_shell_could_read_otherwise_is_a_shells(command: str) -> None:
    assert words(command, None) == ("sh", "-c", command)
