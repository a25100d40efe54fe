"""A disk that is full, read-only or failing: a clear sentence, the old file intact, no left-over."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.workspace.files.bench import Bench, open_handles
from tests.workspace.files.child import (
    apart,
    become_nobody,
    mount,
    own_mounts,
    read_only,
)
from tests.workspace.files.faults import CHANGING, Count, FailAt, faults
from tests.workspace.files.systems import full, no_nameless_nor_rename2
from zeke_bridge.model.action import Op
from zeke_bridge.model.errors import ChangedError, StoreError

OLD, NEW = b"old\n", b"new\n" * 1000


def permitted(bench: Bench, op: Op) -> Callable[[], None]:
    permit = {
        Op.WRITE: lambda: bench.permit(Op.WRITE, "src/a.py", NEW, OLD),
        Op.CREATE: lambda: bench.permit(Op.CREATE, "new/deep/b.py", NEW),
        Op.DELETE: lambda: bench.permit(Op.DELETE, "src/a.py", base=OLD),
        Op.RENAME: lambda: bench.permit(Op.RENAME, "src/a.py", base=OLD, to="new/b.py"),
    }[op]()
    return lambda: bench.act(permit, NEW)


OPS = [Op.WRITE, Op.CREATE, Op.DELETE, Op.RENAME]
AFTER = {
    Op.WRITE: {"src/a.py": NEW},
    Op.CREATE: {"src/a.py": OLD, "new/deep/b.py": NEW},
    Op.DELETE: {},
    Op.RENAME: {"new/b.py": OLD},
}


def files_of(bench: Bench) -> dict[str, bytes]:
    return {
        os.path.relpath(path, bench.root): path.read_bytes()
        for path in bench.root.rglob("*")
        if path.is_file()
    }


def lay_out(base: Path) -> Bench:
    (base / "src").mkdir(parents=True)
    (base / "src" / "a.py").write_bytes(OLD)
    return Bench(base)


@pytest.mark.parametrize("system", [full, no_nameless_nor_rename2])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EIO, errno.EACCES])
@pytest.mark.parametrize("op", OPS)
def test_every_call_that_changes_something_fails_once(
    tmp_path: Path,
    op: Op,
    number: int,
    system: Callable[[pytest.MonkeyPatch], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    system(monkeypatch)
    count = Count()
    bench = lay_out(tmp_path / "whole")
    with faults(count, CHANGING):
        permitted(bench, op)()
    handles = open_handles()
    for place in range(len(count.names)):
        bench = lay_out(tmp_path / str(place))
        act = permitted(bench, op)
        fault = FailAt(place, number)
        try:
            with faults(fault, CHANGING):
                act()
        except (StoreError, ChangedError) as error:
            assert files_of(bench) == {"src/a.py": OLD}, fault.failed
            assert os.strerror(number) in error.message
            assert [path.name for path in bench.root.iterdir()] == ["src"]
        else:
            assert fault.failed in ("", "fsync", "openat2", "link", "unlink")
            assert files_of(bench) == AFTER[op]
        assert open_handles() == handles


@pytest.mark.parametrize("op", [Op.WRITE, Op.CREATE])
def test_a_disk_that_stays_full(tmp_path: Path, op: Op) -> None:
    bench = lay_out(tmp_path)
    act = permitted(bench, op)
    with (
        faults(FailAt(0, errno.ENOSPC, for_good=True), ("write", "fsync")),
        pytest.raises(StoreError, match="No space left on device"),
    ):
        act()
    assert files_of(bench) == {"src/a.py": OLD}


def test_a_disk_that_is_really_full(tmp_path: Path) -> None:
    def work() -> None:
        own_mounts()
        mount("tmpfs", tmp_path, "tmpfs", options="size=64k")
        bench = lay_out(tmp_path / "project")
        large = os.urandom(100_000)
        for op, path, base in ((Op.WRITE, "src/a.py", OLD), (Op.CREATE, "new/b.py", None)):
            with pytest.raises(StoreError, match="No space left on device"):
                bench.files.write(bench.permit(op, path, large, base), large)
            assert files_of(bench) == {"src/a.py": OLD}
            assert bench.left_over() == []
        bench.files.write(bench.permit(Op.WRITE, "src/a.py", b"small", OLD), b"small")
        assert files_of(bench) == {"src/a.py": b"small"}

    apart(work)


@pytest.mark.parametrize("op", OPS)
def test_a_file_system_that_is_read_only(tmp_path: Path, op: Op) -> None:
    def work() -> None:
        own_mounts()
        bench = lay_out(tmp_path / "project")
        read_only(bench.root)
        with pytest.raises(StoreError, match=r"[Rr]ead-only"):
            permitted(bench, op)()
        assert files_of(bench) == {"src/a.py": OLD}

    apart(work)


@pytest.mark.parametrize("op", OPS)
def test_a_directory_that_is_read_only(open_project: Bench, op: Op) -> None:
    def work() -> None:
        for name in ("src", "."):
            (open_project.root / name).chmod(0o555)
        become_nobody()
        with pytest.raises(StoreError, match="Permission denied"):
            permitted(open_project, op)()
        assert files_of(open_project) == {"src/a.py": OLD}

    apart(work)


def test_a_file_that_may_not_be_read(open_project: Bench) -> None:
    def work() -> None:
        (open_project.root / "src" / "a.py").chmod(0)
        become_nobody()
        with pytest.raises(StoreError, match="Permission denied"):
            open_project.files.read(open_project.permit(Op.READ, "src/a.py"))
        with pytest.raises(StoreError, match="Permission denied"):
            permitted(open_project, Op.WRITE)()

    apart(work)
