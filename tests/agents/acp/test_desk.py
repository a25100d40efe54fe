"""What is meant from the session's directory is meant from ``/`` for those who judge it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.agents.acp.around import Around
from tests.agents.acp.speech import answered, request, turn, update

pytestmark = pytest.mark.anyio
OPTIONS = [{"optionId": "y", "name": "Yes", "kind": "allow_once"}]


@pytest.mark.parametrize(
    ("said", "cwd"),
    [({}, ""), ({"dir_path": "sub"}, "/sub"), ({"cwd": "../q"}, "/../q"), ({"cwd": "/q"}, "/q")],
)
async def test_where_a_declared_command_runs(
    around: Around, said: dict[str, Any], cwd: str
) -> None:
    raw = {"command": "ls", **said}
    call = {"toolCallId": "c", "title": "t", "kind": "execute", "rawInput": raw}
    asked = {"sessionId": "s1", "toolCall": call, "options": OPTIONS}
    await answered(around, request("session/request_permission", asked))
    ((_, declared),) = around.effects.done
    assert declared.cwd == (cwd if said.get("cwd") == "/q" else f"{around.cwd}{cwd}")


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("{cwd}/./x/../a.py", "{cwd}/a.py"),
        ("a.py", "{cwd}/a.py"),
        ("~/a.py", f"{Path.home()}/a.py"),
        ("~/a\0", f"{Path.home()}/a\0"),
        ("/q/a.py", "/q/a.py"),
        ("", ""),
    ],
)
async def test_a_reported_path_is_plain(around: Around, path: str, place: str) -> None:
    raw = {"path": path.replace("{cwd}", around.cwd)}
    call = {"toolCallId": "c", "title": "t", "kind": "edit", "status": "completed"}
    await turn(around, update({"sessionUpdate": "tool_call", **call, "rawInput": raw}))
    assert around.effects.done == [("unmediated", place.replace("{cwd}", around.cwd), 0, 0)]
