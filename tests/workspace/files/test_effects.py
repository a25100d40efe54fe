"""Effects on files: nothing without a permit, nothing outside, nothing that was not approved."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.workspace.files.bench import Bench, open_handles
from zeke_bridge.model.action import Op
from zeke_bridge.model.errors import ChangedError, DeniedError, InputError, StoreError


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
    with pytest.raises(InputError, match="over 2 bytes"):
        bench.files.read(bench.permit(Op.READ, "src/a.py"), limit=2)
    for limit, said in ((2**18, "256 KiB"), (2**20, "1 MiB")):
        (bench.root / "src/large.py").write_bytes(b"x" * (limit + 1))
        with pytest.raises(InputError, match=f"over {said}"):
            bench.files.read(bench.permit(Op.READ, "src/large.py"), limit=limit)
    assert bench.files.read(bench.permit(Op.READ, "src/a.py"), limit=4) == b"old\n"
    with pytest.raises(StoreError, match="no such file"):
        bench.files.read(bench.permit(Op.READ, "src/none.py"))
