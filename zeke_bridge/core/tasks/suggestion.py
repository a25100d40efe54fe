"""Reading a suggested command out of a model's answer. Pure.

Whether it is dangerous is not left to the model: what the warden sees in the command counts as
well, and so does what nobody can read.
"""

from __future__ import annotations

import re

from zeke_bridge.core.tasks.objects import objects
from zeke_bridge.model.errors import BadAnswerError
from zeke_bridge.model.exchange import Suggestion
from zeke_bridge.warden.command import Effect, Part, known

_DANGEROUS = frozenset(
    {
        Effect.PRIVILEGE,
        Effect.DELETES,
        Effect.OUTPUT,
        Effect.DYNAMIC,
        Effect.UNREAD,
        Effect.SECRET,
        Effect.WARDEN,
        Effect.RIGHTS,
        Effect.PROTECTED,
        Effect.SWAPS,
        Effect.LATER,
        Effect.ENDS,
    }
)
# Writers that leave nothing of what was there.
_OVERWRITES = re.compile(
    r"(dd|truncate|mv|cp|shred|rsync)\b|git\b.*\s(reset|checkout|restore|stash|rebase)\b", re.DOTALL
)
# Their grammar is not the one that the warden reads.
_OTHER_SHELLS = frozenset({"powershell", "pwsh", "cmd", "nu", "nushell", "elvish", "xonsh"})
_LONG = 160
_NO_COMMAND = "The model suggested no command: say it in other words, or try another model."


def parse(text: str, shell: str = "") -> Suggestion:
    """The suggestion in ``text``; raises ``BadAnswerError`` when there is none."""
    for found in objects(text):
        command, explanation = found.get("command"), found.get("explanation", "")
        if not isinstance(command, str) or not _bare(command):
            continue
        said = _sentence(explanation) if isinstance(explanation, str) else ""
        claimed = found.get("dangerous", False) is not False
        return Suggestion(_bare(command), said, claimed or dangerous(_bare(command), shell))
    raise BadAnswerError(_NO_COMMAND)


def told(suggestion: Suggestion) -> str:
    """The suggestion in Markdown."""
    lines = ["```sh", suggestion.command, "```"]
    if suggestion.explanation:
        lines += ["", suggestion.explanation]
    if suggestion.dangerous:
        lines += ["", "**Dangerous:** look twice before you run it."]
    return "\n".join(lines)


def dangerous(command: str, shell: str = "") -> bool:
    """Whether ``command`` may destroy something, or cannot be read."""
    if _name(shell) in _OTHER_SHELLS:
        return True
    reading = known(("bash", "-c", command))
    if reading.problem or not reading.complete or _DANGEROUS.intersection(reading.effects()):
        return True
    return any(_overwrites(part) for part in reading.parts)


def _overwrites(part: Part) -> bool:
    if part.kind == "redirection":
        return Effect.WRITES in part.effects and ">>" not in part.text
    return Effect.WRITES in part.effects and bool(_OVERWRITES.match(part.text))


def _name(shell: str) -> str:
    return shell.replace("\\", "/").rpartition("/")[2].lower().removesuffix(".exe")


def _sentence(text: str) -> str:
    """``text`` on one line; of a long one only the first sentence."""
    line = " ".join(text.split())
    return line if len(line) <= _LONG else re.split(r"(?<=[.!?]) ", line, maxsplit=1)[0]


def _bare(command: str) -> str:
    """Without the prompt sign and the marks that models put around a command."""
    bare = command.strip().strip("`").strip()
    return bare.removeprefix("$ ").strip()
