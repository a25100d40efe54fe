"""What a literal path is: from the root on, as bytes, with nothing expanded."""

from __future__ import annotations

import os
import socket
import unicodedata
from pathlib import Path

import pytest

from tests.workspace.files.bench import Bench
from zeke_bridge.model.action import Op
from zeke_bridge.model.errors import ChangedError
from zeke_bridge.workspace.files import Resolver

LITERAL = [
    "~", "~/x", "~root/x", "$HOME", "${HOME}/x", "$(id)", "`id`", "%2e%2e", "%2e%2e%2fx", "..%2fx",
    "file:", "...", ". .", "....", ".. ", " ..", "..\\..\\x", "C:x", "*", "?", "[a]", "{a,b}", "-rf",
    " ", "\u00e9", "e\u0301", "\u202ea", "\u200b", "CON", "a:b", "a.", "#", "!", "\U0001f600",
]  # fmt: skip


@pytest.mark.parametrize("name", LITERAL)
def test_a_name_is_a_name(bench: Bench, name: str) -> None:
    """Nothing expands, is decoded or normalised; what is created has these very bytes."""
    for path in (name, f"src/{name}", f"new/{name}"):
        assert bench.target(path).path == path
        assert bench.target(path).inside
    bench.files.write(bench.permit(Op.CREATE, name, b"x"), b"x")
    top = name.split("/", maxsplit=1)[0]
    assert top in [entry.name for entry in bench.root.iterdir()]
    assert bench.target(name).kind == "regular"


@pytest.mark.parametrize(
    "path",
    [
        "", "\0", "a\0b", "src/a.py\0", "a\n", "\na", "src\n/a.py", "a\r", "a\tb", "\x1b[2J", "\x7f",
        "\x85", "a\u2028b", "a\u2029b", "\ud800", "src/\udcff", "x" * 256, "é" * 128,
        "a/" * 2048 + "a", "src/" + "y" * 256, "src/a.py/", "src/a.py/.", "src/a.py/..",
        "src/a.py/x", "none/", "none/.", "none/..", "none/../src/a.py",
    ],
)  # fmt: skip
def test_what_is_no_path(bench: Bench, path: str) -> None:
    assert bench.target(path).problem


def test_the_longest_names(bench: Bench) -> None:
    for name in ("x" * 255, "é" * 127 + "x"):
        bench.files.write(bench.permit(Op.CREATE, name, b"x"), b"x")
        assert bench.files.read(bench.permit(Op.READ, name)) == b"x"


@pytest.mark.parametrize(
    "path",
    [
        "src/a.py", "./src/a.py", "src//a.py", "src/./a.py", "././src/.//./a.py", "src/../src/a.py",
        "src/deep/../a.py", "../project/src/a.py", "l/a.py", "./l//a.py", "up/project/src/a.py",
        "file", "$ROOT/src/a.py", "$ROOT//src/./a.py", "//$ROOT/src/a.py", "$ROOT/l/a.py",
        "$ROOT/../project/src/a.py", "$ROOT/src/../src/a.py",
    ],
)  # fmt: skip
def test_spellings_of_one_file(bench: Bench, path: str) -> None:
    root = bench.root
    (root / "src" / "deep").mkdir()
    (root / "l").symlink_to("src")
    (root / "file").symlink_to(root / "src" / "a.py")
    (root / "up").symlink_to("..")
    target = bench.target(path.replace("$ROOT", str(root)))
    assert (target.path, target.inside, target.kind) == ("src/a.py", True, "regular")
    assert target.absolute == f"{root}/src/a.py"
    # Out by a link and in again is not the same as never having left.
    assert target.left_root == path.startswith("up/")


def test_absolute_is_relative(bench: Bench) -> None:
    for path in ("src/a.py", "src/new", "none/new", ".", "src"):
        one, other = bench.target(path), bench.target(f"{bench.root}/{path}")
        assert (one.path, one.kind, one.inside) == (other.path, other.kind, other.inside)


def test_composed_and_decomposed_are_two_names(bench: Bench) -> None:
    composed = unicodedata.normalize("NFC", "é.py")
    decomposed = unicodedata.normalize("NFD", "é.py")
    (bench.root / composed).write_bytes(b"")
    if (bench.root / decomposed).exists():
        pytest.skip("this file system takes both for one")
    assert bench.target(composed).kind == "regular"
    assert bench.target(decomposed).kind == "missing"


def test_a_sibling_that_begins_like_the_root(bench: Bench) -> None:
    evil = bench.root.with_name("project-evil")
    evil.mkdir()
    (evil / "x").write_bytes(b"")
    (bench.root / "l").symlink_to(evil)
    for path in (f"{evil}/x", "../project-evil/x", "l/x"):
        assert not bench.target(path).inside


