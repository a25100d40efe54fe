"""Asking providers whether they are there, and whether a key is right.

The use cases of ``ghostllm test-providers`` and ``:ZekeAuth``. Does not know how the answer is
shown, nor where keys are kept.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from zeke_bridge.config.ghostllm import ProviderConfig
from zeke_bridge.core.keys import KeyFile, Keys
from zeke_bridge.core.providers.base import Provider
from zeke_bridge.core.providers.build import build
from zeke_bridge.core.providers.limits import Limits
from zeke_bridge.model.account import KeyTrial
from zeke_bridge.model.errors import AuthError, InputError, ZekeError

LIMIT = 10.0
# A person waits for it, and the keyring that is asked after it has its own three.
TRIAL_S = 6.0


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


async def try_key(config: ProviderConfig, key: str, limit: float = TRIAL_S) -> KeyTrial:
    """What the provider of ``config`` says of ``key``, which is kept nowhere.

    Raises ``InputError`` for a provider that wants no key.
    """
    if not config.api_key_env:
        raise InputError(f"{config.name} needs no key.")
    # No file is read: the key that the configuration itself has comes first.
    nowhere = Keys(KeyFile(Path(os.devnull)), environ={})
    provider = build(replace(config, api_key=key, models=()), nowhere, Limits())
    try:
        async with asyncio.timeout(limit):
            await provider.probe()
            return KeyTrial("works", models=len(await provider.models()))
    except AuthError as error:
        return KeyTrial("refused", error.message)
    except TimeoutError:
        return KeyTrial("unknown", f"{config.name} did not answer within {limit:g} s.")
    except ZekeError as error:
        return KeyTrial("unknown", error.message)
    finally:
        await provider.aclose()


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
