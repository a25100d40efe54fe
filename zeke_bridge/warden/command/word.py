"""One word of a command: as it was written, and what the program will get."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Word:
    """``value`` is what the program gets; what only the shell will know stands as written.

    ``sure``: all of ``value`` is known. ``substituted``: some of it is what a program prints.
    """

    text: str
    value: str
    sure: bool = True
    substituted: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """A program and its arguments.

    ``stdin`` is text that is fed to it (a here-document), else None. ``piped``: the output of
    another program is; ``from_file``: a file is.
    """

    words: tuple[Word, ...]
    stdin: str | None = None
    piped: bool = False
    from_file: bool = False

    def after(self, count: int) -> Call:
        """Return the call that the words from ``count`` on are, with the same input."""
        return replace(self, words=self.words[count:])


def quoted(argument: str) -> str:
    """Return ``argument`` as one shell word, quoted unless it is plain ASCII."""
    plain = argument.isascii() and all(char.isalnum() or char in "-_./=:,+@%" for char in argument)
    return argument if argument and plain else "'" + argument.replace("'", "'\\''") + "'"


def written(words: Sequence[Word]) -> str:
    """Return ``words`` as they were written."""
    return " ".join(word.text for word in words)


def program_name(word: Word) -> str:
    """Return the name that a program goes by: no directories, no case, no ``.exe``."""
    return word.value.rpartition("/")[2].casefold().removesuffix(".exe")
