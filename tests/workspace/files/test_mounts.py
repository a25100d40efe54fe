"""Mounts: what is mounted in a project belongs to it, and hides nobody's own files."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from tests.workspace.files.bench import Bench
from tests.workspace.files.child import CannotError, apart, bind, forbid, mount, own_mounts
from zeke_bridge.model.action import Op
from zeke_bridge.model.errors import StoreError
from zeke_bridge.model.target import Places
from zeke_bridge.workspace.files import moves
from zeke_bridge.workspace.files.beneath import open_beneath

WAYS = pytest.mark.parametrize("kernel", [True, False], ids=["openat2", "stepwise"])
# Numbers of x86_64.
OPENAT2, RENAMEAT2 = 437, 316


@WAYS
def test_another_file_system_in_the_project(project: Path, kernel: bool) -> None:
    def work() -> None:
        own_mounts()
        (project / "mnt").mkdir()
        mount("tmpfs", project / "mnt", "tmpfs")
        (project / "mnt" / "b.py").write_bytes(b"old")
        bench = Bench(project, kernel)
        target = bench.target("mnt/b.py")
        assert (target.path, target.inside, target.left_root) == ("mnt/b.py", True, False)
        assert not target.kernel
        bench.files.write(bench.permit(Op.WRITE, "mnt/b.py", b"new", b"old"), b"new")
        bench.files.write(bench.permit(Op.CREATE, "mnt/x/c.py", b"c"), b"c")
        assert bench.files.read(bench.permit(Op.READ, "mnt/b.py")) == b"new"
        with pytest.raises(StoreError, match="another file system"):
            bench.files.rename(bench.permit(Op.RENAME, "src/a.py", to="mnt/a.py"))
        bench.files.rename(bench.permit(Op.RENAME, "mnt/b.py", to="mnt/d.py"))
        bench.files.delete(bench.permit(Op.DELETE, "mnt/d.py", base=b"new"))
        assert (project / "src" / "a.py").read_bytes() == b"old\n"
        assert sorted(path.name for path in (project / "mnt").iterdir()) == ["x"]

    apart(work)


@WAYS
def test_a_root_on_another_file_system(tmp_path: Path, kernel: bool) -> None:
    def work() -> None:
        own_mounts()
        root = tmp_path / "project"
        root.mkdir()
        mount("tmpfs", root, "tmpfs")
        bench = Bench(root, kernel)
        bench.files.write(bench.permit(Op.CREATE, "a/b", b"b"), b"b")
        assert bench.target("a/b").path == "a/b"

    apart(work)


@WAYS
def test_own_files_mounted_into_the_project(project: Path, kernel: bool) -> None:
    base = project.parent
    (base / "state" / "deep").mkdir(parents=True)
    (base / "state" / "deep" / "ledger").write_bytes(b"{}")
    (base / "key").write_bytes(b"key")
    for name in ("state", "deep"):
        (project / name).mkdir()
    for name in ("ledger", "key"):
        (project / name).write_bytes(b"")

    def work() -> None:
        own_mounts()
        bind(base / "state", project / "state")
        bind(base / "state" / "deep", project / "deep")
        bind(base / "state" / "deep" / "ledger", project / "ledger")
        bind(base / "key", project / "key")
        places = Places(never=(str(base / "state"),), unreadable=(str(base / "key"),))
        bench = Bench(project, kernel, places)
        for path in ("state/new", "state/deep/ledger", "deep/ledger", "deep/n/m", "ledger"):
            assert bench.target(path).never, path
        assert bench.target("key").unreadable
        assert not bench.target("src/a.py").never

    apart(work)


@WAYS
def test_own_files_below_a_project_that_is_mounted_elsewhere(tmp_path: Path, kernel: bool) -> None:
    state = tmp_path / "home" / "state"
    state.mkdir(parents=True)
    (state / "ledger").write_bytes(b"{}")
    (tmp_path / "home" / "a.py").write_bytes(b"")
    (tmp_path / "elsewhere").mkdir()

    def work() -> None:
        own_mounts()
        bind(tmp_path / "home", tmp_path / "elsewhere")
        bench = Bench(tmp_path / "elsewhere", kernel, Places(never=(str(state),)))
        for path in ("state/ledger", "state/new", "state/new/newer"):
            assert bench.target(path).never, path
        assert not bench.target("a.py").never

    apart(work)


@WAYS
def test_proc_mounted_into_the_project(project: Path, kernel: bool) -> None:
    (project / "p").mkdir()
    (project / "environ").write_bytes(b"")

    def work() -> None:
        own_mounts()
        mount("proc", project / "p", "proc")
        bind(Path("/proc/self/environ"), project / "environ")
        bench = Bench(project, kernel)
        for path in ("p/self/environ", "p/1/environ", "p/version", "p/new", "environ"):
            assert bench.target(path).kernel, path
        assert not bench.target("src/a.py").kernel
        with pytest.raises(StoreError):
            bench.files.digest(Op.READ, str(project), "p/version")

    apart(work)


@WAYS
def test_a_file_that_is_a_mount_is_not_replaced(project: Path, kernel: bool) -> None:
    (project.parent / "out" / "b").write_bytes(b"outside")
    (project / "b").write_bytes(b"below")

    def work() -> None:
        own_mounts()
        bind(project.parent / "out" / "b", project / "b")
        bench = Bench(project, kernel)
        with pytest.raises(StoreError, match="busy"):
            bench.files.write(bench.permit(Op.WRITE, "b", b"new", b"outside"), b"new")
        with pytest.raises(StoreError, match="busy"):
            bench.files.delete(bench.permit(Op.DELETE, "b", base=b"outside"))
        assert (project / "b").read_bytes() == b"outside"
        assert bench.left_over() == []

    apart(work)


@WAYS
def test_files_on_an_overlay(tmp_path: Path, kernel: bool) -> None:
    """What lies below is copied when it is first changed; it is the same file still."""

    def work() -> None:
        own_mounts()
        mount("tmpfs", tmp_path, "tmpfs")
        for name in ("lower", "upper", "project"):
            (tmp_path / name).mkdir()
        mount("tmpfs", tmp_path / "lower", "tmpfs")
        mount("tmpfs", tmp_path / "upper", "tmpfs")
        for name in ("upper", "work"):
            (tmp_path / "upper" / name).mkdir()
        for name in ("a", "b", "c"):
            (tmp_path / "lower" / name).write_bytes(b"old")
        upper = tmp_path / "upper"
        options = f"lowerdir={tmp_path}/lower,upperdir={upper}/upper,workdir={upper}/work"
        mount("overlay", tmp_path / "project", "overlay", options=options)
        bench = Bench(tmp_path / "project", kernel)
        bench.files.write(bench.permit(Op.WRITE, "a", b"new", b"old"), b"new")
        bench.files.write(bench.permit(Op.CREATE, "d", b"d"), b"d")
        bench.files.delete(bench.permit(Op.DELETE, "b", base=b"old"))
        bench.files.rename(bench.permit(Op.RENAME, "c", base=b"old", to="e"))
        found = {path.name: path.read_bytes() for path in bench.root.iterdir()}
        assert found == {"a": b"new", "d": b"d", "e": b"old"}

    apart(work)


@pytest.mark.parametrize("number", [errno.ENOSYS, errno.EPERM])
def test_a_sandbox_that_forbids_the_new_calls(project: Path, number: int) -> None:
    def work() -> None:
        forbid(number, OPENAT2, RENAMEAT2)
        handle = os.open(project, os.O_RDONLY)
        with pytest.raises(OSError) as caught:  # noqa: PT011 - the number is what is asked for
            open_beneath(handle, "src")
        assert caught.value.errno == number
        assert not moves.exchange(handle, "src", "src")
        os.close(handle)
        bench = Bench(project)
        assert bench.target("src/a.py").path == "src/a.py"
        bench.files.write(bench.permit(Op.WRITE, "src/a.py", b"new", b"old\n"), b"new")
        bench.files.write(bench.permit(Op.CREATE, "new/b.py", b"b"), b"b")
        bench.files.rename(bench.permit(Op.RENAME, "src/a.py", base=b"new", to="c.py"))
        bench.files.delete(bench.permit(Op.DELETE, "new/b.py", base=b"b"))
        assert (project / "c.py").read_bytes() == b"new"
        assert bench.left_over() == []

    apart(work)


def test_a_device_in_the_project(bench: Bench) -> None:
    def work() -> None:
        try:
            os.mknod(bench.root / "dev", stat.S_IFCHR | 0o600, os.makedev(1, 5))
        except PermissionError as error:
            raise CannotError("no devices can be made here") from error
        assert bench.target("dev").kind == "other"
        with pytest.raises(StoreError):
            bench.files.digest(Op.READ, str(bench.root), "dev")

    apart(work)
