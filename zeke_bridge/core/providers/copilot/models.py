"""Which of the models that Copilot lists can be asked through chat completions. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zeke_bridge.core.providers.description import traits_of
from zeke_bridge.core.routing.traits import Traits

_CHAT = "/chat/completions"


def chatting(body: Any) -> dict[str, Traits] | None:
    """The models in an answer to ``GET /models``; None when it is not one.

    Left out are those that the account has not switched on, that do not chat, and that another API
    of Copilot's serves.
    """
    rows = body.get("data") if isinstance(body, dict) else None
    if not isinstance(rows, list):
        return None
    return {
        row["id"]: traits_of(row)
        for row in rows
        if isinstance(row, dict) and isinstance(row.get("id"), str) and _can_be_asked(row)
    }


def _can_be_asked(row: Mapping[str, Any]) -> bool:
    abilities, policy = row.get("capabilities"), row.get("policy")
    kind = abilities.get("type", "chat") if isinstance(abilities, dict) else "chat"
    state = policy.get("state", "enabled") if isinstance(policy, dict) else "enabled"
    served = row.get("supported_endpoints")
    return kind == "chat" and state == "enabled" and (not served or _CHAT in served)
