"""Which project a file belongs to, and which project may keep approvals."""

from __future__ import annotations

from pathlib import Path

import pytest

from zeke_bridge.model.target import Places
from zeke_bridge.workspace import project


def test_the_git_root_counts(tmp_path: Path) -> None:
    (tmp_path / "p" / ".git").mkdir(parents=True)
    (tmp_path / "p" / "src").mkdir()
    root = str(tmp_path / "p")
    assert project.find_root(str(tmp_path / "p" / "src" / "a.py"), "/") == root
    assert project.find_root("", str(tmp_path / "p" / "src")) == root


def test_a_worktree_has_a_file(tmp_path: Path) -> None:
    (tmp_path / "bare" / "worktrees" / "w").mkdir(parents=True)
    (tmp_path / "bare" / "worktrees" / "w" / "commondir").write_text("../..\n")
    work = tmp_path / "w"
    work.mkdir()
    (work / ".git").write_text(f"gitdir: {tmp_path}/bare/worktrees/w\n")
    assert project.find_root(str(work / "x.py")) == str(work)
    places = project.project_places(str(work), Places(never=("/s",)))
    assert places.git_dirs == (str(tmp_path / "bare/worktrees/w"), str(tmp_path / "bare"))
    assert places.never == ("/s",)


def test_without_git_the_working_directory_counts(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    assert project.find_root(str(tmp_path / "sub" / "a.py"), str(tmp_path)) == str(tmp_path)
    assert project.find_root(str(tmp_path / "sub" / "a.py")) == str(tmp_path / "sub")


def test_a_link_is_followed_first(tmp_path: Path) -> None:
    (tmp_path / "p" / ".git").mkdir(parents=True)
    (tmp_path / "l").symlink_to("p")
    assert project.find_root(str(tmp_path / "l")) == str(tmp_path / "p")


def test_the_id_says_nothing_and_stays(tmp_path: Path) -> None:
    (tmp_path / "l").symlink_to(tmp_path)
    assert project.project_id(str(tmp_path)) == project.project_id(str(tmp_path / "l"))
    assert project.project_id(str(tmp_path)) != project.project_id("/")
    assert tmp_path.name not in project.project_id(str(tmp_path))


def test_who_may_keep_approvals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    work = home / "work"
    work.mkdir(parents=True)
    assert project.consents_forbidden(str(work), str(home)) == ""
    assert "home" in project.consents_forbidden(str(home), str(home))
    assert "root" in project.consents_forbidden("/", str(home))
    assert "looked at" in project.consents_forbidden(str(tmp_path / "none"), str(home))
    work.chmod(0o777)
    assert "Everybody" in project.consents_forbidden(str(work), str(home))
    work.chmod(0o700)
    monkeypatch.setattr(project.os, "getuid", lambda: 4711)
    assert "somebody else" in project.consents_forbidden(str(work), str(home))


def test_the_runtimepath(tmp_path: Path) -> None:
    (tmp_path / "l").symlink_to(tmp_path)
    assert project.project_places(str(tmp_path), Places(), (str(tmp_path / "l"),)).on_runtimepath
    assert not project.project_places(str(tmp_path), Places(), ("/x", "")).on_runtimepath


def test_the_top_and_the_home_directory_are_no_projects(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(project, "_home", lambda: str(tmp_path))
    (tmp_path / "p").mkdir()
    for root, none in (("/", True), (str(tmp_path), True), (str(tmp_path / "p"), False)):
        assert project.project_places(root, Places()).is_no_project is none


def test_what_belongs_to_a_project(tmp_path: Path) -> None:
    root = tmp_path / "outer"
    (root / "sub" / "inner" / "deep").mkdir(parents=True)
    (root / ".git").mkdir()
    (root / ".zeke-consents.json").touch()
    (root / "alias").symlink_to("sub/inner/deep")
    (root / "out").symlink_to(tmp_path)
    inside = ("a.py", "sub/a.py", "sub/inner/deep/a.py", "alias/a.py", str(root / "a.py"))
    assert all(project.belongs(str(root), path) for path in inside[:4])
    assert not any(project.belongs(str(root), path) for path in ("", ".", "../a.py", "out/a.py"))
    (root / "sub" / "inner" / ".git").symlink_to("nowhere")
    assert project.is_project(str(root / "sub" / "inner"))
    assert [project.belongs(str(root), path) for path in inside[:4]] == [True, True, False, False]
    assert not project.belongs(str(root), "sub/inner")
