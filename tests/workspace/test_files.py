"""Effects on files: nothing without a permit, nothing outside, nothing that was not approved."""

from __future__ import annotations

import ctypes
import hashlib
import multiprocessing
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from zeke_bridge.model.action import Action, Op
from zeke_bridge.model.errors import ChangedError, DeniedError, InputError, StoreError
from zeke_bridge.model.permit import Permit
from zeke_bridge.model.verdict import Risk, Ruling, Verdict
from zeke_bridge.workspace.files import Files, Resolver

YES = Verdict(Ruling.ALLOW, Risk.MEDIUM, "person", "Yes.", "x")


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def open_handles() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


class Bench:
    """A project, its files, and permits without the gate."""

    def __init__(self, root: Path, kernel: bool) -> None:
        self.root = root
        self.now = 100.0
        self.resolver = Resolver(kernel=kernel)
        self.files = Files(self.resolver)

    def permit(self, op: Op, path: str, content: bytes = b"", base: bytes | None = None) -> Permit:
        base_hash = "" if base is None else sha(base)
        action = Action(
            op, str(self.root), path=path, content_sha256=sha(content), base_sha256=base_hash
        )
        facts, held = self.resolver.hold(action)
        return Permit(action, facts, YES, held, lambda: self.now)

    def left_over(self) -> list[str]:
        return [path.name for path in self.root.rglob(".zeke-*")]


