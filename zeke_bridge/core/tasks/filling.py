"""What belongs at the cursor, out of what a model says: cut where it makes sense. Pure.

Models repeat what stands around the cursor, go on after the thing is done, and a chat wraps its
answer up. Works line by line: a line is given only when nothing that follows can take it back.
Does not know which model spoke, nor how it was asked.
"""

from __future__ import annotations

import re

from zeke_bridge.core.prompts.complete import CURSOR

_FENCE = "```"
# Languages whose text may well hold a fence.
_MARKDOWN = frozenset({"markdown", "md", "mdx", "rmd", "quarto", "vimwiki", "asciidoc"})
_CLOSES = re.compile(r"(?:[\])}>]+|end|fi|done|esac|</[\w.-]*>)[\])};,.\s]*$")
_GOES_ON = re.compile(
    r"[\])}]|(?:else|elif|elseif|except|finally|catch|case|when|rescue|ensure|until|then|and|or)\b"
)
_PAIRS = {")": "(", "]": "[", "}": "{", ">": "<"}
_QUOTES = frozenset("\"'`")
_MARKS = frozenset(_PAIRS) | _QUOTES | frozenset(";,: \t")
# So much of the cursor's line, said again, is no accident.
_SAID_AGAIN = 6
# Lines above the cursor that a chat may say again before it comes to the point.
_REMEMBERED = 60
_TAB = 8


class Filling:
    """Takes the pieces of an answer and gives the lines that are wanted.

    ``most`` lines at most; 0: as many as make sense. ``ended`` says that nothing more is wanted,
    ``text`` is all that was given.
    """

    def __init__(self, prefix: str, suffix: str, language: str = "", *, most: int = 0) -> None:
        self.ended = False
        self._most = most
        self.text = ""
        self._above, _, self._start = prefix.rpartition("\n")
        self._rest, _, below = suffix.partition("\n")
        self._next = next((line.rstrip() for line in below.split("\n") if line.strip()), "")
        self._fences_end = language.strip().lower() not in _MARKDOWN
        self._fenced = False
        self._began = False
        self._base = _indent(self._start)
        self._deeper = False
        self._blank = 0
        self._left = ""
        self._said = self._above.split("\n")[-_REMEMBERED:]
        self._at: int | None = None

    def feed(self, piece: str) -> str:
        """What the next piece of the answer adds."""
        self._left += piece
        given = []
        while not self.ended and "\n" in self._left:
            line, _, self._left = self._left.partition("\n")
            given.append(self._line(line.removesuffix("\r")))
        return "".join(given)

    def finish(self, *, cut: bool = False) -> str:
        """What the end of the answer adds; ``cut`` says that it ended in the middle."""
        line, self._left = self._left, ""
        if self.ended or (cut and self._began and line):
            # Half a line below whole ones: it is not known how it would have gone on.
            self.ended = True
            return ""
        given = self._line(line)
        self.ended = True
        return given

    def _line(self, line: str) -> str:
        if self._fences_end and line.lstrip().startswith(_FENCE):
            return self._fence()
        if self._fenced and not self._began and self._says_again(line):
            return ""
        if not line.strip():
            if self._rest.strip() and not self._fenced:
                self.ended = True
            self._blank += 1
            return ""
        if not self._began and (self._blank == 0 or self._fenced):
            return self._first(line)
        return self._below(line)

    def _fence(self) -> str:
        """The first one opens the answer of a chat, any other ends it."""
        if self._began or self._fenced:
            self.ended = True
        self._fenced = True
        self._blank = 0
        return ""

    def _first(self, line: str) -> str:
        """The rest of the cursor's line."""
        if self._fenced:
            line = line.rpartition(CURSOR)[2]
            if self._starts_below(line):
                self._blank += 1
                return self._below(line)
            line = self._without_start(line)
        if self._start and not self._start.strip() and not self._wants_indent():
            line = line.lstrip()
        if self._rest.strip():
            self.ended = True
            return self._give(_without_rest(self._start, line, self._rest))
        if not self._start.strip() and self._stands_below(self._start + line.lstrip()):
            self.ended = True
            return ""
        self._deeper = _opens(self._start + line)
        return self._give(line.rstrip())

    def _below(self, line: str) -> str:
        """One of the lines under the cursor's."""
        indent = _indent(line)
        if self._rest.strip() or self._stands_below(line) or self._is_done(line, indent):
            self.ended = True
            return ""
        if indent < self._base:
            self.ended = True
            return self._give(line.rstrip()) if _CLOSES.match(line.strip()) else ""
        self._deeper = self._deeper or indent > self._base
        return self._give(line.rstrip())

    def _is_done(self, line: str, indent: int) -> bool:
        """Whether what was begun at the outermost level ended before ``line``."""
        if self._base or indent or not self._began or _GOES_ON.match(line):
            return False
        return self._deeper or self._blank > 0

    def _stands_below(self, line: str) -> bool:
        return bool(self._next) and line.rstrip() == self._next

    def _give(self, line: str) -> str:
        given = "\n" * (self._blank + self._began) + line
        self._blank, self._began = 0, True
        given = self._limited(given)
        self.text += given
        return given

    def _limited(self, given: str) -> str:
        """``given`` as far as there is room for its lines; the last of them is the end."""
        if not self._most:
            return given
        lines = (self.text + given).split("\n")
        # Where nothing is added to the cursor's line, it is not one of them.
        room = self._most + (not lines[0])
        self.ended = self.ended or len(lines) >= room
        return "\n".join(lines[:room]).rstrip("\n")[len(self.text) :]

    def _starts_below(self, line: str) -> bool:
        """Whether the first line of a chat's answer belongs under the cursor's line."""
        opened = bool(self._start.strip()) and not self._rest.strip()
        return opened and _indent(line) > self._base and not self._start.endswith((" ", "\t"))

    def _without_start(self, line: str) -> str:
        """``line`` without the part of the cursor's line that a chat says again."""
        start = self._start
        if line.startswith(start):
            return line[len(start) :]
        bare = start.strip()
        if len(bare) >= _SAID_AGAIN and line.lstrip().startswith(bare):
            left = line.lstrip()[len(bare) :]
            return left.lstrip() if start[-1:].isspace() else left
        return line

    def _says_again(self, line: str) -> bool:
        """Whether a chat still repeats the lines above the cursor, in their order."""
        said = self._said
        if self._at is None:
            found = [at for at, above in enumerate(said) if above.strip() == line.strip() != ""]
            self._at = found[-1] if found else len(said)
        if self._at < len(said) and said[self._at].strip() == line.strip():
            self._at += 1
            return True
        return False

    def _wants_indent(self) -> bool:
        """Whether the cursor stands less deep than what comes next."""
        lines = [line for line in self._above.split("\n")[-_REMEMBERED:] if line.strip()]
        return bool(lines) and _opens(lines[-1]) and self._base <= _indent(lines[-1])


