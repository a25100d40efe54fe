"""Calls of MCP tools as actions: what is called, by which definition, of which server, with what.

Hints of a server about what its tools do are not looked at.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from zeke_bridge.agents.effects import ToolUse
from zeke_bridge.broker.agents.owner import Owner
from zeke_bridge.model.action import Action, Op
from zeke_bridge.model.errors import InputError

MOST_ARGUMENTS = 1024 * 1024
"""Characters of what is passed to a tool, as it is shown."""
_NO_JSON = "It holds what is no JSON, so it cannot be judged."


def calling(owner: Owner, use: ToolUse) -> Action:
    """The action of this call. Raises ``InputError`` for arguments that cannot be shown.

    A grant holds for this tool by this definition of this server as it was started; what is passed
    is part of the action and shown, not of the grant.
    """
    shown = json_lines(use.arguments)
    if sum(map(len, shown)) > MOST_ARGUMENTS:
        raise InputError("What is passed to the tool is over 1 MiB; pass less of it.")
    return Action(
        Op.MCP,
        owner.root,
        owner.subject,
        tool=f"{use.server}/{use.tool}",
        tool_sha256=canonical_sha256([use.server, use.fingerprint, use.tool, use.schema]),
        diff=tuple(shown),
    )


def canonical_sha256(value: Any) -> str:
    """SHA-256 of canonical JSON. Raises ``InputError`` for what JSON has no word for."""
    try:
        text = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise InputError(_NO_JSON) from error
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def json_lines(value: Mapping[str, Any]) -> list[str]:
    """``value`` as a person reads it, not escaped. Raises ``InputError`` as above."""
    try:
        text = json.dumps(
            dict(value), indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False
        )
    except (TypeError, ValueError, RecursionError) as error:
        raise InputError(_NO_JSON) from error
    return text.split("\n")
