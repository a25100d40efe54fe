"""Help with a shell: a command for a wish, what a command does, why one failed."""

from __future__ import annotations

import json
from typing import Any

from zeke_bridge.core.prompts.excerpt import block, ending
from zeke_bridge.core.prompts.prompt import Prompt, closed, turns
from zeke_bridge.model.exchange import TerminalAsk
from zeke_bridge.wire.openai import json_schema

# Characters of what a command printed; what went wrong stands at the end.
_OUTPUT, _SMALL_OUTPUT = 20_000, 3_000
_COMMANDS = 20
# One line that ends, which a small model has to be made to. llama.cpp takes a pattern for the JSON
# as it is written, so a quote in it would end the string.
_LINE = {"type": "string", "pattern": r'^[^\n"\\]{1,160}$'}

# llama.cpp's own way to hold a model to a form while it streams; others overlook it
# (https://github.com/ggml-org/llama.cpp/blob/master/grammars/README.md).
_THREE_PARTS = r"""
root ::= "**What failed:** " line "\n\n**Why:** " line "\n\n**What to do:** " line command?
command ::= "\n\n```sh\n" line "\n```"
line ::= [^\n]{1,300}
""".strip()
_EXAMPLES = (
    (
        "list files larger than 100 MB",
        "find . -type f -size +100M",
        "find lists the files here and below that are larger than 100 MB.",
        False,
    ),
    (
        "list files changed in the last hour",
        "find . -type f -mmin -60",
        "find lists the files whose last change is less than 60 minutes ago.",
        False,
    ),
    (
        "show the five largest directories",
        "du -h . | sort -rh | head -n 5",
        "du measures each directory, sort puts the largest first, head keeps five.",
        False,
    ),
    (
        "search for main in the sources",
        "grep -rn 'main' .",
        "grep -rn shows each line with main, with its file and number.",
        False,
    ),
    (
        "delete all .bak files",
        "find . -name '*.bak' -delete",
        "find deletes each file here and below whose name ends in .bak.",
        True,
    ),
)


def suggest(ask: TerminalAsk) -> Prompt:
    """Ask for one command that does what ``text`` wishes, as JSON."""
    where = ", ".join(part for part in (ask.shell.strip() or "a shell", ask.system.strip()) if part)
    system = (
        f"You turn a wish into one command line ({where}). It runs in the current directory. "
        "Answer in JSON: command, explanation (one short sentence that says why), dangerous "
        "(true when it deletes, overwrites or stops anything)."
    )
    wish = f"Wish: {ask.text.strip()}"
    # A directory's name that is not part of the wish ends up in a small model's command.
    first, last = turns(system, wish)
    small = {
        "temperature": 0.0,
        # Both lines at their longest, a token for each character: JSON that is cut off is an error
        # of llama.cpp's server.
        "max_tokens": 512,
        "messages": [first, *_examples(), last],
        "response_format": _form(_LINE),
    }
    return Prompt(turns(system, _setting(ask) + wish), small, _form({"type": "string"}))


def _form(line: dict[str, Any]) -> dict[str, Any]:
    fields = {"command": line, "explanation": line, "dangerous": {"type": "boolean"}}
    return json_schema("suggestion", closed(fields))


def _examples() -> list[dict[str, str]]:
    """Wishes and answers, which teach a small model more than rules do."""
    said = []
    for wish, command, explanation, dangerous in _EXAMPLES:
        answer = {"command": command, "explanation": explanation, "dangerous": dangerous}
        said.append({"role": "user", "content": f"Wish: {wish}"})
        said.append({"role": "assistant", "content": json.dumps(answer)})
    return said


def explain(ask: TerminalAsk) -> Prompt:
    """Ask what a command does, part by part."""
    system = (
        "You explain shell commands. Say first in one sentence what the whole command does. Then "
        "explain each part and option in a list. Say clearly if it deletes or overwrites "
        "anything. Answer in Markdown, briefly."
    )
    user = f"{_setting(ask)}Command:\n{block(ask.text.strip(), 'sh')}"
    # What a small model is told to look for, it finds.
    small = turns(
        "You explain shell commands. Say in one sentence what the command does. Then say in a "
        "list what each part of it means. Nothing else.",
        f"Command:\n{block(ask.text.strip(), 'sh')}",
    )
    options = {"temperature": 0.0, "max_tokens": 320, "messages": list(small)}
    return Prompt(turns(system, user), options)


def debug(ask: TerminalAsk) -> Prompt:
    """Ask what failed, why, and what to do about it."""
    system = (
        "You find out why commands fail. Answer in Markdown with three short parts, in this "
        "order: **What failed**, **Why**, **What to do**. Under **What to do** give the command "
        "or the change that mends it. Go by what was printed; do not make anything up."
    )
    small = turns(system, _failure(ask, _SMALL_OUTPUT))
    options = {
        "temperature": 0.0,
        "max_tokens": 400,
        "messages": list(small),
        "grammar": _THREE_PARTS,
    }
    return Prompt(turns(system, _setting(ask) + _failure(ask, _OUTPUT)), options)


def _failure(ask: TerminalAsk, most: int) -> str:
    parts = []
    if ask.text.strip():
        parts.append(f"Command:\n{block(ask.text.strip(), 'sh')}")
    if ask.output.strip():
        parts.append(f"It printed:\n{block(ending(ask.output, most))}")
    if ask.exit_code is not None:
        parts.append(f"Exit code: {ask.exit_code}")
    return "\n\n".join(parts)


def _setting(ask: TerminalAsk) -> str:
    """Where the command would run, and what ran before it."""
    known = {
        "Shell": ask.shell,
        "System": ask.system,
        "Directory": ask.cwd,
        "Git branch": ask.branch,
    }
    lines = [f"{name}: {value.strip()}" for name, value in known.items() if value.strip()]
    if last := ask.history[-_COMMANDS:]:
        lines.append("Last commands:\n" + "\n".join(f"  {command}" for command in last))
    return "\n".join(lines) + "\n\n" if lines else ""
