"""A save that is killed, or refused by the disk, at each of its system calls in turn."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import signal
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.fakes.small import small
from zeke_bridge.model.errors import StoreError

CALLS = [
    *((os, name) for name in ("open", "read", "write", "close", "fsync", "replace", "unlink")),
    *((os, name) for name in ("mkdir", "stat", "lstat", "fstat", "scandir", "ftruncate")),
    (fcntl, "flock"),
]
NEEDS_ROOM = [(os, name) for name in ("open", "write", "fsync", "replace", "mkdir")]
ENOUGH = 300


@contextlib.contextmanager
def _wrapped(
    calls: list[tuple[Any, str]], before: Callable[[str, tuple[Any, ...]], None]
) -> Iterator[None]:
    def wrap(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **named: Any) -> Any:
            before(name, args)
            return real(*args, **named)

        return call

    with pytest.MonkeyPatch.context() as patch:
        for module, name in calls:
            patch.setattr(module, name, wrap(name, getattr(module, name)))
        yield


def _killed_at(number: int, act: Callable[[], object], *, torn: bool = False) -> bool:
    """Run ``act`` in a child killed at system call ``number``; True when it got to its end.

    ``torn``: only writes count, and half of the one at which it dies is on the disk.
    """
    child = os.fork()
    if child == 0:
        left, write = [number], os.write

        def before(name: str, args: tuple[Any, ...]) -> None:
            if left[0] == 0:
                if torn:
                    write(args[0], bytes(args[1])[: len(args[1]) // 2])
                os.kill(os.getpid(), signal.SIGKILL)
            left[0] -= 1

        try:
            with _wrapped([(os, "write")] if torn else CALLS, before):
                act()
        except BaseException:
            os._exit(2)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code in (0, -signal.SIGKILL), "the child failed instead of being killed"
    return code == 0


@pytest.mark.parametrize("torn", [False, True], ids=["before", "within"])
@small
def test_killed_at_any_call_a_whole_honoured_file_is_left(shelf: Any, torn: bool) -> None:
    shelf.remember("first")
    expected = {"first"}
    for number in range(ENOUGH):
        target = f"t{number}"
        finished = _killed_at(number, lambda target=target: shelf.remember(target), torn=torn)
        memory = shelf.load()
        found = {grant.target for grant in memory.grants.grants}
        assert memory.state == "trusted", number
        assert found in (expected, expected | {target}), number
        expected = found
        if finished:
            break
    assert finished
    assert number > (2 if torn else 40)
    shelf.remember("last")
    assert [path.name for path in shelf.root.iterdir()] == [shelf.file.name]
    assert sorted(path.name for path in shelf.state.iterdir()) == [
        "locks", "trust.json", "trust.lock",
    ]  # fmt: skip


@small
def test_killed_at_the_very_first_grant(shelf: Any) -> None:
    for number in range(ENOUGH):
        if _killed_at(number, lambda: shelf.remember("first")):
            break
        assert shelf.targets() in (set(), {"first"}), number
        assert shelf.load().state in ("none", "trusted"), number
    assert shelf.targets() == {"first"}
    assert number > 40


@small
def test_killed_while_revoking_it_is_there_whole_or_gone_for_good(shelf: Any) -> None:
    kept = shelf.remember("kept")
    gone = False
    for number in range(ENOUGH):
        grant = shelf.remember("gone")
        with_it = shelf.file.read_bytes()
        finished = _killed_at(
            number, lambda grant=grant: shelf.store().revoke(str(shelf.root), [grant.id])
        )
        memory = shelf.load()
        assert memory.state == "trusted"
        ids = {found.id for found in memory.grants.grants}
        assert kept.id in ids
        if grant.id not in ids:
            gone = True
            shelf.file.write_bytes(with_it)
            shelf.trust()
            assert grant.id not in {found.id for found in shelf.load().grants.grants}
        if finished:
            break
    assert finished
    assert gone


@small
def test_killed_while_trusting(shelf: Any) -> None:
    shelf.remember("a")
    content = shelf.file.read_bytes().replace(b'"local_only": false', b'"local_only": true')
    for number in range(ENOUGH):
        shelf.file.write_bytes(content + b"\n" * number)
        finished = _killed_at(number, shelf.trust)
        assert shelf.targets() in (set(), {"a"}), number
        if finished:
            break
    assert finished
    assert shelf.targets() == {"a"}


@pytest.mark.parametrize("lasting", [False, True], ids=["once", "from then on"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EIO, errno.EDQUOT])
def test_a_disk_that_refuses_at_any_call_loses_nothing(
    shelf: Any, number: int, lasting: bool
) -> None:
    shelf.remember("first")
    expected = {"first"}
    refused = 0
    for at in range(ENOUGH):
        target = f"t{at}"
        old = shelf.file.read_bytes()
        left = [at]

        def before(name: str, args: tuple[Any, ...], left: list[int] = left) -> None:
            left[0] -= 1
            if name == "open" and not args[1] & os.O_CREAT:
                return
            if left[0] == -1 or (lasting and left[0] < 0):
                raise OSError(number, os.strerror(number))

        failure = ""
        with _wrapped(NEEDS_ROOM, before):
            try:
                shelf.remember(target)
            except StoreError as error:
                failure = error.message
        found = shelf.targets()
        if failure:
            refused += 1
            assert os.strerror(number) in failure
            assert failure.endswith(".")
            assert shelf.load().state == "trusted"
            assert shelf.file.read_bytes() == old or found == expected | {target}
            assert found in (expected, expected | {target}), at
        else:
            assert found == expected | {target}, at
        expected = found
        if left[0] >= 0:
            break
    assert refused > 8
    shelf.remember("last")
    assert shelf.targets() == expected | {"last"}
    assert [path.name for path in shelf.root.iterdir()] == [shelf.file.name]


def test_a_revoked_grant_is_gone_when_only_the_file_cannot_be_written(shelf: Any) -> None:
    grant = shelf.remember("gone")
    old = shelf.file.read_bytes()

    def before(name: str, args: tuple[Any, ...]) -> None:
        if ".zeke-consents.json.tmp" in str(args[0]):
            raise OSError(errno.ENOSPC, "No space left on device")

    with _wrapped([(os, "open")], before):
        assert shelf.store().revoke(str(shelf.root), [grant.id]) == 1
    assert shelf.file.read_bytes() == old
    assert shelf.load().state == "trusted"
    assert shelf.load().listed == ()


def test_a_revocation_that_is_not_written_down_is_told(shelf: Any) -> None:
    grant = shelf.remember("a")

    def before(name: str, args: tuple[Any, ...]) -> None:
        if "trust.json.tmp" in str(args[0]):
            raise OSError(errno.ENOSPC, "No space left on device")

    with (
        _wrapped([(os, "open")], before),
        pytest.raises(StoreError, match="ledger cannot be written: No space"),
    ):
        shelf.store().revoke(str(shelf.root), [grant.id])
    assert shelf.targets() == {"a"}


def test_what_killed_writers_left_is_swept_and_nothing_else(shelf: Any) -> None:
    left = shelf.root / f"{shelf.file.name}.tmp-0123456789abcdef"
    others = [
        shelf.root / f"{shelf.file.name}.tmp-mine",
        shelf.root / f"{shelf.file.name}.tmp-0123456789abcdef.bak",
        shelf.root / "x.tmp-0123456789abcdef",
    ]
    folder = shelf.root / f"{shelf.file.name}.tmp-fedcba9876543210"
    folder.mkdir()
    for path in (left, *others):
        path.write_text("x")
    assert shelf.targets() == set()
    shelf.remember("a")
    assert not left.exists()
    assert folder.is_dir()
    assert all(path.exists() for path in others)
