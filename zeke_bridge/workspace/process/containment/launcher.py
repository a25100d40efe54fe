"""A program of its own: puts itself in bounds that it cannot leave, then becomes another program.

It reads what to do from a handle: ``report`` (a pipe), ``rules`` (path and kind), ``argv``,
``environment``, ``path`` and ``image`` of the program (a handle on a binary, or -1). It says ``+``
into the pipe when it is bound, which closes when the other program starts; whatever fails is said
there, and then nothing is started. Imports nothing of ours, so that it starts at once.

Landlock as in landlock(7); the filter as in seccomp(2). Every step is inherited and for good.
"""

from __future__ import annotations

import ctypes
import json
import os
import platform
import stat
import struct
import sys

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
VERSION = 1
_PATH_BENEATH = 1
_SET_SECCOMP, _SET_NO_NEW_PRIVS = 22, 38
_FILTER = 2

# Rights by the bits of <linux/landlock.h>, and the version that first has them.
_WRITE_FILE, _READ_FILE = 1 << 1, 1 << 2
_REMOVE_DIR, _REMOVE_FILE = 1 << 4, 1 << 5
_MAKE_CHAR, _MAKE_DIR, _MAKE_REG, _MAKE_SOCK = 1 << 6, 1 << 7, 1 << 8, 1 << 9
_MAKE_FIFO, _MAKE_BLOCK, _MAKE_SYM = 1 << 10, 1 << 11, 1 << 12
_REFER, _TRUNCATE, _IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
_SINCE = {_REFER: 2, _TRUNCATE: 3, _IOCTL_DEV: 5}
_OF_FILES = _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV
_CHANGES = (
    _WRITE_FILE | _REMOVE_DIR | _REMOVE_FILE | _MAKE_DIR | _MAKE_REG | _MAKE_SOCK | _MAKE_FIFO
    | _MAKE_SYM | _REFER | _TRUNCATE | _IOCTL_DEV
)  # fmt: skip
# Devices can be made by nobody.
_HANDLED = _CHANGES | _READ_FILE | _MAKE_CHAR | _MAKE_BLOCK
_SCOPES_SINCE = 6
# Abstract sockets, and signals, of programs outside.
_SCOPES = 1 << 0 | 1 << 1

# <linux/audit.h> names of the machine, and its numbers of socket, socketpair and prlimit64.
_MACHINES = {"x86_64": (0xC000003E, 41, 53, 302), "aarch64": (0xC00000B7, 198, 199, 261)}
_IO_URING_SETUP = 425
_X32 = 0x40000000
_LOAD, _EQUAL, _LEAST, _AND, _RETURN = 0x20, 0x15, 0x35, 0x54, 0x06
_NUMBER, _MACHINE, _FIRST, _SECOND = 0, 4, 16, 24
_ALLOW, _ERROR = 0x7FFF0000, 0x00050000
_EACCES, _ENOSYS = 13, 38
_UNIX, _STREAM, _SEQPACKET = 1, 1, 5

# <linux/capability.h>: searching past directories, modules, raw devices, tracing, administration,
# rebooting, devices, performance counters (which open the memory of others), BPF.
_POWERS = (2, 16, 17, 19, 21, 22, 27, 38, 39)
_CAPABILITY_VERSION = 0x20080522
_HAS_POWER, _DROP_POWER = 23, 24


class BoundsError(Exception):
    """What cannot be done here, as a sentence."""


def main(source: int) -> None:
    """Do what ``source`` says; comes back only when it cannot be done."""
    with os.fdopen(source, "rb") as file:
        wanted = json.load(file)
    report, image = wanted["report"], wanted["image"]
    for handle in (report, image):
        if handle >= 0:
            os.set_inheritable(handle, False)
    try:
        bind(wanted["rules"])
        os.write(report, b"+")
        program = image if image >= 0 else wanted["path"]
        os.execve(program, wanted["argv"], wanted["environment"])  # noqa: S606 - what it is for
    except BoundsError as error:
        os.write(report, str(error).encode())
    except Exception as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        os.write(report, reason.encode())


