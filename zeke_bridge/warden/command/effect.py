"""What of a command matters to the person who is asked, in our own words."""

from __future__ import annotations

from enum import StrEnum


class Effect(StrEnum):
    """The value is what the prompt says. None holds ``": "``, which ends it there."""

    PRIVILEGE = "asks for more rights"
    DELETES = "deletes"
    OUTPUT = "runs what another program prints"
    DYNAMIC = "what it runs is known only when it runs"
    UNREAD = "cannot be read"
    CODE = "runs program text"
    FILE = "runs a file whose text is not shown"
    NETWORK = "uses the network"
    SECRET = "names a place of keys or passwords"  # noqa: S105 - a sentence
    WARDEN = "can change what Zeke is allowed"
    RIGHTS = "changes rights or owners"
    PROTECTED = "names what an editor, git, a shell or an agent obeys"
    INSTALLS = "installs or publishes"
    SWAPS = "can change what programs do"
    REDEFINES = "gives a name another meaning"
    LATER = "sets something to run later"
    STAYS = "may go on after the command has ended"
    ENDS = "ends programs or services"
    WRITES = "writes files"
