"""Saying what belongs at the cursor while somebody types: never a question, one short answer.

A file that would need a question is refused; ``ghost text is not worth a prompt. What is wanted
of the answer (its length, that it repeats nothing) is the core's.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from contextlib import aclosing
from typing import Any

from zeke_bridge.broker.session import Session
from zeke_bridge.broker.tasks import Running
from zeke_bridge.model.errors import BadAnswerError
from zeke_bridge.model.exchange import Answer, CompleteAsk

# Controls, formats, surrogates, private use, unassigned, separators of lines and paragraphs.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# The last two join and part letters and emoji.
_SEEN = frozenset("\n\t\u200c\u200d")


async def complete(session: Session, running: Running) -> Mapping[str, Any]:
    """The text for the request's gap, which may be empty, as fields of ``task.done``.

    No deltas are sent: half a suggestion is none. Raises ``ConsentError`` (``denied`` where a
    question would be needed) or ``CoreError``. Cancelling it frees the provider.
    """
    gap = running.request.gap
    if gap is None:
        raise ValueError("this kind of task has no gap")
    source = await session.source(running.request, quiet=True)
    ask = CompleteAsk(
        source.audience,
        gap.prefix,
        gap.suffix,
        source.snippet.path,
        source.snippet.language,
        max_lines=gap.max_lines,
        alternative=gap.alternative,
    )
    async with aclosing(session.client().complete(ask)) as pieces:
        async for piece in pieces:
            if isinstance(piece, Answer):
                return {"text": plain(piece.text), **session.receipt(piece.receipt)}
    raise BadAnswerError("The answer broke off before its end: try again.")


def plain(text: str) -> str:
    """``text`` up to the first line with a character that a person would not see. Pure.

    It is shown, and taken with one key, as it is: what turns the line around or moves the cursor
    is left out with all that follows.
    """
    text = text.replace("\r\n", "\n")
    for at, char in enumerate(text):
        if char not in _SEEN and unicodedata.category(char) in _UNSEEN:
            return text[: text.rfind("\n", 0, at) + 1].rstrip("\n")
    return text
