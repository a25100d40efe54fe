"""What a question says of bounds."""

from __future__ import annotations

import pytest

from zeke_bridge.workspace.process.containment import launcher, notice, unavailable, words


def test_what_it_can_and_what_not() -> None:
    text = words(("~/.agent",))
    for piece in ("project's directories, ~/.agent and a temporary", "protected", "Zeke's keys"):
        assert piece in text
    assert "network" in text


def test_an_old_kernel_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notice, "version", lambda: 2)
    assert words().endswith("This kernel lets it empty other files.")


def test_where_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notice, "version", lambda: 0)
    assert "no Landlock" in unavailable()
    monkeypatch.setattr(notice, "version", lambda: 1)
    monkeypatch.setattr(launcher.platform, "machine", lambda: "riscv64")
    assert "riscv64" in unavailable()
