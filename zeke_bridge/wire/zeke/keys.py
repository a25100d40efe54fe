"""The answer of ``GET /auth/status``: which providers have a key, never a key."""

from __future__ import annotations

from pydantic import Field

from zeke_bridge.wire.zeke.body import Reply


class KeyRow(Reply):
    """``key`` is where it comes from: see ``core.keys.Keys.source``."""

    key: str = "none"
    ready: bool = False


class KeysAnswer(Reply):
    """``client`` is who asked."""

    client: str = ""
    authenticated: bool = False
    providers: dict[str, KeyRow] = Field(default_factory=dict)

    def sources(self) -> dict[str, str]:
        """Where the key of each provider comes from."""
        return {name: row.key for name, row in self.providers.items()}
