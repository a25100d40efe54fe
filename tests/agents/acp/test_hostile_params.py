"""An agent whose messages are not as ACP has them: refused, and nothing is done."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.agents.acp.around import Around
from tests.agents.acp.speech import INVALID, answered, request, says, turn, update, write

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("fs/read_text_file", {"sessionId": "s1", "path": "etc/passwd"}),
        ("fs/read_text_file", {"sessionId": "s1", "path": ""}),
        ("fs/read_text_file", {"sessionId": "s1", "path": "/p/a\0b"}),
        ("fs/write_text_file", write(path="../a")),
        ("fs/write_text_file", write(path="file:///p/a")),
        ("terminal/create", {"sessionId": "s1", "command": "ls", "cwd": ".."}),
    ],
)
async def test_paths_that_are_not_absolute_are_refused(
    around: Around, method: str, params: Any
) -> None:
    error = await answered(around, request(method, params))
    assert error["code"] == INVALID
    assert around.effects.done == []
    assert len(around.notices) == 1


@pytest.mark.parametrize("session", ["s2", "", "S1", "s1 "])
@pytest.mark.parametrize(
    ("method", "more"),
    [
        ("fs/write_text_file", {"path": "/p/a", "content": "x"}),
        ("terminal/create", {"command": "ls"}),
        ("terminal/kill", {"terminalId": "t1"}),
    ],
)
async def test_it_spoofs_a_session_and_is_refused(
    around: Around, session: str, method: str, more: Any
) -> None:
    error = await answered(around, request(method, {"sessionId": session, **more}))
    assert error == {
        "code": INVALID,
        "message": "Invalid params: that is not the session of this connection.",
        "data": None,
    }
    assert around.effects.done == []


MALFORMED: dict[str, Any] = {
    "args is no list": ("terminal/create", {"sessionId": "s1", "command": "ls", "args": "-la"}),
    "an argument is no string": (
        "terminal/create",
        {"sessionId": "s1", "command": "rm", "args": ["-i", 7, "a"]},
    ),
    "a variable has no value": (
        "terminal/create",
        {"sessionId": "s1", "command": "ls", "env": [{"name": "A"}]},
    ),
    "a variable twice": (
        "terminal/create",
        {"sessionId": "s1", "command": "ls", "env": [{"name": "A", "value": v} for v in "12"]},
    ),
    "cwd is no string": ("terminal/create", {"sessionId": "s1", "command": "ls", "cwd": 3}),
    "a limit below 0": (
        "terminal/create",
        {"sessionId": "s1", "command": "ls", "outputByteLimit": -1},
    ),
    "no command": ("terminal/create", {"sessionId": "s1", "command": ""}),
    "a line as a string": ("fs/read_text_file", {"sessionId": "s1", "path": "/p/a", "line": "3"}),
    "a line as true": ("fs/read_text_file", {"sessionId": "s1", "path": "/p/a", "line": True}),
    "an unknown key": ("fs/write_text_file", write(mode="append")),
    "the name of Python": ("fs/write_text_file", {**write(), "session_id": "s1"}),
    "_meta is no object": ("fs/write_text_file", write(_meta=[1])),
    "no content": ("fs/write_text_file", {"sessionId": "s1", "path": "/p/a"}),
    "params is a list": ("fs/write_text_file", ["s1", "/p/a", "x"]),
    "params is null": ("fs/write_text_file", None),
    "an unknown kind of option": (
        "session/request_permission",
        {
            "sessionId": "s1",
            "toolCall": {"toolCallId": "c"},
            "options": [{"optionId": "a", "name": "A", "kind": "allow_forever"}],
        },
    ),
    "two options with one id": (
        "session/request_permission",
        {
            "sessionId": "s1",
            "toolCall": {"toolCallId": "c"},
            "options": [
                {"optionId": "a", "name": "No", "kind": "reject_once"},
                {"optionId": "a", "name": "Yes", "kind": "allow_once"},
            ],
        },
    ),
    "a diff without a path": (
        "session/request_permission",
        {
            "sessionId": "s1",
            "toolCall": {"toolCallId": "c", "content": [{"type": "diff", "newText": "x"}]},
            "options": [],
        },
    ),
    "an unknown kind of tool": (
        "session/request_permission",
        {"sessionId": "s1", "toolCall": {"toolCallId": "c", "kind": "harmless"}, "options": []},
    ),
    "a form of unknown fields": (
        "elicitation/create",
        {
            "sessionId": "s1",
            "message": "?",
            "mode": "form",
            "requestedSchema": {"type": "object", "properties": {"a": {"type": "strange"}}},
        },
    ),
    "a form with an unseen name": (
        "elicitation/create",
        {
            "sessionId": "s1",
            "message": "?",
            "mode": "form",
            "requestedSchema": {"type": "object", "properties": {"a\u200b": {"type": "string"}}},
        },
    ),
    "a form whose pattern cannot be tried": (
        "elicitation/create",
        {
            "sessionId": "s1",
            "message": "?",
            "mode": "form",
            "requestedSchema": {
                "type": "object",
                "properties": {"a": {"type": "string", "pattern": "("}},
            },
        },
    ),
    "an unknown mode of asking": (
        "elicitation/create",
        {"sessionId": "s1", "message": "?", "mode": "voice"},
    ),
    "an address that is spelled anew": (
        "elicitation/create",
        {
            "sessionId": "s1",
            "message": "?",
            "mode": "url",
            "elicitationId": "e",
            "url": "https://EXAMPLE.com/a",
        },
    ),
    "an address of a file": (
        "elicitation/create",
        {
            "sessionId": "s1",
            "message": "?",
            "mode": "url",
            "elicitationId": "e",
            "url": "file:///etc/passwd",
        },
    ),
    "a question about a request of nobody": (
        "elicitation/create",
        {
            "requestId": 77,
            "message": "?",
            "mode": "form",
            "requestedSchema": {"type": "object", "properties": {}},
        },
    ),
    "a terminal of nobody": ("terminal/output", {"sessionId": "s1", "terminalId": "t1"}),
}


@pytest.mark.parametrize("name", MALFORMED)
async def test_malformed_params_are_refused_and_nothing_is_done(around: Around, name: str) -> None:
    method, params = MALFORMED[name]
    error = await answered(around, request(method, params))
    assert error["code"] == INVALID
    assert error["message"].startswith("Invalid params: ")
    assert around.effects.done == []
    assert around.questions == []
    assert len(around.notices) == 1


@pytest.mark.parametrize(
    ("params", "argv"),
    [
        ({"command": "ls"}, ("ls",)),
        ({"command": "ls", "args": []}, ("ls",)),
        ({"command": "./run-it.sh", "args": None}, ("./run-it.sh",)),
        ({"command": "ls -la"}, ("sh", "-c", "ls -la")),
        ({"command": "ls;rm"}, ("sh", "-c", "ls;rm")),
        ({"command": "$HOME/x"}, ("sh", "-c", "$HOME/x")),
        ({"command": "ls -la", "args": ["a b"]}, ("ls -la", "a b")),
    ],
)
async def test_a_command_that_is_more_than_a_word_is_a_shells(
    around: Around, params: Any, argv: tuple[str, ...]
) -> None:
    assert await answered(around, request("terminal/create", {"sessionId": "s1", **params})) == {
        "terminalId": "t1"
    }
    ((_, command),) = around.effects.done
    assert (command.argv, command.cwd) == (argv, str(around.root))


async def test_unknown_methods_and_extensions_are_not_there(around: Around) -> None:
    # The last is how Qwen Code asks, in each turn, whether its client can do more than ACP has.
    methods = [
        "session/update",
        "fs/delete",
        "mcp/connect",
        "_zeke/allow",
        "craft/drainMidTurnQueue",
    ]
    lines = [request(method, {"sessionId": "s1"}, n) for n, method in enumerate(methods)]
    heard = await turn(around, *lines, {"reply": len(lines) - 1})
    assert [one["error"]["code"] for one in heard] == [-32601] * len(methods)
    assert [one.split()[1] for one in around.notices] == methods[:3]


async def test_a_request_as_a_notification_does_nothing(around: Around) -> None:
    line = json.dumps({"jsonrpc": "2.0", "method": "fs/write_text_file", "params": write()})
    assert await turn(around, line, says("after")) == []
    assert around.effects.done == []
    assert around.text == "after"
    assert around.notices == ["Its fs/write_text_file was refused: Method not found"]


async def test_an_update_that_changes_under_validation_is_not_shown(around: Around) -> None:
    call = {
        "sessionUpdate": "tool_call",
        "toolCallId": "c",
        "title": "Edit",
        "content": [{"type": "diff", "path": "/p/a"}, {"type": "terminal", "terminalId": "t"}],
    }
    unknown = {"sessionUpdate": "grant_update", "grants": ["all"]}
    more = {"sessionUpdate": "session_info_update", "title": "T", "mood": "good"}
    await turn(around, update(call), update(unknown), update(more))
    assert [one for one in around.says if one["sessionUpdate"] != "_zeke/notice"] == [
        {"sessionUpdate": "session_info_update", "title": "T"}
    ]
    assert len(around.notices) == 2
