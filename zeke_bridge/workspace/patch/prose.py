"""Whether an answer without a fence is code, or words about code.

The rule: neither its first nor its last line is a sentence, and either most of its lines look
like code or most of its words are words of the range. Where the range is prose itself, its words
alone decide. In doubt it is words: code that is asked for again is better than words in a file.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_WORD = re.compile(r"\w+")
_SIGNS = frozenset("(){}[];=<>|&\\+%$@#_")
_CODE_ENDS = (",", ";", "{", "}", "(", "[", "]")
_PUNCTUATION = ".,:;!?\"'’()`*"
_LISTED = re.compile(r"([-*+•]|[0-9]{1,3}[.)]) |#{2,6} |\*\*")
_FEW_WORDS = 3


def is_code(lines: Sequence[str], region: Sequence[str]) -> bool:
    """Whether ``lines``, the whole answer, can stand for ``region``. Blank answers cannot."""
    full = [line for line in lines if line.strip()]
    if not full:
        return False
    own = [line for line in region if line.strip()]
    if own and (_is_sentence(own[0]) or _is_sentence(own[-1])):
        return _shared(full, own) * 2 >= 1
    known = {line.strip() for line in own}
    if any(_is_sentence(line) and line.strip() not in known for line in (full[0], full[-1])):
        return False
    looking = sum(_looks_like_code(line) for line in full)
    return looking * 2 > len(full) or _shared(full, own) * 2 >= 1


def _shared(lines: Sequence[str], region: Sequence[str]) -> float:
    """Which part of the words of ``lines`` are in ``region``."""
    words, known = _words(lines), _words(region)
    return len(words & known) / len(words) if words else 0.0


def _words(lines: Sequence[str]) -> set[str]:
    return {word for line in lines for word in _WORD.findall(line.lower())}


def _is_sentence(line: str) -> bool:
    """Several words with spaces between, beginning like a sentence or a list."""
    text = line.strip()
    parts = text.split()
    words = [word for word in parts if word.strip(_PUNCTUATION).isalpha()]
    if len(words) < _FEW_WORDS or len(words) * 3 < len(parts) * 2 or text.endswith(_CODE_ENDS):
        return False
    if _LISTED.match(text):
        return True
    # All capitals begin a statement of SQL rather than a sentence.
    capital = text[0].isupper() and (len(parts[0]) == 1 or not parts[0].isupper())
    return capital or (text[0].isalpha() and text.endswith((".", "!", "?")))


def _looks_like_code(line: str) -> bool:
    if _is_sentence(line):
        return False
    return (
        line[:1] in {" ", "\t"}
        or line.rstrip().endswith((*_CODE_ENDS, ":"))
        or bool(_SIGNS & set(line))
    )
