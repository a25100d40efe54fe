"""What a shell is given to run: the text after ``-c``, a file, or its input.

Options as in sh(1), bash(1), dash(1), ksh(1) and zsh(1).
"""

from __future__ import annotations

from dataclasses import dataclass

from zeke_bridge.warden.command.effect import Effect
from zeke_bridge.warden.command.word import Call, Word, program_name

# These read what tree-sitter-bash reads, as far as a person has to see it.
SHELLS = frozenset("sh bash dash ksh zsh ash mksh rbash yash".split())  # noqa: SIM905
# These have a grammar of their own.
FOREIGN_SHELLS = frozenset("fish csh tcsh pwsh powershell cmd nu xonsh elvish".split())  # noqa: SIM905

_LONG_WITH_VALUE = frozenset({"--rcfile", "--init-file"})
_STDIN = ("-", "/dev/stdin", "/proc/self/fd/0", "/dev/fd/0")


@dataclass(frozen=True, slots=True)
class Script:
    """``text`` is what the shell runs, as far as it is there. ``own``: words that are not it."""

    own: int
    effects: frozenset[Effect] = frozenset()
    text: str | None = None


def shell_script(call: Call) -> Script | None:
    """Return what ``call`` makes a shell run; None when it runs no shell."""
    name = program_name(call.words[0])
    count = len(call.words)
    if name in FOREIGN_SHELLS:
        unread = count > 1 or call.piped or call.stdin is not None
        return Script(count, frozenset({Effect.UNREAD} if unread else ()))
    if name not in SHELLS:
        return None
    at, takes_text, from_stdin = _options(call.words)
    if takes_text:
        if at >= count:
            # Below xargs the text comes with the input.
            return Script(count, frozenset({Effect.OUTPUT} if call.piped else ()))
        word = call.words[at]
        # The words after the text are only arguments of it, and still to be seen.
        return Script(at if at + 1 == count else count, _unknown(word), word.value)
    if at < count and not from_stdin and call.words[at].value not in _STDIN:
        word = call.words[at]
        return Script(count, _unknown(word) | {Effect.FILE})
    if call.stdin is not None:
        return Script(count, frozenset(), call.stdin)
    if call.piped:
        return Script(count, frozenset({Effect.OUTPUT}))
    return Script(count, frozenset({Effect.FILE} if call.from_file else ()))


def _options(words: tuple[Word, ...]) -> tuple[int, bool, bool]:
    """Return where the options end, whether a text follows, and whether input is read."""
    at, takes_text, from_stdin = 1, False, False
    while at < len(words):
        option = words[at].value
        if option in ("-", "--"):
            at += option == "--"
            break
        if option.startswith("--"):
            at += 2 if option in _LONG_WITH_VALUE else 1
            continue
        if option[:1] not in ("-", "+"):
            break
        takes_text = takes_text or (option[0] == "-" and "c" in option)
        from_stdin = from_stdin or "s" in option
        # Each ``o`` or ``O`` takes a name from the words that follow.
        at += 1 + option.count("o") + option.count("O")
    return at, takes_text, from_stdin


def _unknown(word: Word) -> frozenset[Effect]:
    if word.substituted:
        return frozenset({Effect.OUTPUT})
    return frozenset() if word.sure else frozenset({Effect.DYNAMIC})
