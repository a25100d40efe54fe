"""A question about a whole project."""

from __future__ import annotations

from typing import NamedTuple

from zeke_bridge.core.prompts.excerpt import about, beginning, block
from zeke_bridge.core.prompts.prompt import Prompt, turns
from zeke_bridge.model.exchange import ContextAsk


class _Room(NamedTuple):
    """Characters for each part."""

    tree: int
    files: int
    history: int


_MOST = _Room(60_000, 400_000, 20_000)
# The small model has 8192 tokens and reads about 150 of them a second.
_SMALL = _Room(1_500, 4_000, 800)


def context(ask: ContextAsk) -> Prompt:
    """Ask ``ask.question``, with as much of the project as fits."""
    system = (
        "You answer questions about a project from what is shown of it. Name the files you mean. "
        "Say so when what is shown does not tell. Answer in Markdown, briefly."
    )
    small = turns(
        "You know this project. Answer the question in two or three full sentences, from what is "
        "shown, and name the files you mean.",
        _asked(ask, _SMALL),
    )
    options = {"temperature": 0.0, "max_tokens": 512, "messages": list(small)}
    return Prompt(turns(system, _asked(ask, _MOST)), options)


def _asked(ask: ContextAsk, most: _Room) -> str:
    parts = []
    if ask.tree.strip():
        parts.append(f"Its files:\n{block(beginning(ask.tree, most.tree))}")
    if ask.history.strip():
        parts.append(f"Its last changes:\n{block(beginning(ask.history, most.history))}")
    parts += _shown(ask, most.files)
    return "\n\n".join([*parts, f"Question: {ask.question.strip()}"])


def _shown(ask: ContextAsk, most: int) -> list[str]:
    """The files, each with its share of the room; what one leaves goes to the next."""
    parts = []
    for number, snippet in enumerate(ask.files):
        share = most // (len(ask.files) - number)
        code = beginning(snippet.code, share)
        most -= min(len(code), share)
        parts.append(f"{about(snippet)}\n{block(code, snippet.language)}")
    return parts
