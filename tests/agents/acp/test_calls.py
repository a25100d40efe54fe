"""What a permission request declares, and which changes are reported."""

from __future__ import annotations

from typing import Any

import pytest

from zeke_bridge.agents.acp import calls as calls_module
from zeke_bridge.agents.acp.calls import Calls, Change

DIFF = {"type": "diff", "path": "/p/a", "oldText": "a\n", "newText": "b\nc\n"}


def call(**more: Any) -> dict[str, Any]:
    return {"sessionUpdate": "tool_call", "toolCallId": "c", "title": "t", **more}


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


def heard(*updates: dict[str, Any]) -> list[Change]:
    calls, found = Calls(), []
    for number, update in enumerate(updates):
        kind = "tool_call_update" if number else "tool_call"
        said = {"sessionUpdate": kind, "toolCallId": "c", "title": "t", **update}
        calls.hear(said)
        found += calls.changes(said)
    return found


TEXT = {"type": "content", "content": {"type": "text", "text": "The file was edited."}}
SHOWN = {"kind": "edit", "status": "in_progress", "content": [DIFF]}
DONE = {"status": "completed"}
CHANGED = Change("/p/a", 2, 1)


@pytest.mark.parametrize(
    ("updates", "changes"),
    [
        ([SHOWN, {**DONE, "content": [TEXT]}], [CHANGED]),
        ([SHOWN, {**DONE, "content": []}], [CHANGED]),
        ([{**SHOWN, "kind": "other"}, {**DONE, "content": []}], [CHANGED]),
        ([SHOWN, {**DONE, "content": [{**DIFF, "path": "/p/b"}]}], [CHANGED, Change("/p/b", 2, 1)]),
        # The newest of a file counts.
        ([SHOWN, {**DONE, "content": [{**DIFF, "newText": "b\n"}]}], [Change("/p/a", 1, 1)]),
        ([SHOWN, {"sessionUpdate": "tool_call", **DONE}], [CHANGED]),
        ([SHOWN, {"status": "failed"}, {"sessionUpdate": "tool_call", **DONE}], []),
        ([SHOWN, {"status": "failed", "content": []}], []),
        ([{"kind": "edit", "rawInput": {"file_path": "/p/a"}, **DONE}], [Change("/p/a", 0, 0)]),
        (
            [{"kind": "move", "rawInput": {"source": "a", "destination": "b"}, **DONE}],
            [Change("a", 0, 0), Change("b", 0, 0)],
        ),
        (
            [{"kind": "edit", "locations": [{"path": "/p/b"}], "rawInput": {"path": "a"}, **DONE}],
            [Change("/p/b", 0, 0)],
        ),
        ([{"kind": "delete", "rawInput": {"what": "all"}, **DONE}], [Change("", 0, 0)]),
        ([{"kind": "read", "rawInput": {"path": "a"}, **DONE}], []),
    ],
)
def test_a_change_is_of_all_that_the_call_ever_showed(
    updates: list[dict[str, Any]], changes: list[Change]
) -> None:
    assert heard(*updates) == changes


def test_what_a_permission_request_showed_is_remembered_as_well() -> None:
    calls = Calls()
    calls.shown({"toolCallId": "c", "content": [DIFF]})
    assert calls.running() == []
    done = call(kind="edit", status="completed")
    calls.hear(done)
    assert list(calls.changes(done)) == [CHANGED]
    assert "content" not in calls.declared({"toolCallId": "c"}).raw


def test_of_very_many_files_so_many_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls_module, "_MOST_DIFFS", 3)
    shown = [{**SHOWN, "content": [{**DIFF, "path": f"/p/{n}"}]} for n in range(5)]
    assert [one.path for one in heard(*shown, DONE)] == ["/p/0", "/p/1", "/p/2"]


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
