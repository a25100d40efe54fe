"""Where the old text of an edit stands in a file, and the file with the new text in its place.

Exactly first; else lines that are the same but for blanks, when there is one such place, and then
the new lines are indented as the old ones are. Pure.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from zeke_bridge.model.errors import InputError

_AROUND = 2
_SHOWN = 12
_NAMED = 5
# Likeness is slow to find: not in files that are very long.
_COMPARED = 4000


def edited(text: str, edits: Sequence[tuple[str, str]]) -> str:
    """``text`` after all ``edits`` (old, new), one after the other.

    Raises ``InputError`` with a sentence for the model: which edit does not land, and why.
    """
    for number, (old, new) in enumerate(edits, 1):
        which = f"edit {number}" if len(edits) > 1 else "the edit"
        text = _edited(text, old, new, which)
    return text


def _edited(text: str, old: str, new: str, which: str) -> str:
    if old == new:
        raise InputError(f"In {which} old_text and new_text are the same: nothing would change.")
    if not old.strip():
        if not text.strip():
            return new
        raise InputError(f"In {which} old_text is blank: copy the lines that are to be replaced.")
    found = text.count(old)
    if found == 1:
        return text.replace(old, new)
    if found > 1:
        raise InputError(
            f"old_text of {which} stands {found} times in the file, in "
            f"{_lines(_starts(text, old))}: copy more lines around the one that is meant."
        )
    return _loosely(text, old, new, which)


def _starts(text: str, old: str) -> list[int]:
    starts, at = [], text.find(old)
    while at >= 0:
        starts.append(text.count("\n", 0, at) + 1)
        at = text.find(old, at + len(old))
    return starts


def _loosely(text: str, old: str, new: str, which: str) -> str:
    """The same where blanks do not count."""
    lines, wanted = text.split("\n"), [_bare(line) for line in old.strip("\n").split("\n")]
    bare = [_bare(line) for line in lines]
    size = len(wanted)
    places = [at for at in range(len(bare) - size + 1) if bare[at : at + size] == wanted]
    if not places:
        raise InputError(
            f"old_text of {which} does not stand in the file: read the file again and copy the "
            f"lines exactly.{_near(lines, bare, wanted)}"
        )
    if len(places) > 1:
        raise InputError(
            f"old_text of {which} fits {len(places)} places, in "
            f"{_lines([at + 1 for at in places])}: copy more lines around the one that is meant."
        )
    at = places[0]
    taken = lines[at : at + size]
    lines[at : at + size] = _indented(old.strip("\n").split("\n"), taken, new.strip("\n"))
    return "\n".join(lines)


def _bare(line: str) -> str:
    return " ".join(line.split())


def _indented(old: Sequence[str], taken: Sequence[str], new: str) -> list[str]:
    """The lines of ``new``, moved and ended as ``taken`` are where ``old`` is not."""
    if not new:
        return []
    pairs = [(a, b) for a, b in zip(old, taken, strict=True) if a.strip()]
    said, real = (_indent(line) for line in pairs[0])
    end = "\r" if taken[0].endswith("\r") else ""
    made = []
    for line in new.split("\n"):
        body = line.rstrip("\r")
        if body.strip() and said != real and body.startswith(said):
            body = real + body[len(said) :]
        made.append(body + end)
    return made


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _lines(numbers: Sequence[int]) -> str:
    shown = [str(number) for number in numbers[:_NAMED]]
    more = " …" if len(numbers) > _NAMED else ""
    return f"lines {', '.join(shown)}{more}"


def _near(lines: Sequence[str], bare: Sequence[str], wanted: Sequence[str]) -> str:
    """What stands where the old text might be meant."""
    keys = sorted((line for line in wanted if line), key=len, reverse=True)[:3]
    for key in keys:
        near = difflib.get_close_matches(key, list(dict.fromkeys(bare))[:_COMPARED], 1, 0.6)
        if near:
            at = list(bare).index(near[0])
            first, last = max(0, at - _AROUND), min(len(lines), at + max(len(wanted), 1) + _AROUND)
            last = min(last, first + _SHOWN)
            shown = "\n".join(lines[first:last])
            return f" Lines {first + 1} to {last} are:\n{shown}"
    return ""
