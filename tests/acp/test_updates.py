"""The broker's updates as a client is told them."""

from __future__ import annotations

from typing import Any

from zeke_bridge.acp.updates import MOST_PRINTED, Updates, chunk


def _terminal(output: str, **more: Any) -> dict[str, Any]:
    kind = "_zeke/terminal"
    return {"sessionUpdate": kind, "terminalId": "t1", "command": "make", "output": output, **more}


def _call(name: str = "c1", kind: str = "tool_call", **more: Any) -> dict[str, Any]:
    return {"sessionUpdate": kind, "toolCallId": name, **more}


TERMINAL = [{"type": "terminal", "terminalId": "t1"}]


def _text(update: Any) -> str:
    return str(update["content"][0]["content"]["text"])


def test_what_is_acps_is_passed_on() -> None:
    for update in (chunk("hi"), {"sessionUpdate": "plan", "entries": []}, _call(title="x")):
        assert Updates().of(update) == [update]


def test_output_grows_in_the_call_that_shows_it() -> None:
    updates = Updates()
    [begun] = updates.of(_call(content=[{"type": "diff"}, *TERMINAL]))
    assert begun["content"][0] == {"type": "diff"}
    assert begun["content"][1]["content"]["text"] == ""
    updates.of(_call(kind="tool_call_update", content=TERMINAL))
    [first] = updates.of(_terminal("one\n"))
    assert (first["toolCallId"], _text(first)) == ("c1", "```\n$ make\none\n```")
    [last] = updates.of(_terminal("two\n", exit={"code": 2, "signal": None}))
    assert _text(last) == "```\n$ make\none\ntwo\n(exit code 2)\n```"
    assert updates.rest() == []
    updates.of(_call(kind="tool_call_update", content=[]))
    assert updates.of(_terminal("three")) == []


def test_output_that_no_call_shows_is_told_in_the_end() -> None:
    updates = Updates()
    assert updates.of(_terminal("hi\n")) == []
    assert updates.rest() == []
    updates.of(_terminal("", exit={"code": None, "signal": "SIGKILL"}))
    [alone] = updates.rest()
    assert alone["status"] == "failed"
    assert "(ended by SIGKILL)" in _text(alone)
    assert updates.rest() == []


def test_much_output_is_cut_at_its_start() -> None:
    updates = Updates()
    updates.of(_call(content=TERMINAL))
    for _ in range(3):
        [told] = updates.of(_terminal("x" * MOST_PRINTED))
    assert len(_text(told)) < MOST_PRINTED + 100


def test_files_are_told_where_not_all_is_as_it_was_wanted() -> None:
    updates = Updates()
    file = {"sessionUpdate": "_zeke/file", "path": "a.py", "added": 1, "removed": 2}
    assert updates.of({**file, "state": "written"}) == []
    [told] = updates.of({**file, "state": "unmediated"})
    assert told["status"] == "failed"
    assert "`a.py was changed by the agent without having asked (+1 −2)`" in told["title"]


def test_nobody_else_speaks_as_ghostwarden() -> None:
    assert Updates().of(_call("ghostwarden-1", title="allowed")) == []
    assert Updates().of({"sessionUpdate": "_zeke/unheard-of"}) == []
    [told] = Updates().of({"sessionUpdate": "_zeke/notice", "text": "[x](y)"})
    assert told["title"] == "GhostWarden: `[x](y)`"
