"""The part of a file that an instruction is about, so that a small model need not repeat the rest.

Goes by the look of code in any language: a line that defines a name which the instruction says,
and what is indented below it. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

_BEFORE = (
    "abstract|async|const|data|default|export|extern|final|inline|internal|local|open|override|"
    r"partial|private|protected|pub(?:\(\w+\))?|public|sealed|static|unsafe|virtual"
)
_DEFINES = (
    "class|def|enum|fn|fun|func|function|impl|interface|method|module|proc|struct|sub|trait|type"
)
# A method may stand behind what it belongs to: ``function Box:open``, ``func (b *Box) Open``.
_BEGINS = re.compile(
    rf"^\s*(?:(?:{_BEFORE})\s+)*(?:{_DEFINES})\s+(?:\([^)]*\)\s*)?(?:\w+[.:])*(\w+)"
)
# Not about one place only.
_EVERYWHERE = re.compile(r"\b(?:rename|all|each|every|everywhere)\b", re.IGNORECASE)
_WORD = re.compile(r"\w+")
# What closes a block on a line of its own, at the depth where the block began.
_CLOSES = re.compile(r"^\s*(?:[\])}]|end\b|fi\b|done\b|esac\b)")
_DECORATES = re.compile(r"^\s*(?:@|#\[)")


def passage(lines: Sequence[str], instruction: str) -> tuple[int, int]:
    """First and last line (from 1) of the one definition that is named; else of all ``lines``."""
    if _EVERYWHERE.search(instruction):
        return 1, len(lines)
    said = set(_WORD.findall(instruction))
    begins = [at for at, line in enumerate(lines) if (m := _BEGINS.match(line)) and m[1] in said]
    blocks = [_block(lines, at) for at in begins]
    # A class and its method may both be named: then the one that lies within the other.
    if not blocks or not all(a <= c and d <= b for (a, b), (c, d) in pairwise(blocks)):
        return 1, len(lines)
    return blocks[-1]


def _block(lines: Sequence[str], at: int) -> tuple[int, int]:
    depth = _depth(lines[at])
    last = at
    for number in range(at + 1, len(lines)):
        line = lines[number]
        if not line.strip():
            continue
        if _depth(line) <= depth:
            if _CLOSES.match(line) and _depth(line) == depth:
                last = number
                # ``} else {`` and a signature over several lines go on.
                if line.rstrip().endswith(("{", ":", "(")):
                    continue
            break
        last = number
    while at > 0 and _DECORATES.match(lines[at - 1]) and _depth(lines[at - 1]) == depth:
        at -= 1
    return at + 1, last + 1


def _depth(line: str) -> int:
    return len(line.expandtabs()) - len(line.expandtabs().lstrip())
