"""Which file a name means: never one that a project put in the way."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.workspace.process.bench import script
from zeke_bridge.model.action import Action, Op
from zeke_bridge.workspace.files import Resolver
from zeke_bridge.workspace.process.program import clean_path, find_program


def find(name: str, root: Path, *entries: object, directory: Path | None = None) -> str:
    environ = {"PATH": os.pathsep.join(str(entry) for entry in entries)}
    return find_program(name, str(directory or root), str(root), environ).path


LS = os.path.realpath("/bin/ls")


@pytest.mark.parametrize(
    "entry", [".", "", "..", "bin", "./bin", "{root}/bin", "{root}", "{root}/bin/../bin/", "{link}"]
)
def test_a_tool_in_the_project_is_not_chosen(root: Path, tmp_path: Path, entry: str) -> None:
    script(root / "bin" / "ls")
    script(root / "ls")
    (tmp_path / "link").symlink_to(root / "bin")
    there = entry.format(root=root, link=tmp_path / "link")
    assert find("ls", root, there, "/usr/bin", directory=root / "bin") == LS
    assert find("ls", root, there) == LS


def test_the_working_directory_is_not_searched(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script(root / "zeke-no-such-tool")
    monkeypatch.chdir(root)
    assert find("zeke-no-such-tool", root, "", ".", "/usr/bin") == ""


def test_a_link_on_the_path_into_the_project_is_passed_over(root: Path, tmp_path: Path) -> None:
    evil = script(root / "ls")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "ls").symlink_to(evil)
    assert find("ls", root, tmp_path / "bin") == LS


def test_a_directory_that_everybody_can_write_is_left_out(root: Path, tmp_path: Path) -> None:
    script(tmp_path / "open" / "tool")
    (tmp_path / "open").chmod(0o777)
    assert find("tool", root, tmp_path / "open") == ""
    (tmp_path / "open").chmod(0o1777)
    assert find("tool", root, tmp_path / "open") == ""
    (tmp_path / "open").chmod(0o755)
    assert find("tool", root, tmp_path / "open") == str(tmp_path / "open" / "tool")


def test_the_persons_own_path_comes_first(root: Path, tmp_path: Path) -> None:
    mine = script(tmp_path / "mine" / "ls")
    assert find("ls", root, tmp_path / "mine", "/usr/bin") == str(mine)


def test_a_directory_that_looks_like_the_project_is_another(root: Path, tmp_path: Path) -> None:
    tool = script(tmp_path / "project-tools" / "tool")
    assert find("tool", root, tmp_path / "project-tools") == str(tool)


def test_a_path_counts_from_the_working_directory(root: Path) -> None:
    tool = script(root / "src" / "run")
    assert find("./run", root, directory=root / "src") == str(tool)
    assert find("src/run", root) == str(tool)
    assert find(str(tool), root) == str(tool)
    assert find("./run", root) == ""


@pytest.mark.parametrize("name", ["", ".", "..", "/", "./", "a\0b", "no-such", "src", "./src", "~"])
def test_what_is_no_program(root: Path, name: str) -> None:
    assert find(name, root, "/usr/bin") == ""


def test_a_file_that_cannot_be_run(root: Path) -> None:
    script(root / "x").chmod(0o644)
    os.mkfifo(root / "fifo")
    assert find("./x", root) == find("./fifo", root) == ""


def test_a_root_that_is_gone_finds_nothing(root: Path, tmp_path: Path) -> None:
    assert find("ls", tmp_path / "gone", "/usr/bin") == ""
    assert clean_path(str(tmp_path / "gone"), {"PATH": "/usr/bin"}) == ()


def test_the_clean_path(root: Path, tmp_path: Path) -> None:
    (tmp_path / "tools").mkdir()
    (tmp_path / "file").write_text("")
    entries = ("", ".", root, root / "src", tmp_path / "tools", tmp_path / "file", "/no/such")
    cleaned = clean_path(str(root), {"PATH": os.pathsep.join(map(str, entries))})
    assert cleaned[0] == str(tmp_path / "tools")
    assert os.path.realpath("/usr/bin") in cleaned
    assert not any(folder.startswith(str(root)) for folder in cleaned)
    assert all(folder.startswith("/") for folder in cleaned)


def test_the_mark_tells_files_apart(root: Path) -> None:
    action = Action(Op.EXECUTE, str(root), argv=("./run",))
    resolver = Resolver()
    script(root / "run", "exit 1")
    first = resolver.look(action)
    assert first.program == str(root / "run")
    assert first.are_still(resolver.look(action))
    script(root / "other", "exit 2").replace(root / "run")
    swapped = resolver.look(action)
    assert not first.are_still(swapped)
    with (root / "run").open("a") as file:
        file.write("# more\n")
    assert not swapped.are_still(resolver.look(action))


def test_no_program_is_a_fact(root: Path) -> None:
    facts = Resolver().look(Action(Op.EXECUTE, str(root), argv=("no-such-tool",)))
    assert (facts.program, facts.program_mark) == ("", ())
    assert Resolver().look(Action(Op.EXECUTE, str(root))).program == ""
    outside = Action(Op.EXECUTE, str(root), argv=("ls",), cwd="no/such")
    assert Resolver().look(outside).cwd is not None
