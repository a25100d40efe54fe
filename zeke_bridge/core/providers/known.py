"""What every provider with a ``Standing`` answers from it alone.

Does not know any dialect, nor how models are listed.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Mapping
from typing import Any

from zeke_bridge.core.providers.base import Chunk
from zeke_bridge.core.providers.standing import Standing
from zeke_bridge.core.routing.offer import Offer
from zeke_bridge.core.routing.traits import Traits
from zeke_bridge.model.errors import InputError


class Known(ABC):
    """The part of ``Provider`` and ``Describing`` that makes no call, over ``standing``."""

    def __init__(self, standing: Standing) -> None:
        self.name = standing.config.name
        self._standing = standing

    @abstractmethod
    async def _list(self) -> tuple[str, ...]:
        """Ask for the models and remember them. Raises a ``CoreError``."""

    def offer(self) -> Offer:
        """What there is now, without a call."""
        return self._standing.offer()

    def state(self) -> str:
        """``healthy``, or what stands in the way as far as is known without a call."""
        return self._standing.state()

    def traits(self, model: str) -> Traits:
        """What the server said of ``model`` when it listed it."""
        return self._standing.traits(model)

    async def models(self) -> tuple[str, ...]:
        """The configured models, else those the server lists, remembered for five minutes."""
        known = self._standing.models()
        return await self._list() if known is None else known

    def fills(self, model: str) -> bool:
        """Never, unless a dialect says otherwise."""
        return False

    async def fill(self, body: Mapping[str, Any]) -> AsyncGenerator[list[Chunk], None]:
        """Refused; see ``fills``."""
        raise InputError(f"{self.name} cannot fill in the middle.")
        yield []
