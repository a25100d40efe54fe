"""Which consent files have a say over a path."""

from __future__ import annotations

from pathlib import Path

from zeke_bridge.workspace.project import bound_by


def test_every_consent_file_above_counts_nearest_first(tmp_path: Path) -> None:
    outer, inner = tmp_path / "outer", tmp_path / "outer" / "sub" / "inner"
    inner.mkdir(parents=True)
    (inner / ".git").mkdir()
    for place in (outer, inner):
        (place / ".zeke-consents.json").write_text("{}")
    found = bound_by(str(inner / "src" / "new.py"))
    assert found[:2] == (str(inner), str(outer))
    assert bound_by("", str(outer / "sub"))[0] == str(outer)


def test_one_beside_or_below_does_not(tmp_path: Path) -> None:
    beside = tmp_path / "beside"
    beside.mkdir()
    (beside / ".zeke-consents.json").write_text("{}")
    assert str(beside) not in bound_by(str(tmp_path / "a.py"))
