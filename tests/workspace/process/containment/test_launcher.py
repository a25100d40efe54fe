"""The filter, step by step as the kernel takes it, and rights by version."""

from __future__ import annotations

import pytest

from zeke_bridge.workspace.process.containment import launcher
from zeke_bridge.workspace.process.containment.launcher import call_filter, known

ALLOW, EACCES, ENOSYS = 0x7FFF0000, 0x0005000D, 0x00050026
X86, ARM = 0xC000003E, 0xC00000B7


def run(of: str, machine: int, number: int, first: int = 0, second: int = 0) -> int:
    """As seccomp runs it: a load, jumps forward, an answer."""
    values = {0: number, 4: machine, 16: first, 24: second}
    steps, at, held = call_filter(of), 0, 0
    while True:
        operation, yes, no, value = steps[at]
        at += 1
        if operation == 0x20:
            held = values[value]
        elif operation == 0x54:
            held &= value
        elif operation == 0x06:
            return value
        else:
            holds = held == value if operation == 0x15 else held >= value
            at += yes if holds else no


# Numbers on x86_64 and aarch64, the first two arguments, and the answer.
@pytest.mark.parametrize(
    ("numbers", "arguments", "answer"),
    [
        ((0, 63), (), ALLOW),
        ((41, 198), (1, 1), EACCES),
        ((41, 198), (2, 1), ALLOW),
        ((41, 198), (10, 2), ALLOW),
        ((41, 198), (16, 3), ALLOW),
        ((53, 199), (1, 1), ALLOW),
        ((53, 199), (1, 1 | 0x80800), ALLOW),
        ((53, 199), (1, 5), ALLOW),
        ((53, 199), (1, 2 | 0x80000), EACCES),
        ((53, 199), (1, 3), EACCES),
        ((302, 261), (0,), ALLOW),
        ((302, 261), (4711,), EACCES),
        ((425, 425), (), ENOSYS),
        # Priorities: of the calling process, and not of all of its person's.
        ((141, 140), (0, 0), ALLOW),
        ((141, 140), (0, 4711), EACCES),
        ((141, 140), (1, 0), EACCES),
        ((141, 140), (2, 0), EACCES),
        ((251, 30), (1, 0), ALLOW),
        ((251, 30), (1, 4711), EACCES),
        ((251, 30), (2, 0), EACCES),
        ((251, 30), (3, 0), EACCES),
        # sched_setparam, sched_setscheduler, sched_setaffinity, sched_setattr.
        *[
            (numbers, (process,), ALLOW if process == 0 else EACCES)
            for numbers in ((142, 118), (144, 119), (203, 122), (314, 274))
            for process in (0, 4711, 2**32 - 1)
        ],
        # Memory, semaphores and queues of System V, queues of POSIX, keys.
        *[
            (numbers, arguments, EACCES)
            for numbers in (
                *((29, 194), (30, 196), (31, 195)),
                *((64, 190), (65, 193), (66, 191), (220, 192)),
                *((68, 186), (69, 189), (70, 188), (71, 187)),
                *((240, 180), (241, 181)),
                *((248, 217), (249, 218), (250, 219)),
            )
            for arguments in ((), (1, 1))
        ],
    ],
)
def test_the_filter(numbers: tuple[int, int], arguments: tuple[int, ...], answer: int) -> None:
    assert run("x86_64", X86, numbers[0], *arguments) == answer
    assert run("aarch64", ARM, numbers[1], *arguments) == answer


def test_numbers_of_another_machine_are_unknown() -> None:
    assert run("x86_64", X86, 41 | 0x40000000, 1, 1) == ENOSYS
    assert run("x86_64", 0x40000003, 102, 1, 1) == ENOSYS
    assert run("x86_64", ARM, 0) == ENOSYS
    assert run("aarch64", X86, 63) == ENOSYS


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_it_jumps_as_far_as_the_kernel_can(machine: str) -> None:
    steps = call_filter(machine)
    for at, (_, yes, no, _) in enumerate(steps):
        assert 0 <= yes <= 255
        assert 0 <= no <= 255
        assert at + 1 + max(yes, no) <= len(steps)


def test_rights_that_a_kernel_does_not_know_are_left_out() -> None:
    newest = known(launcher._HANDLED, 7)
    assert newest == launcher._HANDLED
    for version, right in ((1, launcher._REFER), (2, launcher._TRUNCATE), (4, launcher._IOCTL_DEV)):
        assert not known(newest, version) & right
        assert known(newest, version + 1) & right