def test_what_is_no_file(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(bench.root / "pipe")
    # The name of a socket is short; its directory need not be.
    monkeypatch.chdir(bench.root)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")
    assert {bench.target(path).kind for path in ("pipe", "socket")} == {"other"}
    assert {bench.target(path).kind for path in (".", "src", "src/", "src/..")} == {"directory"}
    for path in ("/dev/null", "/dev/fd/0", "/proc/self/environ", "/sys/kernel", "/dev/none"):
        assert bench.target(path).kernel, path


def test_root_spelled_in_odd_ways(project: Path) -> None:
    (project.parent / "link").symlink_to("project")
    for root in (f"{project}/", f"{project}//", f"{project}/.", f"{project}/src/..",
                 f"{project.parent}/link", f"{project.parent}/link/", f"//{project}"):  # fmt: skip
        for path in ("src/a.py", f"{project}/src/a.py", f"{root}/src/a.py"):
            target, spot = Resolver().resolve(root, path)
            assert (target.path, target.inside, target.left_root) == ("src/a.py", True, False)
            assert spot is not None
            spot.close()


def test_the_root_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a").write_bytes(b"a")
    (tmp_path / "link").symlink_to("real")
    bench = Bench(tmp_path / "link")
    assert (bench.target(f"{tmp_path}/link/a").path, bench.target("a").path) == ("a", "a")
    permit = bench.permit(Op.WRITE, "a", b"new", b"a")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "a").hardlink_to(tmp_path / "real" / "a")
    (tmp_path / "link").unlink()
    (tmp_path / "link").symlink_to("other")
    with pytest.raises(ChangedError):
        bench.files.write(permit, b"new")
    assert (tmp_path / "other" / "a").read_bytes() == b"a"


@pytest.mark.parametrize("root", ["", "relative", "/nowhere/at/all", "/etc/passwd", "/a\0b"])
def test_a_root_that_is_none(root: str) -> None:
    target, spot = Resolver().resolve(root, "a")
    assert target.problem
    assert spot is None


@pytest.mark.parametrize("op", [Op.WRITE, Op.CREATE, Op.DELETE, Op.RENAME])
def test_a_root_that_is_moved_or_replaced(bench: Bench, op: Op) -> None:
    """With the same files in the new root as in the old one."""
    path = "src/new.py" if op is Op.CREATE else "src/a.py"
    base = None if op is Op.CREATE else b"old\n"
    permits = [bench.permit(op, path, b"new", base, to="src/b.py") for _ in range(3)]
    moved = bench.root.with_name("moved")
    bench.root.rename(moved)
    with pytest.raises(ChangedError):
        bench.act(permits[0], b"new")
    (bench.root / "src").mkdir(parents=True)
    (bench.root / "src" / "a.py").hardlink_to(moved / "src" / "a.py")
    with pytest.raises(ChangedError):
        bench.act(permits[1], b"new")
    (bench.root / "src" / "a.py").unlink()
    (bench.root / "src").rmdir()
    bench.root.rmdir()
    bench.root.symlink_to("moved")
    with pytest.raises(ChangedError):
        bench.act(permits[2], b"new")
    assert [entry.name for entry in (moved / "src").iterdir()] == ["a.py"]
    assert (moved / "src" / "a.py").read_bytes() == b"old\n"


def test_a_root_that_came_back(bench: Bench) -> None:
    permit = bench.permit(Op.WRITE, "src/a.py", b"new", b"old\n")
    bench.root.rename(bench.root.with_name("moved"))
    bench.root.with_name("moved").rename(bench.root)
    bench.files.write(permit, b"new")
    assert (bench.root / "src" / "a.py").read_bytes() == b"new"


def test_a_root_that_was_removed(bench: Bench) -> None:
    permit = bench.permit(Op.CREATE, "b", b"b")
    (bench.root / "src" / "a.py").unlink()
    (bench.root / "src").rmdir()
    bench.root.rmdir()
    with pytest.raises(ChangedError):
        bench.files.write(permit, b"b")


def test_too_many_links_and_loops(bench: Bench) -> None:
    for number in range(50):
        (bench.root / f"l{number}").symlink_to(f"l{number + 1}")
    (bench.root / "l50").symlink_to("src")
    (bench.root / "round").symlink_to("round/x")
    assert "links" in bench.target("l0/a.py").problem
    assert bench.target("l20/a.py").path == "src/a.py"
    assert "links" in bench.target("round").problem
    (bench.root / "long").symlink_to("./" * 1900 + "src")
    assert bench.target("long/a.py").path == "src/a.py"
