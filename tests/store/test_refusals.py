"""Files that are not used: they grant nothing, stay byte for byte, and say what to do."""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.store.conftest import ALL, Shelf
from zeke_bridge.model.errors import StoreError

NOBODY = 65534


def _linked(path: Path) -> None:
    path.rename(path.with_name("x"))
    path.symlink_to("x")


def _dangling(path: Path) -> None:
    path.unlink()
    path.symlink_to("nowhere")


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _socket(path: Path) -> None:
    path.unlink()
    with socket.socket(socket.AF_UNIX) as bound, pytest.MonkeyPatch.context() as patch:
        patch.chdir(path.parent)
        bound.bind(path.name)


def _device(path: Path) -> None:
    path.unlink()
    path.symlink_to("/dev/zero")


def _unreadable(path: Path) -> None:
    if os.getuid() == 0:
        pytest.skip("root may read everything")
    path.chmod(0o200)


def _foreign(path: Path) -> None:
    if os.getuid() != 0:
        pytest.skip("only root can give a file away")
    os.chown(path, NOBODY, NOBODY)


def _text(change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        path.write_bytes(change(path.read_bytes()))

    return write


SPOILS: dict[str, tuple[Callable[[Path], None], str]] = {
    "link": (_linked, "it is a link"),
    "dangling link": (_dangling, "it is a link"),
    "device": (_device, "it is a link"),
    "directory": (_folder, "not a regular file"),
    "fifo": (_fifo, "not a regular file"),
    "socket": (_socket, "cannot be read"),
    "unreadable": (_unreadable, "Permission denied"),
    "foreign": (_foreign, "belongs to somebody else"),
    "group": (lambda path: path.chmod(0o664), "chmod go-w"),
    "others": (lambda path: path.chmod(0o602), "chmod go-w"),
    "large": (_text(lambda old: old + b" " * 1024 * 1024), "over 1048576 bytes"),
    "cut": (_text(lambda old: old[:-5]), "not JSON"),
    "junk": (_text(lambda old: old + b"}"), "not JSON"),
    "empty": (_text(lambda old: b""), "not JSON"),
    "twice": (_text(lambda old: old.replace(b"{", b'{"version": 1,', 1)), "twice"),
    "nan": (_text(lambda old: old.replace(b"false", b"NaN")), "NaN"),
    "unknown": (_text(lambda old: old.replace(b"{", b'{"owner": 1,', 1)), "exactly the fields"),
    "version": (_text(lambda old: old.replace(b": 1,", b": 2,", 1)), "version"),
    "deep": (_text(lambda old: b"[" * 500_000), "not JSON"),
    "mark": (_text(lambda old: b"\xef\xbb\xbf" + old), "byte order mark"),
    "latin": (_text(lambda old: old.replace(b"mine", b"m\xe9ne")), "UTF-8"),
    "utf-16": (_text(lambda old: old.decode().encode("utf-16")), "UTF-8"),
}


UNSEEN = {"link", "dangling link", "device", "directory", "fifo", "socket", "unreadable", "large"}


@pytest.mark.parametrize("name", SPOILS)
def test_a_broken_file_grants_nothing_and_stays(shelf: Any, name: str) -> None:
    spoil, reason = SPOILS[name]
    shelf.remember("mine")
    spoil(shelf.file)
    before = _seen(shelf.file)
    memory = shelf.load()
    assert (memory.state, memory.grants.grants, memory.listed) == ("broken", (), ())
    assert reason in memory.notice
    assert "No grant of it counts until it is mended or removed." in memory.notice
    # What cannot be seen may forbid anything.
    assert memory.doubtful == (name in UNSEEN)
    assert memory.local_only == (name in UNSEEN and name != "large")
    assert memory.doubtful == ("so everything here is asked about" in memory.notice)
    assert memory.local_only == memory.notice.endswith("and stays on this machine.")
    with pytest.raises(StoreError, match=reason):
        shelf.remember("b")
    with pytest.raises(StoreError):
        shelf.store().trust(str(shelf.root), memory.hash)
    assert _seen(shelf.file) == before


def _seen(path: Path) -> tuple[object, ...]:
    found = path.lstat()
    content = path.read_bytes() if path.is_file() else b""
    return found.st_ino, found.st_mode, found.st_uid, found.st_mtime_ns, content


def test_mended_it_counts_again(shelf: Any) -> None:
    shelf.remember("mine")
    shelf.file.chmod(0o664)
    assert shelf.targets() == set()
    shelf.file.chmod(0o644)
    assert shelf.targets() == {"mine"}


def test_removed_there_is_room_for_a_new_one(shelf: Any) -> None:
    shelf.remember("mine")
    shelf.file.write_bytes(b"{")
    shelf.file.unlink()
    shelf.remember("b")
    assert shelf.targets() == {"b"}


@pytest.mark.parametrize(
    "name", ["foreign", "group", "others", "large", "junk", "twice", "unknown"]
)
def test_what_restricts_binds_even_so(shelf: Any, name: str) -> None:
    shelf.file.write_bytes(ALL)
    SPOILS[name][0](shelf.file)
    memory = shelf.load()
    assert memory.state == "broken"
    assert memory.local_only
    assert [(deny.op, deny.pattern.text) for deny in memory.denies] == [("write", "secret/")]


def test_a_directory_that_cannot_be_written() -> None:
    # Root may write everywhere, so what is tried is tried by somebody else, in a place of theirs.
    with tempfile.TemporaryDirectory() as base:
        shelf = Shelf(Path(base))
        assert _as_somebody(base, lambda: shelf.remember("a")) == ""
        before = shelf.file.read_bytes()
        shelf.root.chmod(0o555)
        try:
            failure = _as_somebody(base, lambda: shelf.remember("b"))
        finally:
            shelf.root.chmod(0o755)
        assert failure == f"{shelf.file} cannot be written: Permission denied."
        assert shelf.file.read_bytes() == before
        assert [path.name for path in shelf.root.iterdir()] == [shelf.file.name]


def _as_somebody(base: str, act: Callable[[], object]) -> str:
    """The sentence with which ``act`` fails for a user whom permissions bind; empty if it works."""
    user = os.getuid() or NOBODY
    for path in (Path(base), *Path(base).rglob("*")):
        os.chown(path, user, -1)
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setuid(user)
            act()
        except BaseException as error:
            os.write(writer, str(error).encode())
        finally:
            os._exit(0)
    os.close(writer)
    os.waitpid(child, 0)
    with os.fdopen(reader) as said:
        return said.read()
