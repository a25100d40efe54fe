"""Which consent files have a say over a path."""

from __future__ import annotations

from pathlib import Path

from zeke_bridge.workspace.project import bound_by


def test_every_consent_file_above_counts(tmp_path: Path) -> None:
    outer, inner = tmp_path / "outer", tmp_path / "outer" / "sub" / "inner"
    inner.mkdir(parents=True)
    (inner / ".git").mkdir()
    for place in (outer, inner):
        (place / ".zeke-consents.json").write_text("{}")
    found = bound_by([str(inner / "src" / "new.py")])
    assert found >= {str(inner), str(outer)}
    assert str(outer) in bound_by([""], str(outer / "sub"))


def test_those_of_each_path_count_and_its_project(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    for place in (one, two):
        (place / ".git").mkdir(parents=True)
    (tmp_path / ".zeke-consents.json").write_text("{}")
    found = bound_by([str(one / "a.py"), str(one), str(two / "b.py")])
    assert found >= {str(one), str(two), str(tmp_path)}
    assert not bound_by([])


def test_one_beside_or_below_does_not(tmp_path: Path) -> None:
    beside = tmp_path / "beside"
    beside.mkdir()
    (beside / ".zeke-consents.json").write_text("{}")
    assert str(beside) not in bound_by([str(tmp_path / "a.py")])
