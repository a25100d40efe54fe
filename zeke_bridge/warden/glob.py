r"""Git's wildmatch as a regular expression over bytes, in linear time.

Formats: gitignore(5), and ``wildmatch.c`` of git for what the page leaves open: git compares
bytes, so ``?`` and ``[…]`` match one byte of a multi-byte character; ``[…]`` never matches a
slash; ``**`` means something only as a whole component. Where git is lenient in ways nobody
writes (slashes in brackets, POSIX classes) a pattern is refused.

pathspec is not asked to match: its expressions are broader than git in places and can take
minutes on a hostile path. Here every ``*`` and ``**`` but the last of its component or path is
an atomic group that takes the first fit, which is enough because the next star absorbs the rest.
"""

from __future__ import annotations

import re

MAX_LENGTH = 256
MAX_STAR_RUNS = 4

_STARS = re.compile(r"\*+")
_DRIVE = re.compile(r"[A-Za-z]:[\\/]")


class PatternError(ValueError):
    """The pattern is refused; the text says why in words for the person who wrote it."""


def check(pattern: object) -> str:
    """Return ``pattern`` when its outside is sound, without spaces that git would drop.

    Raises:
        PatternError: empty, absolute, too long, too many stars, or of forbidden characters.
    """
    if not isinstance(pattern, str):
        raise PatternError("it is not text")
    if len(pattern) > MAX_LENGTH:
        raise PatternError(f"it is over {MAX_LENGTH} characters")
    if any(ord(char) < 32 or 127 <= ord(char) < 160 for char in pattern):
        raise PatternError("it holds a control character")
    if any("\ud800" <= char <= "\udfff" for char in pattern):
        raise PatternError("it is not valid Unicode")
    bare = _strip_spaces(pattern)
    body = bare[1:] if bare.startswith("!") else bare
    if not body.strip(" "):
        raise PatternError("it is empty")
    if bare.startswith("#"):
        raise PatternError("it is a comment (write \\# for a name that begins with #)")
    if body.startswith(("/", "\\\\")) or _DRIVE.match(body):
        raise PatternError("it is absolute; patterns are relative to the project")
    if ".." in body or "~" in body:
        raise PatternError("it holds '..' or '~'")
    if len(_STARS.findall(body)) > MAX_STAR_RUNS:
        raise PatternError(f"it has more than {MAX_STAR_RUNS} runs of '*'")
    return bare


def components(body: str) -> list[bytes | None]:
    """Return the regular expression of each component of ``body``; None stands for ``**``.

    ``body`` has neither a leading ``!`` nor a leading or trailing slash.
    """
    parts = _split(body)
    # Git reads a component of three stars as it does one of two.
    return [
        None if part.startswith("**") and not part.strip("*") else _component(part)
        for part in parts
    ]


def sequence(parts: list[bytes | None]) -> bytes:
    """Join components: the expression of a whole relative path, to be matched in full.

    A trailing ``**`` takes one component (what is below it is the caller's to add), any other
    takes none or more.
    """
    if parts[-1] is None:
        parts = [*parts[:-1], b"[^/]+"]
    runs: list[list[bytes]] = [[]]
    for part in parts:
        if part is None:
            runs.append([])
        else:
            runs[-1].append(part)
    *before, last = [run for number, run in enumerate(runs) if run or number == 0]
    text = b""
    for number, run in enumerate(before):
        body = b"".join(part + b"/" for part in run)
        text += body if number == 0 else b"(?>(?:[^/]+/)*?" + body + b")"
    return text + (b"(?:[^/]+/)*?" if before else b"") + b"/".join(last)


def _strip_spaces(pattern: str) -> str:
    end = len(pattern)
    while end and pattern[end - 1] == " ":
        slashes = len(pattern[: end - 1]) - len(pattern[: end - 1].rstrip("\\"))
        if slashes % 2:
            break
        end -= 1
    return pattern[:end]


def _split(body: str) -> list[str]:
    """Split at slashes, refusing those that git would not read as separators."""
    parts: list[str] = [""]
    at = 0
    while at < len(body):
        char = body[at]
        if char == "\\":
            if body[at + 1 : at + 2] in ("", "/"):
                raise PatternError("a backslash stands before nothing or a slash")
            parts[-1] += body[at : at + 2]
            at += 2
        elif char == "[":
            end = _bracket_end(body, at)
            parts[-1] += body[at:end]
            at = end
        elif char == "/":
            parts.append("")
            at += 1
        else:
            parts[-1] += char
            at += 1
    if "" in parts:
        raise PatternError("it holds '//'")
    if "." in parts:
        raise PatternError("it holds '.' as a directory")
    return parts


def _bracket_end(text: str, start: int) -> int:
    """Return the place after the closing bracket of the one that opens at ``start``."""
    at = start + 1
    if text[at : at + 1] in ("!", "^"):
        at += 1
    first = at
    while at < len(text):
        char = text[at]
        if char == "]" and at > first:
            return at + 1
        if char in "[/":
            raise PatternError("a bracket holds '[' or '/'")
        at += 2 if char == "\\" else 1
    raise PatternError("a bracket is not closed")


def _component(part: str) -> bytes:
    """One component: fixed pieces between stars, each star atomic but the last."""
    pieces: list[bytes] = [b""]
    at = 0
    while at < len(part):
        char = part[at]
        if char == "*":
            pieces.append(b"")
            at += 1
        elif char == "?":
            pieces[-1] += b"[^/]"
            at += 1
        elif char == "[":
            end = _bracket_end(part, at)
            pieces[-1] += _bracket(part[at + 1 : end - 1])
            at = end
        else:
            if char == "\\":
                at += 1
            pieces[-1] += re.escape(part[at].encode())
            at += 1
    if len(pieces) == 1:
        return pieces[0]
    middle = b"".join(b"(?>[^/]*?" + piece + b")" for piece in pieces[1:-1] if piece)
    return pieces[0] + middle + b"[^/]*" + pieces[-1]


def _bracket(inner: str) -> bytes:
    """Return the set of bytes that ``[inner]`` stands for, always without the slash."""
    negated = inner[0] in "!^"
    codes = _codes(inner[1:] if negated else inner)
    chosen: set[int] = set()
    at = 0
    while at < len(codes):
        low, _ = codes[at]
        if at + 2 < len(codes) and codes[at + 1] == (0x2D, False):
            high, _ = codes[at + 2]
            if low > high:
                raise PatternError("a range in brackets runs backwards")
            chosen.update(range(low, high + 1))
            at += 3
        else:
            chosen.add(low)
            at += 1
    if negated:
        chosen = set(range(256)) - chosen
    chosen.discard(0x2F)
    if not chosen:
        raise PatternError("a bracket matches nothing")
    return b"[" + b"".join(b"\\x%02x" % code for code in sorted(chosen)) + b"]"


def _codes(text: str) -> list[tuple[int, bool]]:
    """Return the bytes of a bracket's inside, each with whether a backslash stood before it."""
    codes: list[tuple[int, bool]] = []
    escaped = False
    for char in text:
        if char == "\\" and not escaped:
            escaped = True
            continue
        codes.extend((byte, escaped) for byte in char.encode())
        escaped = False
    return codes