def bind(rules: list[tuple[str, str]]) -> None:
    """Put this process in bounds. Raises ``BoundsError`` or OSError."""
    libc = ctypes.CDLL(None, use_errno=True)
    version = libc.syscall(CREATE_RULESET, None, 0, VERSION)
    if version < 1:
        raise BoundsError("This system has no Landlock, or it is switched off")
    handled = known(_HANDLED, version)
    scopes = _SCOPES if version >= _SCOPES_SINCE else 0
    # The fields that an older kernel does not know are zero: then it does not mind them.
    attributes = struct.pack("=QQQ", handled, 0, scopes)
    ruleset = answer(libc.syscall(CREATE_RULESET, attributes, len(attributes), 0))
    for path, kind in rules:
        allow(libc, ruleset, path, known(_READ_FILE | (_CHANGES * (kind == "write")), version))
    answer(libc.prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    answer(libc.syscall(RESTRICT_SELF, ruleset, 0))
    os.close(ruleset)
    close_sockets(libc)
    drop_powers(libc)


def known(rights: int, version: int) -> int:
    """Return those of ``rights`` that this version has."""
    for right, since in _SINCE.items():
        if version < since:
            rights &= ~right
    return rights


def allow(libc: ctypes.CDLL, ruleset: int, path: str, rights: int) -> None:
    """Allow ``rights`` at and below ``path``; what is not there, or a link, stays closed."""
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return
    try:
        mode = os.fstat(place).st_mode
        if stat.S_ISLNK(mode):
            return
        if not stat.S_ISDIR(mode):
            rights &= _OF_FILES
        beneath = struct.pack("=Qi", rights, place)
        answer(libc.syscall(ADD_RULE, ruleset, _PATH_BENEATH, beneath, 0))
    finally:
        os.close(place)


def close_sockets(libc: ctypes.CDLL) -> None:
    """Take away unix sockets: Landlock leaves open those that have a path.

    Behind them are the person's editor, session bus, containers and key agents, each of which
    does what it is told outside of all bounds. Pairs of connected streams stay. And the limits of
    other programs, which end them as a signal does.
    """
    if not has_filter():
        raise BoundsError(f"Zeke cannot keep programs in bounds on {platform.machine()}")
    steps = socket_filter(*_MACHINES[platform.machine()])
    code = b"".join(struct.pack("=HBBI", *step) for step in steps)
    buffer = ctypes.create_string_buffer(code)
    pointer = ctypes.addressof(buffer)
    program = struct.pack("@HP", len(steps), pointer)
    answer(libc.prctl(_SET_SECCOMP, _FILTER, program, 0, 0))


def has_filter() -> bool:
    """Say whether the numbers of this machine's system calls are known."""
    return platform.machine() in _MACHINES and sys.byteorder == "little"


def socket_filter(
    machine: int, socket: int, pair: int, limit: int
) -> list[tuple[int, int, int, int]]:
    """Return the filter as steps of classic BPF: operation, how far to jump if and if not, value.

    System calls of another machine's numbers fail, and so does io_uring, which could make sockets
    past the filter.
    """
    return [
        (_LOAD, 0, 0, _MACHINE),
        (_EQUAL, 0, 17, machine),
        (_LOAD, 0, 0, _NUMBER),
        (_LEAST, 15, 0, _X32),
        (_EQUAL, 14, 0, _IO_URING_SETUP),
        (_EQUAL, 3, 0, socket),
        (_EQUAL, 4, 0, pair),
        (_EQUAL, 7, 0, limit),
        (_RETURN, 0, 0, _ALLOW),
        # socket: none of the family.
        (_LOAD, 0, 0, _FIRST),
        (_EQUAL, 7, 6, _UNIX),
        # socketpair: streams and packets, for datagrams could be sent from there to anybody.
        (_LOAD, 0, 0, _SECOND),
        (_AND, 0, 0, 0xF),
        (_EQUAL, 3, 0, _STREAM),
        (_EQUAL, 2, 3, _SEQPACKET),
        # prlimit64: its own, which is 0.
        (_LOAD, 0, 0, _FIRST),
        (_EQUAL, 0, 1, 0),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _ERROR | _EACCES),
        (_RETURN, 0, 0, _ERROR | _ENOSYS),
    ]


def drop_powers(libc: ctypes.CDLL) -> None:
    """Give up what root could get around the bounds with; nobody else has any of it.

    Takes effect with the next program, and for good.
    """
    header = struct.pack("=Ii", _CAPABILITY_VERSION, 0)
    data = ctypes.create_string_buffer(struct.calcsize("=6I"))
    answer(libc.capget(header, data))
    words = list(struct.unpack("=6I", data.raw))
    # What is inheritable would come back: the third of each three.
    words[2] = words[5] = 0
    answer(libc.capset(header, struct.pack("=6I", *words)))
    for power in _POWERS:
        libc.prctl(_DROP_POWER, power, 0, 0, 0)
        if os.geteuid() == 0 and libc.prctl(_HAS_POWER, power, 0, 0, 0) == 1:
            raise BoundsError("Root's capabilities cannot be given up")


def answer(result: int) -> int:
    """Return ``result`` of a system call. Raises OSError."""
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


if __name__ == "__main__":
    main(int(sys.argv[1]))
    os._exit(126)
