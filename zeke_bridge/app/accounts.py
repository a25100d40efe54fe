"""The person's keys at providers, kept where this machine's own core looks for them.

A core elsewhere has keys of its own: it never sees these.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from zeke_bridge.config.paths import ghostllm_keys
from zeke_bridge.model.account import KeyTrial, LoginCode
from zeke_bridge.model.errors import InputError

if TYPE_CHECKING:
    from zeke_bridge.config.ghostllm import ProviderConfig

_GITHUB = "github"


class Sites(NamedTuple):
    """GitHub: where one logs in, and where a login is exchanged for Copilot's token."""

    login: str = "https://github.com"
    exchange: str = "https://api.github.com"


class OwnAccounts:
    """Implements ``broker.ports.Accounts``."""

    def __init__(self, sites: Sites | None = None) -> None:
        self._sites = sites or Sites()

    async def keep(self, provider: str, key: str) -> str:
        """Keep a key in the system's keyring, or in the core's own file; returns where."""
        from zeke_bridge.config.ghostllm.roster import proper
        from zeke_bridge.core.keys import KeyFile, KeyStore
        from zeke_bridge.core.system_keyring import SystemKeyring

        store = KeyStore(KeyFile(ghostllm_keys()), SystemKeyring())
        return await asyncio.to_thread(store.set, proper(provider), key)

    async def test(self, provider: str, key: str) -> KeyTrial:
        """Ask the provider for what is free and wants a key: mostly the list of its models."""
        from zeke_bridge.core.keys import check_key
        from zeke_bridge.core.probe import try_key

        check_key(provider, key)
        return await try_key(await asyncio.to_thread(_configured, provider), key)

    async def log_in(self, provider: str, shown: Callable[[LoginCode], None]) -> str:
        """GitHub's device flow; the login is kept once it has opened Copilot."""
        from zeke_bridge.config.ghostllm.roster import proper
        from zeke_bridge.core.providers.copilot.login import Login
        from zeke_bridge.core.providers.copilot.provider import EDITOR
        from zeke_bridge.core.providers.copilot.token import Passes
        from zeke_bridge.core.providers.limits import Limits

        if proper(provider) != _GITHUB:
            raise InputError(f"{provider} has keys and no logins: run `:ZekeAuth {provider}`.")
        limits = Limits()
        login = Login(limits, self._sites.login)
        passes = Passes(limits, EDITOR, self._sites.exchange)
        try:
            code = await login.begin()
            shown(LoginCode(code.user_code, code.verification_uri, code.expires_in))
            token = await login.finish(code)
            await passes.get(token)
        finally:
            await login.aclose()
            await passes.aclose()
        return await self.keep(_GITHUB, token)


def _configured(name: str) -> ProviderConfig:
    """The provider that is called ``name``. Raises ``InputError`` and ``ConfigError``."""
    from zeke_bridge.config.document import nearest
    from zeke_bridge.config.ghostllm import load
    from zeke_bridge.config.ghostllm.roster import Roster, proper

    config, built_in = load(), Roster(os.environ).built_in
    found = config.providers.get(proper(name)) or built_in.get(proper(name))
    if found is None or not found.base_url:
        names = (*config.providers, *built_in)
        raise InputError(f"There is no provider {name[:80]!r}{nearest(name, names)}")
    return found
