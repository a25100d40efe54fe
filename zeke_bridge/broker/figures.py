"""What a routing core has done and what that cost, for ``:ZekeStatus`` and ``:ZekeProviders``."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from zeke_bridge.broker.session import Session
from zeke_bridge.model.errors import BadAnswerError, UnknownModelError


async def figures(session: Session) -> dict[str, Any]:
    """The figures of the editor's core as plain data. Raises ``CoreError``.

    ``BadAnswerError`` stands also for a core that keeps none.
    """
    try:
        return asdict(await session.client().stats())
    except (BadAnswerError, UnknownModelError) as error:
        where = session.settings.base_url or "inside the broker"
        raise BadAnswerError(
            f"The routing core {where} keeps no figures that can be read (`/stats`)."
        ) from error
