"""Which forms of a server are put to a person."""

from __future__ import annotations

from typing import Any

import mcp_types as types
import pytest

from zeke_bridge.agents.agent import Question, Reply
from zeke_bridge.agents.mcp.questions import Questions


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("field", "action"),
    [
        ({"type": "string", "pattern": "^a+$"}, "accept"),
        ({"type": "string", "pattern": "("}, "decline"),
        ({"type": "object", "properties": {}}, "decline"),
        ({"$ref": "#/properties/b"}, "decline"),
    ],
)
async def test_only_what_can_be_checked_is_asked(field: Any, action: str) -> None:
    asked = []

    async def ask(question: Question) -> Reply:
        asked.append(question)
        return Reply("accept", {"a": "aa"})

    params = types.ElicitRequestFormParams(
        message="?", requested_schema={"type": "object", "properties": {"a": field}}
    )
    context: Any = None
    answer = await Questions("s", "/", ask).elicited(context, params)
    assert isinstance(answer, types.ElicitResult)
    assert (answer.action, len(asked)) == (action, int(action == "accept"))
