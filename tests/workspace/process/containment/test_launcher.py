"""The filter, step by step as the kernel takes it, and rights by version."""

from __future__ import annotations

import pytest

from zeke_bridge.workspace.process.containment import launcher
from zeke_bridge.workspace.process.containment.launcher import known, socket_filter

ALLOW, EACCES, ENOSYS = 0x7FFF0000, 0x0005000D, 0x00050026
X86 = (0xC000003E, 41, 53, 302)


def run(machine: int, number: int, first: int = 0, second: int = 0) -> int:
    """As seccomp runs it: a load, jumps forward, an answer."""
    values = {0: number, 4: machine, 16: first, 24: second}
    steps, at, held = socket_filter(*X86), 0, 0
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


@pytest.mark.parametrize(
    ("call", "answer"),
    [
        ((X86[0], 0), ALLOW),
        ((X86[0], 41, 1, 1), EACCES),
        ((X86[0], 41, 2, 1), ALLOW),
        ((X86[0], 41, 10, 2), ALLOW),
        ((X86[0], 41, 16, 3), ALLOW),
        ((X86[0], 53, 1, 1), ALLOW),
        ((X86[0], 53, 1, 1 | 0x80800), ALLOW),
        ((X86[0], 53, 1, 5), ALLOW),
        ((X86[0], 53, 1, 2 | 0x80000), EACCES),
        ((X86[0], 53, 1, 3), EACCES),
        ((X86[0], 302, 0), ALLOW),
        ((X86[0], 302, 4711), EACCES),
        ((X86[0], 425), ENOSYS),
        ((X86[0], 41 | 0x40000000, 1, 1), ENOSYS),
        ((0x40000003, 102, 1, 1), ENOSYS),
    ],
)
def test_the_filter(call: tuple[int, ...], answer: int) -> None:
    assert run(*call) == answer


def test_rights_that_a_kernel_does_not_know_are_left_out() -> None:
    newest = known(launcher._HANDLED, 7)
    assert newest == launcher._HANDLED
    for version, right in ((1, launcher._REFER), (2, launcher._TRUNCATE), (4, launcher._IOCTL_DEV)):
        assert not known(newest, version) & right
        assert known(newest, version + 1) & right
