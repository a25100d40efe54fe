"""Messages as real agents sent them, replayed: what newer ones say beside ACP is no reason to stop.

Recorded from claude-agent-acp 0.100.0 and codex-acp 2.6.0; paths and ids are of here.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.agents.acp.around import Around
from tests.agents.acp.speech import answered, request, turn, update
from zeke_bridge.agents.effects import Declared

pytestmark = pytest.mark.anyio

PATH = "/p/app.py"
DIFF = {"type": "diff", "path": PATH, "oldText": "a - b", "newText": "a + b"}
CLAUDE_ASKS: dict[str, Any] = {
    "toolCall": {
        "toolCallId": "toolu_2",
        "name": "Edit",
        "status": "pending",
        "rawInput": {
            "file_path": PATH,
            "old_string": "a - b",
            "new_string": "a + b",
            "replace_all": False,
        },
        "title": "Edit app.py",
        "kind": "edit",
        "content": [DIFF],
        "locations": [{"path": PATH}],
    },
    "options": [
        {"optionId": "allow-once", "name": "Yes", "kind": "allow_once"},
        {
            "optionId": "allow-with-updates",
            "name": "Yes, allow all edits during this session",
            "kind": "allow_always",
        },
        {"optionId": "reject", "name": "No", "kind": "reject_once"},
    ],
    "sessionId": "s1",
}


def choice(name: str, *values: str, **more: Any) -> dict[str, Any]:
    options = [{"value": value, "name": value} for value in values]
    named = {"id": name, "name": name, "type": "select", "currentValue": values[0], **more}
    return {**named, "options": options}


CODEX_OPENS: dict[str, Any] = {
    "sessionId": "s1",
    "models": {
        "currentModelId": "gpt-5.2[medium]",
        "availableModels": [{"modelId": "gpt-5.2[medium]", "name": "5.2 (medium)"}],
    },
    "modes": {"currentModeId": "agent", "availableModes": [{"id": "agent", "name": "Agent"}]},
    "configOptions": [
        choice("mode", "agent", "read-only", category="mode"),
        choice("collaboration_mode", "default", "plan", category="collaboration_mode"),
        choice("model", "gpt-5.2", category="model"),
    ],
}


async def test_a_permission_request_may_say_more_of_its_call(around: Around) -> None:
    """The tool's name is not of ACP 1 as the SDK has it; nothing is decided by it."""
    reply = await answered(around, request("session/request_permission", CLAUDE_ASKS))
    assert reply == {"outcome": {"outcome": "selected", "optionId": "allow-once"}}
    ((_, declared),) = around.effects.done
    assert isinstance(declared, Declared)
    assert (declared.kind, declared.edits) == ("edit", ((PATH, "a - b", "a + b"),))
    assert "name" not in declared.raw
    assert around.notices == []


async def test_what_a_permission_says_beside_is_of_nothing_that_is_judged(around: Around) -> None:
    call = {**CLAUDE_ASKS["toolCall"], "content": [{**DIFF, "newTextReal": "rm"}], "raw_input": {}}
    asked = {**CLAUDE_ASKS, "toolCall": call, "edits": [["/etc/passwd", None, "x"]]}
    await answered(around, request("session/request_permission", asked))
    ((_, declared),) = around.effects.done
    assert declared.edits == ((PATH, "a - b", "a + b"),)
    assert "newTextReal" not in json.dumps(declared.raw)
    assert declared.raw["rawInput"] == CLAUDE_ASKS["toolCall"]["rawInput"]


async def test_a_session_may_have_options_of_categories_of_its_own(around: Around) -> None:
    """And its models are offered once, where it says them in the old way as well."""
    opened = json.dumps(CODEX_OPENS)
    answer = f'{{"jsonrpc":"2.0","id":$ID,"result":{opened}}}'
    agent = await around.hostile({"session/new": [answer]})
    categories = {one["id"]: one.get("category") for one in agent.opened.config}
    assert categories == {"mode": "mode", "collaboration_mode": None, "model": "model"}


async def test_options_may_change_and_keep_such_categories(around: Around) -> None:
    said = {
        "sessionUpdate": "config_option_update",
        "configOptions": CODEX_OPENS["configOptions"],
    }
    await turn(around, update(said))
    (shown,) = around.says
    assert [one["id"] for one in shown["configOptions"]] == ["mode", "collaboration_mode", "model"]
