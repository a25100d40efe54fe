"""What holds for every test of the workspace."""

from __future__ import annotations

import pytest

from zeke_bridge.workspace import listing, quiet_git


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Git, and who looks through a project, have the time for it, on a busy machine too."""
    monkeypatch.setattr(quiet_git, "LIMIT_S", 30.0)
    monkeypatch.setattr(listing, "LIMIT_S", 30.0)
