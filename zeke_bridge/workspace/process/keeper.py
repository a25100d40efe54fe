"""A program of its own: ends process groups when the one who started it is gone.

It reads lines from its input, and at the end of it kills what is left: a broker that is killed
closes its end without a word. ``+GROUP`` runs, ``-GROUP`` is over. ``?INODE`` and ``!INODE`` stand
around the start of a program that will print into that pipe: until its group is known, it is found
by what it holds open. Imports nothing of ours, so that it starts at once and stays small.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Callable
from typing import BinaryIO


def keep(source: BinaryIO) -> None:
    """Follow ``source`` to its end, then kill what is left."""
    groups: set[int] = set()
    starting: set[int] = set()
    for line in source:
        # A line without an end was being written when the writer died.
        if not line.endswith(b"\n"):
            continue
        sign, number = line[:1], int(line[1:])
        if sign in b"+-":
            (groups.add if sign == b"+" else groups.discard)(number)
        else:
            (starting.add if sign == b"?" else starting.discard)(number)
    for group in groups:
        end(os.killpg, group)
    if starting:
        for process in holders({f"pipe:[{inode}]" for inode in starting}):
            # Just forked it does not lead its own group yet, and the one it is in is not ours.
            end(os.killpg if leads(process) else os.kill, process)


def end(how: Callable[[int, int], None], number: int) -> None:
    """Kill a group or a process; 0 and 1 would be ourselves, and everybody."""
    if number > 1:
        with contextlib.suppress(OSError):
            how(number, signal.SIGKILL)


def leads(process: int) -> bool:
    """Say whether ``process`` is the first of its group."""
    try:
        return os.getpgid(process) == process
    except OSError:
        return False


def holders(pipes: set[str]) -> list[int]:
    """Return the processes of ours that hold one of ``pipes`` open; none where /proc is not."""
    found = []
    for name in listed("/proc"):
        if name.isdigit() and int(name) != os.getpid():
            where = f"/proc/{name}/fd"
            if any(target(f"{where}/{handle}") in pipes for handle in listed(where)):
                found.append(int(name))
    return found


def listed(path: str) -> list[str]:
    """Return what is in a directory; nothing when it is gone or not ours to see."""
    try:
        return os.listdir(path)  # noqa: PTH208 - pathlib takes longer to load than all of this
    except OSError:
        return []


def target(path: str) -> str:
    """Return what a link says, or nothing."""
    try:
        return os.readlink(path)  # noqa: PTH115 - as above
    except OSError:
        return ""


if __name__ == "__main__":
    keep(sys.stdin.buffer)
