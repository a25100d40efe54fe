"""Work that may wait for a disk or a lock, done where nobody else has to wait for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from zeke_bridge.model.errors import StoreError

LIMIT_S = 10.0

Params = ParamSpec("Params")
Result = TypeVar("Result")


async def in_time(
    work: Callable[Params, Result], *args: Params.args, **kwargs: Params.kwargs
) -> Result:
    """Run ``work`` in a thread.

    Raises:
        StoreError: it took too long, or the system refused it; else what ``work`` raises.
    """
    try:
        async with asyncio.timeout(LIMIT_S):
            return await asyncio.to_thread(work, *args, **kwargs)
    except TimeoutError as error:
        raise StoreError("The disk did not answer in time; try again.") from error
    except OSError as error:
        raise StoreError(f"The disk refused it: {error.strerror or error}.") from error
