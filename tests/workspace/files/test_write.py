"""A write is whole or not at all, replaces only what was approved, and keeps what a file has."""

from __future__ import annotations

import os
import stat
import struct
from collections.abc import Callable

import pytest

from tests.workspace.files.bench import Bench
from tests.workspace.files.child import CannotError, apart, become_nobody
from tests.workspace.files.systems import (
    SYSTEMS,
    full,
    just_before_rename,
    no_nameless,
    no_rename2,
    nothing_at_all,
)
from zeke_bridge.model.action import Op
from zeke_bridge.model.errors import ChangedError, StoreError
from zeke_bridge.workspace.files import fresh

System = Callable[[pytest.MonkeyPatch], None]


def write(bench: Bench, content: bytes = b"new\n") -> None:
    bench.files.write(bench.permit(Op.WRITE, "src/a.py", content, b"old\n"), content)


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_system_writes(plain: Bench, system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    system(monkeypatch)
    path = plain.root / "src" / "a.py"
    path.chmod(0o640)
    write(plain)
    assert path.read_bytes() == b"new\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    plain.files.write(plain.permit(Op.CREATE, "new/b.py", b"b"), b"b")
    assert (plain.root / "new" / "b.py").read_bytes() == b"b"
    assert (plain.root / "new" / "b.py").stat().st_nlink == 1
    assert plain.left_over() == []


@pytest.mark.parametrize("system", SYSTEMS)
def test_no_system_replaces_what_appeared(
    plain: Bench, system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    system(monkeypatch)
    permit = plain.permit(Op.CREATE, "src/new.py", b"new")
    path = plain.root / "src" / "new.py"
    real = plain.files._check_place

    def late(*arguments: object, **more: object) -> None:
        real(*arguments, **more)  # type: ignore[arg-type]
        path.write_bytes(b"somebody else's")

    monkeypatch.setattr(plain.files, "_check_place", late)
    with pytest.raises(ChangedError):
        plain.files.write(permit, b"new")
    assert path.read_bytes() == b"somebody else's"
    assert plain.left_over() == []


def other_text(bench: Bench) -> None:
    (bench.root / "src" / "a.py").write_bytes(b"edited meanwhile")


def other_file(bench: Bench) -> None:
    (bench.root / "copy").write_bytes(b"edited meanwhile")
    (bench.root / "copy").replace(bench.root / "src" / "a.py")


def other_link(bench: Bench) -> None:
    secret = bench.root.parent / "out" / "secret"
    secret.write_bytes(b"edited meanwhile")
    (bench.root / "src" / "a.py").unlink()
    (bench.root / "src" / "a.py").symlink_to(secret)


@pytest.mark.parametrize("rival", [other_text, other_file, other_link])
def test_the_last_moment(
    plain: Bench, rival: Callable[[Bench], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    acted = just_before_rename(monkeypatch, lambda: rival(plain))
    with pytest.raises(ChangedError):
        write(plain)
    assert acted == ["renameat2"]
    path = plain.root / "src" / "a.py"
    assert path.read_bytes() == b"edited meanwhile"
    assert path.is_symlink() == (rival is other_link)
    assert plain.left_over() == []


def test_the_last_moment_and_nothing_is_there(
    plain: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    just_before_rename(monkeypatch, (plain.root / "src" / "a.py").unlink)
    with pytest.raises((ChangedError, StoreError)):
        write(plain)
    assert list((plain.root / "src").iterdir()) == []


def test_a_rival_who_never_stops_loses_nothing(
    plain: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = plain.root / "src" / "a.py"

    def put(content: bytes) -> None:
        (plain.root / "copy").write_bytes(content)
        (plain.root / "copy").replace(path)

    just_before_rename(monkeypatch, lambda: put(b"first"), lambda: put(b"second"))
    with pytest.raises(ChangedError, match="kept as") as caught:
        write(plain)
    (left,) = plain.left_over()
    assert left in caught.value.message
    found = {path.read_bytes(), (plain.root / "src" / left).read_bytes()}
    assert found == {b"first", b"second"}


@pytest.mark.parametrize("system", [no_rename2, nothing_at_all])
def test_where_names_cannot_be_swapped_the_look_comes_last(
    plain: Bench, system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    system(monkeypatch)
    real = fresh.exchange

    def late(*arguments: object) -> bool:
        other_file(plain)
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(fresh, "exchange", late)
    with pytest.raises(ChangedError):
        write(plain)
    assert (plain.root / "src" / "a.py").read_bytes() == b"edited meanwhile"
    assert plain.left_over() == []


def test_without_proc(plain: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.link

    def link(source: str, *arguments: object, **more: object) -> None:
        if source.startswith("/proc/"):
            raise FileNotFoundError(2, "No such file or directory")
        real(source, *arguments, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "link", link)
    write(plain)
    plain.files.write(plain.permit(Op.CREATE, "src/b.py", b"b"), b"b")
    assert (plain.root / "src" / "a.py").read_bytes() == b"new\n"
    assert (plain.root / "src" / "b.py").read_bytes() == b"b"
    assert plain.left_over() == []


def test_directories_are_taken_back_when_the_file_cannot_be_made(
    plain: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    permit = plain.permit(Op.CREATE, "new/deep/b.py", b"b")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match="No space left"):
        plain.files.write(permit, b"b")
    assert not (plain.root / "new").exists()


def test_privileges_of_a_program_go_with_its_text(plain: Bench) -> None:
    path = plain.root / "src" / "a.py"
    path.chmod(0o4755)
    write(plain)
    assert stat.S_IMODE(path.stat().st_mode) == 0o755


@pytest.mark.parametrize("system", [full, no_nameless])
def test_attributes_are_kept(plain: Bench, system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    system(monkeypatch)
    path = plain.root / "src" / "a.py"
    try:
        os.setxattr(path, "user.origin", b"somewhere")
    except (OSError, AttributeError) as error:
        pytest.skip(f"no attributes here: {error}")
    write(plain)
    assert os.getxattr(path, "user.origin") == b"somewhere"


def access_list(*, group: int) -> bytes:
    """linux/posix_acl_xattr.h: version 2, then (tag, permissions, id), for user 12345 as well."""
    entries = [(1, 6, -1), (2, 4, 12345), (4, group, -1), (16, 4, -1), (32, 0, -1)]
    return struct.pack("<I", 2) + b"".join(
        struct.pack("<HHI", tag, bits, who & 0xFFFFFFFF) for tag, bits, who in entries
    )


def test_an_access_list_is_kept(plain: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    path = plain.root / "src" / "a.py"
    try:
        os.setxattr(path, "system.posix_acl_access", access_list(group=0))
    except (OSError, AttributeError) as error:
        pytest.skip(f"no access lists here: {error}")
    before = os.getxattr(path, "system.posix_acl_access")
    write(plain)
    assert os.getxattr(path, "system.posix_acl_access") == before

    def refuse(*arguments: object) -> None:
        raise OSError(95, "Operation not supported")

    permit = plain.permit(Op.WRITE, "src/a.py", b"newer\n", b"new\n")
    monkeypatch.setattr(os, "setxattr", refuse)
    with pytest.raises(StoreError, match="access list"):
        plain.files.write(permit, b"newer\n")
    assert path.read_bytes() == b"new\n"
    assert plain.left_over() == []


def test_a_default_list_of_the_directory_opens_nothing(plain: Bench) -> None:
    path = plain.root / "src" / "a.py"
    try:
        os.setxattr(path.parent, "system.posix_acl_default", access_list(group=4))
    except (OSError, AttributeError) as error:
        pytest.skip(f"no access lists here: {error}")
    write(plain)
    assert "system.posix_acl_access" not in os.listxattr(path)


def test_owner_and_group_are_kept_by_root(plain: Bench) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")
    path = plain.root / "src" / "a.py"
    os.chown(path, 1234, 4321)
    write(plain)
    assert (path.stat().st_uid, path.stat().st_gid) == (1234, 4321)


@pytest.mark.parametrize(
    ("owner", "mode", "sentence"),
    [(0, 0o666, "another user"), (65534, 0o444, "read-only for you")],
    ids=["a foreign owner", "a read-only file"],
)
def test_files_that_are_not_ours_to_write(
    open_project: Bench, owner: int, mode: int, sentence: str
) -> None:
    path = open_project.root / "src" / "a.py"

    def work() -> None:
        if os.geteuid() != 0:
            raise CannotError("only root can become somebody else")
        os.chown(path, owner, owner)
        path.chmod(mode)
        become_nobody()
        with pytest.raises(StoreError, match=sentence):
            write(open_project)
        assert path.read_bytes() == b"old\n"
        assert open_project.left_over() == []

    apart(work)
    assert path.stat().st_uid == owner or os.geteuid() != 0


def test_a_directory_that_leaves_the_project_between_the_looks(
    plain: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = plain.root.parent / "out"
    out.mkdir(exist_ok=True)
    looks: list[str] = []
    real = plain.files._check_place

    def check(*arguments: object, **more: object) -> None:
        if len(looks) == 1:
            (plain.root / "src").rename(out / "src")
        looks.append("look")
        real(*arguments, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(plain.files, "_check_place", check)
    with pytest.raises(ChangedError):
        write(plain)
    assert len(looks) == 2
    assert (out / "src" / "a.py").read_bytes() == b"old\n"
