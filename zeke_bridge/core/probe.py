"""Asking every provider at once whether it is there: the use case of ``ghostllm test-providers``.

Does not know how the answer is shown.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

from zeke_bridge.core.providers.base import Provider
from zeke_bridge.model.errors import ZekeError

LIMIT = 10.0


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """One row: ``state`` is ``healthy`` or in a few words what is wrong, ``remedy`` what helps.

    ``seconds`` is None when nothing was asked.
    """

    name: str
    state: str
    models: tuple[str, ...] = ()
    seconds: float | None = None
    remedy: str = ""

    @property
    def healthy(self) -> bool:
        """Whether it can be asked now."""
        return self.state == "healthy"


async def probe_all(providers: Sequence[Provider], limit: float = LIMIT) -> list[ProbeResult]:
    """One result for each of ``providers``, in their order, after ``limit`` seconds at most."""
    return list(await asyncio.gather(*(_probe(provider, limit) for provider in providers)))


async def _probe(provider: Provider, limit: float) -> ProbeResult:
    name, offer, start = provider.name, provider.offer(), time.monotonic()
    if offer.obstacle:
        return ProbeResult(name, offer.obstacle, remedy=offer.remedy)
    models: tuple[str, ...] = ()
    state, remedy = "healthy", ""
    try:
        async with asyncio.timeout(limit):
            await provider.probe()
            models = await provider.models()
    except TimeoutError:
        state, remedy = "timed out", f"{name} did not answer within {limit:g} s: try again."
    except ZekeError as error:
        state, remedy = error.code.replace("_", " "), error.message
    return ProbeResult(name, state, models, time.monotonic() - start, remedy)
