"""What is found to be kept in a project."""

from __future__ import annotations

from pathlib import Path

import pytest

from zeke_bridge.model.errors import ProcessError
from zeke_bridge.model.target import Places
from zeke_bridge.workspace.process.containment import protected as module
from zeke_bridge.workspace.process.containment.protected import listed, protected


def found(root: Path, places: Places = Places()) -> set[str]:  # noqa: B008
    paths = protected(str(root), places)
    return {path.removeprefix(f"{root}/") for path in paths}


def made(root: Path, *paths: str) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("")


def test_an_empty_project_keeps_its_top(root: Path) -> None:
    assert found(root) == {".git", ".zeke-consents.json"}


def test_by_name_at_any_depth(root: Path) -> None:
    made(root, ".github/workflows/ci.yml", ".github/README", "src/.vscode/x", "src/.EnvRC", "a/b")
    made(root, ".zeke-consents.json.tmp-1", "workflows/x", "lua/x.lua")
    assert found(root) - {".git", ".zeke-consents.json"} == {
        ".github/workflows",
        "src/.vscode",
        "src/.EnvRC",
        ".zeke-consents.json.tmp-1",
    }


def test_what_neovim_loads(root: Path) -> None:
    made(root, "lua/x.lua", "src/lua/y.lua")
    assert found(root, Places(on_runtimepath=True)) >= {"lua"}
    assert "src/lua" not in found(root, Places(on_runtimepath=True))


def test_where_git_keeps_a_repository(root: Path) -> None:
    made(root, "store/HEAD", "store/objects/x", "store/refs/y", "src/HEAD")
    assert found(root) >= {"store"}
    assert "src" not in found(root)
    elsewhere = Places(git_dirs=("/elsewhere/git",), never=("/state",))
    assert found(root, elsewhere) >= {"/elsewhere/git", "/state"}


def test_what_was_installed_is_left_out(root: Path) -> None:
    made(root, "node_modules/x/.vscode/a", ".venv/lib/.git/b")
    assert found(root) == {".git", ".zeke-consents.json"}


def test_links_are_not_followed(root: Path, tmp_path: Path) -> None:
    made(tmp_path, "outside/.git/config")
    (root / "way").symlink_to(tmp_path / "outside")
    (root / "loop").symlink_to(root)
    assert found(root) == {".git", ".zeke-consents.json"}
    assert sorted(listed(str(root))) == ["src"]
    assert listed(str(root / "none")) == ()


def test_too_much_is_an_error(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ENTRIES", 3)
    made(root, *(f"f{number}" for number in range(4)))
    with pytest.raises(ProcessError, match="over 3 files"):
        found(root)
