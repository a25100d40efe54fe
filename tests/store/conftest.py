"""A project and a state directory to keep consents in."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from zeke_bridge.model.action import Op
from zeke_bridge.model.grant import Grant
from zeke_bridge.store.consents import ConsentStore
from zeke_bridge.warden.grants import ProjectMemory

NOW = 1_700_000_000.0
ALL = (
    b'{"version": 1, "grants": [{"id": "evil0000", "op": "write", "subject": "assistant", '
    b'"target": "src/a.py", "created": "2025-01-01T00:00:00Z", "expires": null}], '
    b'"denies": [{"op": "write", "pattern": "secret/"}], "local_only": true}'
)


class Shelf:
    """One project, one state directory, and fresh stores as another process would have them."""

    def __init__(self, base: Path) -> None:
        self.root = base / "project"
        self.root.mkdir()
        self.state = base / "state"
        self.file = self.root / ".zeke-consents.json"
        self.ledger = self.state / "trust.json"
        self.why = ""

    def store(self) -> ConsentStore:
        return ConsentStore(self.state, lambda root: self.why)

    def load(self) -> ProjectMemory:
        """What is known of the file, read afresh."""
        return self.store().load(str(self.root))

    def remember(self, target: str, *, days: int = 30, now: float = NOW) -> Grant:
        return self.store().remember(
            str(self.root), Op.WRITE, "assistant", target, days=days, now=now
        )

    def targets(self) -> set[str]:
        """What counts, read afresh."""
        return {grant.target for grant in self.load().grants.grants}

    def hash(self) -> str:
        return hashlib.sha256(self.file.read_bytes()).hexdigest()

    def trust(self) -> None:
        """Believe the file as it is."""
        self.store().trust(str(self.root), self.hash())


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)
