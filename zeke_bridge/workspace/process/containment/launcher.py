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

# The place of a machine's numbers in ``_CALLS``, and its name in <linux/audit.h>.
_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
# What happens to a system call, and its numbers in <asm/unistd.h> of both. What is not here is
# allowed.
_CALLS = {
    # Queues, semaphores and memory of System V, queues of POSIX, and keys: no file is in front of
    # them, and every program of the person's gets at them by a number or a name.
    "denied": {
        "shmget": (29, 194), "shmat": (30, 196), "shmctl": (31, 195),
        "semget": (64, 190), "semop": (65, 193), "semctl": (66, 191), "semtimedop": (220, 192),
        "msgget": (68, 186), "msgsnd": (69, 189), "msgrcv": (70, 188), "msgctl": (71, 187),
        "mq_open": (240, 180), "mq_unlink": (241, 181),
        "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219),
    },
    # Of a process, which is its own where the number is 0.
    "own": {
        "prlimit64": (302, 261),
        "sched_setparam": (142, 118), "sched_setscheduler": (144, 119),
        "sched_setaffinity": (203, 122), "sched_setattr": (314, 274),
    },
    # The same with what kind of number it is before that.
    "priority": {"setpriority": (141, 140)},
    "io priority": {"ioprio_set": (251, 30)},
    "socket": {"socket": (41, 198)},
    "pair": {"socketpair": (53, 199)},
    # It could make sockets past the filter.
    "unknown": {"io_uring_setup": (425, 425)},
}  # fmt: skip
_X32 = 0x40000000
_LOAD, _EQUAL, _LEAST, _AND, _RETURN = 0x20, 0x15, 0x35, 0x54, 0x06
_NUMBER, _MACHINE, _FIRST, _SECOND = 0, 4, 16, 24
_ALLOW, _ERROR = 0x7FFF0000, 0x00050000
_EACCES, _ENOSYS = 13, 38
_UNIX, _STREAM, _SEQPACKET = 1, 1, 5
# What the number names for setpriority and ioprio_set: a process.
_PRIO_PROCESS, _IOPRIO_PROCESS = 0, 1
# What is done with a call of that name, in the order in which it stands: operation, value, and
# where to go on if it holds and if not; empty: with the next. Jumps go forward only.
_Step = tuple[int, int, str, str]
_WAYS: dict[str, tuple[_Step, ...]] = {
    "all others": ((_RETURN, _ALLOW, "", ""),),
    "priority": ((_LOAD, _FIRST, "", ""), (_EQUAL, _PRIO_PROCESS, "own second", "denied")),
    "io priority": ((_LOAD, _FIRST, "", ""), (_EQUAL, _IOPRIO_PROCESS, "own second", "denied")),
    "own second": ((_LOAD, _SECOND, "", ""), (_EQUAL, 0, "allowed", "denied")),
    "own": ((_LOAD, _FIRST, "", ""), (_EQUAL, 0, "allowed", "denied")),
    # None of the family.
    "socket": ((_LOAD, _FIRST, "", ""), (_EQUAL, _UNIX, "denied", "allowed")),
    # Streams and packets, for datagrams could be sent from there to anybody.
    "pair": (
        (_LOAD, _SECOND, "", ""),
        (_AND, 0xF, "", ""),
        (_EQUAL, _STREAM, "allowed", ""),
        (_EQUAL, _SEQPACKET, "allowed", "denied"),
    ),
    "allowed": ((_RETURN, _ALLOW, "", ""),),
    "denied": ((_RETURN, _ERROR | _EACCES, "", ""),),
    "unknown": ((_RETURN, _ERROR | _ENOSYS, "", ""),),
}

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
    close_ways(libc)
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


def close_ways(libc: ctypes.CDLL) -> None:
    """Take away what Landlock leaves open: system calls that reach other programs past all files.

    Unix sockets that have a path: behind them are the person's editor, session bus, containers
    and key agents, each of which does what it is told outside of all bounds. Pairs of connected
    streams stay. And shared memory, queues and keys, and what other programs are given of the
    machine: limits, which end them as a signal does, and their turn.
    """
    if not has_filter():
        raise BoundsError(f"Zeke cannot keep programs in bounds on {platform.machine()}")
    steps = call_filter(platform.machine())
    code = b"".join(struct.pack("=HBBI", *step) for step in steps)
    buffer = ctypes.create_string_buffer(code)
    pointer = ctypes.addressof(buffer)
    program = struct.pack("@HP", len(steps), pointer)
    answer(libc.prctl(_SET_SECCOMP, _FILTER, program, 0, 0))


def has_filter() -> bool:
    """Say whether the numbers of this machine's system calls are known."""
    return platform.machine() in _MACHINES and sys.byteorder == "little"


def call_filter(machine: str) -> list[tuple[int, int, int, int]]:
    """Return the filter as steps of classic BPF: operation, how far to jump if and if not, value.

    System calls of another machine's numbers fail.
    """
    place, name = _MACHINES[machine]
    steps: list[_Step] = [
        (_LOAD, _MACHINE, "", ""),
        (_EQUAL, name, "", "unknown"),
        (_LOAD, _NUMBER, "", ""),
        (_LEAST, _X32, "unknown", ""),
    ]
    for way, calls in _CALLS.items():
        steps += [(_EQUAL, numbers[place], way, "") for numbers in calls.values()]
    starts = {}
    for way, of_way in _WAYS.items():
        starts[way] = len(steps)
        steps += of_way

    def jump(at: int, way: str) -> int:
        return starts[way] - at - 1 if way else 0

    return [
        (operation, jump(at, yes), jump(at, no), value)
        for at, (operation, value, yes, no) in enumerate(steps)
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