def _without_rest(start: str, line: str, rest: str) -> str:
    """``line`` without what stands behind the cursor already.

    A closing bracket at its end may be the one behind the cursor or one of its own: it is the
    former when there would be one too many.
    """
    line, rest = line.rstrip(), rest.rstrip()
    at = line.find(rest) if len(rest) > 1 else -1
    if at >= 0 and not set(rest) <= _MARKS:
        return line[:at]
    for length in range(min(len(line), len(rest)), 0, -1):
        shared = rest[:length]
        if not line.endswith(shared):
            continue
        if set(shared) <= _MARKS:
            if _too_many(start + line + rest):
                return line[:-length]
        elif length == len(rest):
            return line[:-length]
    return line


def _too_many(line: str) -> bool:
    """Whether a bracket in ``line`` closes nothing, or a quote is left over."""
    open_: list[str] = []
    quote = ""
    for mark in line:
        if quote:
            quote = "" if mark == quote else quote
        elif mark in _QUOTES:
            quote = mark
        elif mark in "([{":
            open_.append(mark)
        elif mark in ")]}" and (not open_ or open_.pop() != _PAIRS[mark]):
            return True
    return bool(quote)


def _opens(line: str) -> bool:
    """Whether a block begins at the end of ``line``."""
    return line.rstrip().endswith((":", "{", "(", "[", " do", " then", "=>", "->"))


def _indent(line: str) -> int:
    """How far ``line`` is indented, in columns."""
    white = line[: len(line) - len(line.lstrip())]
    return len(white.expandtabs(_TAB))
