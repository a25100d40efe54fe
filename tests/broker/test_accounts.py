"""The providers of an editor's core and others that are known, with the state of their keys."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.street import Street
from zeke_bridge.broker.accounts import accounts
from zeke_bridge.broker.session import Session
from zeke_bridge.model.errors import UnreachableError
from zeke_bridge.model.exchange import CoreHealth

pytestmark = pytest.mark.anyio


class Core:
    """A core that has two providers, or is away."""

    def __init__(self, away: bool = False) -> None:
        self.away = away

    def client(self, settings: Any) -> Core:
        return self

    async def health(self) -> CoreHealth:
        if self.away:
            raise UnreachableError("The core is away: try again.")
        return CoreHealth("healthy", {"openai": "key refused", "local": "healthy"})

    async def keys(self) -> dict[str, str]:
        return {"openai": "keyring", "mine": "not needed"}


def editor(tmp_path: Any, core: Core, **settings: Any) -> Session:
    return Street(tmp_path, core).editor(settings=settings)[0]


async def test_those_of_the_core_come_first(tmp_path: Any) -> None:
    found = await accounts(editor(tmp_path, Core()))
    rows = {row["provider"]: row for row in found["providers"]}
    assert list(rows)[:3] == ["openai", "local", "mine"]
    assert (found["core"], found["message"]) == ("", "")
    assert (rows["openai"]["state"], rows["openai"]["key"]) == ("key refused", "keyring")
    assert rows["openai"]["page"].startswith("https://")
    assert rows["openai"]["variable"] == "OPENAI_API_KEY"
    assert [name for name, row in rows.items() if row["login"]] == ["github"]
    unneeded = {name for name, row in rows.items() if not row["needed"]}
    assert unneeded == {"local", "mine", "ollama", "vllm"}
    assert rows["ollama"]["start"] == "ollama serve"
    assert rows["anthropic"]["names"] == ["claude"]
    assert "custom" not in rows


async def test_a_core_that_is_away_leaves_what_is_known(tmp_path: Any) -> None:
    ghostllm = {"base_url": "http://far:8080"}
    found = await accounts(editor(tmp_path, Core(away=True), ghostllm=ghostllm))
    assert found["core"] == "http://far:8080"
    assert found["message"] == "The core is away: try again."
    assert "openai" in {row["provider"] for row in found["providers"]}
