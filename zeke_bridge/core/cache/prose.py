r"""The normal form of what a person typed: one space after a sentence, nothing else. Pure.

Words, their order, their case, numbers, punctuation and indentation stay as they are. What is code,
a table, or quoted is not touched, and whatever might be one is taken to be one: text is changed
only where it can be nothing but prose, and never one with a colon, which may stand before what is
meant letter by letter. Does not know what the text is about; who does not want a question about
its very letters to be changed asks ``is_about_space`` first.
"""

from __future__ import annotations

import re

_PUNCTUATION = b" ,.;:?!()\r\n-"
_PLAIN = bytes(byte for byte in range(128) if chr(byte).isalnum()) + _PUNCTUATION
# The same with other letters, apostrophes within words, and quoted spans.
_PROSE = re.compile(
    r"""(?:[^\W_]++|[ ,.;:?!()\r\n-]++|(?<=[^\W\d_])['’](?=[^\W\d_])|"[^"\n]*"|`[^`\n]*`)*+"""
)
_QUOTED = re.compile(r"""("[^"\n]*"|`[^`\n]*`)""")
_RUN = re.compile(r"  +(?=[^\W\d_])")
_FIRST = re.compile(r"[^\W_]+")
_GAP = re.compile(r"\n{3,}")
# More of them than a slip of the hand explains.
_MOST_GAPS = 24

# Somebody who writes one of these may mean the very spaces that would be taken out.
_WORDS = frozenset(
    b"ascii blank blanks break breaks byte bytes character characters column columns crlf diff "
    b"double end ending endings ends eol feed fixed gap gaps leading length lf line lines morse "
    b"newline newlines paragraph paragraphs row rows stanza stanzas tab table tables tabs "
    b"trailing verbatim width".split()
)
_STEMS = (
    *(b"align", b"checksum", b"count", b"exact", b"format", b"hash", b"indent", b"lint", b"pad"),
    *(b"pars", b"regex", b"spac", b"split", b"strip", b"trim", b"typo", b"whitespac"),
    *(b"base64", b"crypt", b"decod", b"digest", b"encod", b"escap", b"grep", b"json", b"md5"),
    *(b"quot", b"revers", b"sha", b"slug", b"url"),
)
_FOLD = bytes(
    byte if byte >= 128 else ord(chr(byte).lower()) if chr(byte).isalnum() else ord(" ")
    for byte in range(256)
)


def normal(text: str) -> str:
    """The normal form of ``text``; ``text`` itself, the same object, when it is in it already."""
    if not _may_change(text):
        return text
    pieces = _pieces(text)
    if pieces is None:
        return text
    new = [None if code else _tidied(piece) for piece, code in pieces]
    old = [piece for piece, _ in pieces]
    joined = "".join(was if now is None else now for was, now in zip(old, new, strict=True))
    return text if joined == text else joined


def is_about_space(text: str) -> bool:
    """Whether what ``text`` says, outside its fences, may be about white space."""
    pieces = _pieces(text) or [(text, False)]
    return any(not code and _names_space(piece) for piece, code in pieces)


def _may_change(text: str) -> bool:
    """A quick look that lets most texts go."""
    return ("  " in text or "\n\n\n" in text) and ":" not in text and "\r" not in text


def _pieces(text: str) -> list[tuple[str, bool]] | None:
    """``text`` cut at its fences, and whether each piece is code.

    None when the fences are not in order: one within another, one that is not closed, one in the
    middle of a line, one of tildes. Nobody can then say for certain what is code.
    """
    if "~~~" in text:
        return None
    pieces: list[tuple[str, bool]] = []
    start, marks = 0, ""
    while (at := text.find("```", start + len(marks))) >= 0:
        first = text.rfind("\n", 0, at) + 1
        last = text.find("\n", at)
        last = len(text) if last < 0 else last
        info = text[at:last].lstrip("`")
        found = text[at : last - len(info)]
        if text[first:at].strip() or "`" in info:
            return None
        if not marks:
            pieces.append((text[start:first], False))
            # From here on the search goes on behind the whole opening line.
            start, marks = first, text[first:last]
            opened = found
        elif found == opened and not info.strip():
            pieces.append((text[start:last], True))
            start, marks = last, ""
        else:
            return None
    if marks:
        return None
    pieces.append((text[start:], False))
    return pieces


def _names_space(piece: str) -> bool:
    words = set(piece.encode("utf-8", "surrogatepass").translate(_FOLD).split())
    return not words.isdisjoint(_WORDS) or any(word.startswith(_STEMS) for word in words)


def _tidied(piece: str) -> str | None:
    """``piece`` in normal form; None when not all of it is prose."""
    rest = piece.encode("utf-8", "surrogatepass").translate(None, _PLAIN)
    if (rest and _PROSE.fullmatch(piece) is None) or piece.startswith(" ") or "\n " in piece:
        return None
    text = piece
    if "  " in text:
        gaps = [run for run in _RUN.finditer(text) if _is_gap(run)]
        if len(gaps) > _MOST_GAPS or _is_table(gaps):
            return None
        parts = _QUOTED.split(text)
        parts[::2] = [_RUN.sub(_run, part) for part in parts[::2]]
        text = "".join(parts)
        # Both "foo  bar" and "foo bar": somebody sets them against each other.
        if any(text.count(_around(gap)) > 1 for gap in gaps):
            return None
    return _GAP.sub("\n\n", text)


def _run(found: re.Match[str]) -> str:
    return " " if _is_gap(found) else found[0]


def _around(gap: re.Match[str]) -> str:
    """The words on both sides of ``gap``, as they stand once it is closed."""
    before = gap.string[: gap.start()].rsplit(maxsplit=1)[-1]
    after = _FIRST.match(gap.string, gap.end())
    return f"{before} {after[0] if after else ''}"


def _is_gap(found: re.Match[str]) -> bool:
    """Whether these spaces stand between two sentences, never beside a digit or a single letter."""
    text, last = found.string, found.start() - 2
    if text[last + 1] not in ".?!":
        return False
    return last > 0 and text[last].isalpha() and text[last - 1].isalpha()


def _is_table(gaps: list[re.Match[str]]) -> bool:
    """Whether several lines have wide gaps: then they may stand below each other on purpose.

    A gap after a sentence is how some people type.
    """
    starts = (gap.start() for gap in gaps if gap.string[gap.start() - 1] not in ".?!")
    return len({gaps[0].string.count("\n", 0, start) for start in starts}) > 1
