"""Where a person is, and which directory they mean."""

from __future__ import annotations

from pathlib import Path

from tests.fakes.street import Street
from zeke_bridge.bridge.whereabouts import meant


def test_a_person_is_where_they_mean(tmp_path: Path) -> None:
    session, _ = Street(tmp_path).editor()
    assert meant(session, {"cwd": "/one"}) == "/one"
    assert session.here == "/one"
    assert meant(session, {}) == session.cwd == session.here


def test_they_may_mean_another_place(tmp_path: Path) -> None:
    session, _ = Street(tmp_path).editor()
    assert meant(session, {"cwd": "/one", "here": "/two"}) == "/one"
    assert session.here == "/two"
