"""What the policy and the prompt know of a command: what is short, or was read elsewhere before.

The grammar's parser can be led to take for ever by a hundred characters (pipelines in backquotes),
and nothing in this process could stop it. So what is long or tangled is read in a process that can
be ended, and kept here while somebody holds it; what was not read is not run.
"""

from __future__ import annotations

import re
from weakref import WeakValueDictionary

from zeke_bridge.warden.command.part import Reading
from zeke_bridge.warden.command.reading import read_command

MOST_BYTES = 512
"""The worst of so many bytes with so many marks that was found takes 20 ms."""
MOST_MARKS = 24
_MARKS = re.compile(r"[|&;()<>\[\]{}`\n]")
_UNREAD = Reading(problem="It is too long and tangled to be read here, so it is not run.")
_kept: WeakValueDictionary[tuple[str, ...], Reading] = WeakValueDictionary()


def is_tangled(argv: tuple[str, ...]) -> bool:
    """Say whether reading ``argv`` may take long."""
    size = marks = 0
    for argument in argv:
        size += len(argument)
        if size <= MOST_BYTES:
            size += len(argument.encode(errors="surrogatepass")) - len(argument) + 1
            marks += len(_MARKS.findall(argument))
        if size > MOST_BYTES or marks > MOST_MARKS:
            return True
    return False


def keep(argv: tuple[str, ...], reading: Reading) -> Reading:
    """Have ``known`` answer ``reading`` for ``argv``, as long as somebody holds what is returned.

    That is the one that is held by somebody else already, where there is one.
    """
    return _kept.setdefault(argv, reading)


def known(argv: tuple[str, ...]) -> Reading:
    """Return what ``argv`` was read as; a problem when it was not and would take long."""
    found = _kept.get(argv)
    if found is not None:
        return found
    return _UNREAD if is_tangled(argv) else read_command(argv)
