"""A project and a state directory to keep consents in."""

from __future__ import annotations

from pathlib import Path

import pytest

from zeke_bridge.model.action import Op
from zeke_bridge.model.grant import Grant
from zeke_bridge.store.consents import ConsentStore

NOW = 1_700_000_000.0


class Shelf:
    """One project, one state directory, and fresh stores as another process would have them."""

    def __init__(self, base: Path) -> None:
        self.root = base / "project"
        self.root.mkdir()
        self.state = base / "state"
        self.file = self.root / ".zeke-consents.json"
        self.why = ""

    def store(self) -> ConsentStore:
        return ConsentStore(self.state, lambda root: self.why)

    def remember(self, target: str, *, days: int = 30, now: float = NOW) -> Grant:
        return self.store().remember(
            str(self.root), Op.WRITE, "assistant", target, days=days, now=now
        )

    def targets(self) -> set[str]:
        """What counts, read afresh."""
        return {grant.target for grant in self.store().load(str(self.root)).grants.grants}


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)
