"""The disguises of a path: which names a file system, an editor or a person may take it for.

Allow is judged on the one canonical path; deny and protection are judged on everything this
module gives back as well. It knows nothing of the lists themselves.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

# Default_Ignorable_Code_Point of the Unicode standard beyond category Cf: they show as nothing
# (and HFS+ drops several of them when it compares names).
_IGNORABLE = frozenset(
    {0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2065, 0x3164, 0xFFA0}
    | set(range(0x180B, 0x1810))
    | set(range(0xFE00, 0xFE10))
    | set(range(0xFFF0, 0xFFF9))
    | set(range(0xE0000, 0xE1000))
)
_SEPARATORS = re.compile(r"[/\\]")


def is_invisible(char: str) -> bool:
    """Say whether ``char`` takes no room: a format control, filler or variation selector."""
    return ord(char) in _IGNORABLE or unicodedata.category(char) == "Cf"


def fold(path: str) -> str:
    """Return the plainest spelling of ``path``; two disguises of one name have the same.

    Compatibility forms, case, invisible characters, trailing dots and spaces and ``:stream``
    suffixes are gone, and both kinds of slash separate.
    """
    if not path.isascii():
        # Case folding can undo a normal form and the other way round; twice is stable.
        for _ in range(2):
            path = unicodedata.normalize("NFKC", path)
            path = "".join(char for char in path if not is_invisible(char)).casefold()
        path = unicodedata.normalize("NFKC", path)
    return "/".join(_bare(part) for part in _SEPARATORS.split(path.lower()))


def disguises(spellings: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """Return the components of every spelling as it stands and folded, without repeats.

    ``.`` and empty components are left out; ``..`` stays, for nobody's name is ``..``.
    """
    found: dict[tuple[str, ...], None] = {}
    for spelling in spellings:
        found |= dict.fromkeys(_forms(spelling))
    return tuple(found)


@lru_cache(maxsize=1024)
def _forms(spelling: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the components of ``spelling`` as it stands, and folded; few files come often."""
    return _parts(spelling), _parts(fold(spelling))


def _parts(form: str) -> tuple[str, ...]:
    return tuple(part for part in form.split("/") if part not in ("", "."))


def _bare(part: str) -> str:
    if part in (".", ".."):
        return part
    if ":" in part:
        # NTFS: "name:stream:type". A leading colon would leave no name; then it is one.
        part = part.split(":", 1)[0] or part
    return part.rstrip(". ")