@pytest.fixture(params=[True, False], ids=["openat2", "stepwise"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    root = tmp_path / "project"
    (root / "src").mkdir(parents=True)
    (root / "src" / "a.py").write_bytes(b"old\n")
    (tmp_path / "out").mkdir()
    before = open_handles()
    yield Bench(root, request.param)
    assert open_handles() == before, "a handle was left open"


def test_read(bench: Bench) -> None:
    assert bench.files.read(bench.permit(Op.READ, "src/a.py")) == b"old\n"


def test_write_keeps_the_mode(bench: Bench) -> None:
    path = bench.root / "src" / "a.py"
    path.chmod(0o751)
    bench.files.write(bench.permit(Op.WRITE, "src/a.py", b"new\n", b"old\n"), b"new\n")
    assert path.read_bytes() == b"new\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o751
    assert bench.left_over() == []


def test_create_obeys_the_umask_and_makes_directories(bench: Bench) -> None:
    old = os.umask(0o027)
    try:
        bench.files.write(bench.permit(Op.CREATE, "new/deep/b.py", b"b"), b"b")
    finally:
        os.umask(old)
    path = bench.root / "new" / "deep" / "b.py"
    assert path.read_bytes() == b"b"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o750
    assert (path.stat().st_nlink, bench.left_over()) == (1, [])


def test_two_files_of_one_new_directory(bench: Bench) -> None:
    first = bench.permit(Op.CREATE, "new/one.py", b"1")
    second = bench.permit(Op.CREATE, "new/two.py", b"2")
    bench.files.write(first, b"1")
    bench.files.write(second, b"2")
    assert sorted(path.name for path in (bench.root / "new").iterdir()) == ["one.py", "two.py"]


def test_an_empty_file_and_a_large_one(bench: Bench) -> None:
    large = bytes(range(256)) * 20_000
    bench.files.write(bench.permit(Op.CREATE, "empty", b""), b"")
    bench.files.write(bench.permit(Op.CREATE, "large", large), large)
    assert (bench.root / "empty").read_bytes() == b""
    assert bench.files.read(bench.permit(Op.READ, "large")) == large


def test_a_write_through_a_link_inside_writes_what_it_points_to(bench: Bench) -> None:
    (bench.root / "l").symlink_to("src")
    bench.files.write(bench.permit(Op.WRITE, "l/a.py", b"n", b"old\n"), b"n")
    assert (bench.root / "src" / "a.py").read_bytes() == b"n"
    assert (bench.root / "l").is_symlink()


def test_a_permit_works_once(bench: Bench) -> None:
    permit = bench.permit(Op.READ, "src/a.py")
    bench.files.read(permit)
    with pytest.raises(DeniedError, match="used already"):
        bench.files.read(permit)


def test_a_permit_lasts_a_minute(bench: Bench) -> None:
    for age in (60.1, -1.0):
        bench.now = 100.0
        permit = bench.permit(Op.READ, "src/a.py")
        bench.now += age
        with pytest.raises(ChangedError, match="minute"):
            bench.files.read(permit)
    bench.now = 100.0
    permit = bench.permit(Op.READ, "src/a.py")
    bench.now = 160.0
    assert bench.files.read(permit) == b"old\n"


def test_a_dropped_permit_closes_its_handle(bench: Bench) -> None:
    before = open_handles()
    permit = bench.permit(Op.READ, "src/a.py")
    assert open_handles() == before + 1
    del permit
    assert open_handles() == before
    bench.files.discard(bench.permit(Op.READ, "src/a.py"))
    assert open_handles() == before


def test_a_permit_is_for_its_operation(bench: Bench) -> None:
    with pytest.raises(DeniedError):
        bench.files.write(bench.permit(Op.READ, "src/a.py", b"x", b"old\n"), b"x")
    with pytest.raises(DeniedError):
        bench.files.read(bench.permit(Op.WRITE, "src/a.py", b"x", b"old\n"))
    permit = bench.permit(Op.READ, "src/a.py")
    with pytest.raises(DeniedError, match="another action"):
        permit.take(replace(permit.action, path="src/b.py"))


def test_other_content_than_approved(bench: Bench) -> None:
    with pytest.raises(DeniedError, match="not the text"):
        bench.files.write(bench.permit(Op.WRITE, "src/a.py", b"good", b"old\n"), b"evil")
    assert (bench.root / "src" / "a.py").read_bytes() == b"old\n"


def swap_content(bench: Bench) -> None:
    (bench.root / "src" / "a.py").write_bytes(b"edited meanwhile")


def swap_file(bench: Bench) -> None:
    path = bench.root / "src" / "a.py"
    (bench.root / "copy").write_bytes(b"old\n")
    (bench.root / "copy").replace(path)


def remove_file(bench: Bench) -> None:
    (bench.root / "src" / "a.py").unlink()


def swap_for_link(bench: Bench) -> None:
    path = bench.root / "src" / "a.py"
    (bench.root.parent / "out" / "a.py").write_bytes(b"old\n")
    path.unlink()
    path.symlink_to(bench.root.parent / "out" / "a.py")


def swap_for_fifo(bench: Bench) -> None:
    path = bench.root / "src" / "a.py"
    path.unlink()
    os.mkfifo(path)


def swap_directory(bench: Bench) -> None:
    (bench.root / "src").rename(bench.root / "kept")
    (bench.root / "src").mkdir()
    (bench.root / "src" / "a.py").write_bytes(b"old\n")


def swap_directory_for_link(bench: Bench) -> None:
    (bench.root / "src").rename(bench.root.parent / "out" / "src")
    (bench.root / "src").symlink_to(bench.root.parent / "out" / "src")


def move_directory_out(bench: Bench) -> None:
    (bench.root / "src").rename(bench.root.parent / "out" / "src")


def move_root(bench: Bench) -> None:
    bench.root.rename(bench.root.parent / "elsewhere")


def add_hard_link(bench: Bench) -> None:
    (bench.root / "other").hardlink_to(bench.root / "src" / "a.py")


SWAPS = [
    swap_content,
    swap_file,
    remove_file,
    swap_for_link,
    swap_for_fifo,
    swap_directory,
    swap_directory_for_link,
    move_directory_out,
    move_root,
    add_hard_link,
]


@pytest.mark.parametrize("swap", SWAPS)
def test_anything_that_moved_stops_the_write(bench: Bench, swap: Callable[[Bench], None]) -> None:
    permit = bench.permit(Op.WRITE, "src/a.py", b"new", b"old\n")
    swap(bench)
    with pytest.raises(ChangedError):
        bench.files.write(permit, b"new")
    for path in bench.root.parent.rglob("*"):
        if path.is_file():
            assert path.read_bytes() != b"new"
        assert not path.name.startswith(".zeke-")


@pytest.mark.parametrize("swap", [swap_file, remove_file, swap_for_link, swap_for_fifo])
def test_a_read_never_gives_another_file(bench: Bench, swap: Callable[[Bench], None]) -> None:
    permit = bench.permit(Op.READ, "src/a.py")
    swap(bench)
    with pytest.raises(ChangedError):
        bench.files.read(permit)


def test_create_never_replaces(bench: Bench) -> None:
    permit = bench.permit(Op.CREATE, "src/new.py", b"new")
    (bench.root / "src" / "new.py").write_bytes(b"somebody else's")
    with pytest.raises(ChangedError):
        bench.files.write(permit, b"new")
    assert (bench.root / "src" / "new.py").read_bytes() == b"somebody else's"


def test_create_for_a_file_that_is_there(bench: Bench) -> None:
    with pytest.raises(ChangedError):
        bench.files.write(bench.permit(Op.CREATE, "src/a.py", b"new"), b"new")


def test_a_link_where_a_directory_was_to_be_made(bench: Bench) -> None:
    permit = bench.permit(Op.CREATE, "new/x.py", b"x")
    (bench.root / "new").symlink_to(bench.root.parent / "out")
    with pytest.raises(ChangedError):
        bench.files.write(permit, b"x")
    assert list((bench.root.parent / "out").iterdir()) == []


def test_limits_and_absences(bench: Bench) -> None:
    with pytest.raises(InputError, match="MiB"):
        bench.files.read(bench.permit(Op.READ, "src/a.py"), limit=2)
    assert bench.files.read(bench.permit(Op.READ, "src/a.py"), limit=4) == b"old\n"
    with pytest.raises(StoreError, match="no such file"):
        bench.files.read(bench.permit(Op.READ, "src/none.py"))


def test_a_disk_that_is_full(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    permit = bench.permit(Op.WRITE, "src/a.py", b"new", b"old\n")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match="No space left"):
        bench.files.write(permit, b"new")
    assert (bench.root / "src" / "a.py").read_bytes() == b"old\n"
    assert bench.left_over() == []


def test_the_root_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a").write_bytes(b"a")
    (tmp_path / "link").symlink_to("real")
    target, spot = Resolver().resolve(str(tmp_path / "link"), str(tmp_path / "link" / "a"))
    assert (target.path, target.inside, target.left_root) == ("a", True, False)
    assert spot is not None
    spot.close()


@pytest.mark.parametrize("root", ["relative", "/nowhere/at/all", "/etc/passwd"])
def test_a_root_that_is_none(root: str) -> None:
    target, spot = Resolver().resolve(root, "a")
    assert target.problem
    assert spot is None


def _swap_for_ever(base: str, stop: object) -> None:
    """Exchange a directory with a link to the outside, over and over, in one step each time."""
    libc = ctypes.CDLL(None)
    inside, link = f"{base}/project/d".encode(), f"{base}/project/l".encode()
    while not stop.is_set():  # type: ignore[attr-defined]
        libc.renameat2(-100, inside, -100, link, 2)


@pytest.mark.parametrize("kernel", [True, False], ids=["openat2", "stepwise"])
def test_a_race_never_leads_outside(tmp_path: Path, kernel: bool) -> None:
    (tmp_path / "project" / "d").mkdir(parents=True)
    (tmp_path / "out").mkdir()
    (tmp_path / "project" / "l").symlink_to("../out")
    bench = Bench(tmp_path / "project", kernel)
    context = multiprocessing.get_context("spawn")
    stop = context.Event()
    swapper = context.Process(target=_swap_for_ever, args=(str(tmp_path), stop))
    swapper.start()
    naive_escaped = False
    written = 0
    try:
        for number in range(3000):
            with suppress(ChangedError, StoreError, DeniedError):
                permit = bench.permit(Op.CREATE, f"d/{number}", b"x")
                if permit.facts.target is not None and permit.facts.target.inside:
                    bench.files.write(permit, b"x")
                    written += 1
                permit.close()
            with suppress(OSError):
                (tmp_path / "project" / "d" / f"naive{number}").write_bytes(b"x")
            naive_escaped = naive_escaped or any(tmp_path.joinpath("out").glob("naive*"))
            if naive_escaped and number > 600:
                break
    finally:
        stop.set()
        swapper.join(30)
    outside = [path.name for path in (tmp_path / "out").iterdir() if "naive" not in path.name]
    assert outside == []
    assert written > 0
    assert naive_escaped, "the race was never lost, so this test shows nothing"
