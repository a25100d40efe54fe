"""A Neovim that is only pretended, behind the tools of ``zeke mcp``."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from zeke_bridge.mcp.link import Link


class FakeLink(Link):
    """Answers with ``known``, an error is raised; ``asked`` is what it was asked."""

    def __init__(self) -> None:
        super().__init__("/project")
        self.known: dict[str, Mapping[str, Any] | Exception] = {}
        self.asked: list[tuple[str, str, Mapping[str, Any]]] = []
        self.begun = asyncio.Event()
        self.given_up = asyncio.Event()

    async def ask(self, what: str, client: str, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        self.asked.append((what, client, fields))
        self.begun.set()
        known = self.known.get(what)
        if known is None:
            try:
                await asyncio.Event().wait()
            finally:
                self.given_up.set()
        if isinstance(known, Exception):
            raise known
        assert known is not None
        return known


@pytest.fixture
def link() -> FakeLink:
    return FakeLink()
