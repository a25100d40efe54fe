"""The questions that wait in the editors of one project: listed together, several answered at once.

An answer counts in the editor whose questions they are; a refusal also from another editor of the
project. What was not answered stays, and the person is told why.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from zeke_bridge.broker.consent.prompts import PromptQueue, Waiting
from zeke_bridge.broker.consent.session import ConsentSession
from zeke_bridge.model.verdict import Choice


def listed(
    own: ConsentSession, others: Iterable[ConsentSession], root: str
) -> list[dict[str, Any]]:
    """Every question of this editor, then those of the others about ``root``; all escaped.

    ``root`` is the project of whoever reads the list.
    """
    here = [_entry(item, root, here=True) for item in _waiting(own)]
    return here + [
        _entry(item, root, here=False)
        for other in others
        for item in _waiting(other)
        if item.root == root
    ]


def answer(
    ids: Sequence[str],
    choice: Choice,
    own: ConsentSession,
    others: Iterable[ConsentSession],
    root: str,
) -> tuple[int, str]:
    """Answer the questions ``ids`` with ``choice`` as far as that counts.

    Return how many there were, and a sentence about the rest, or ``""``.
    """
    chosen = frozenset(ids)
    counted: frozenset[str] = frozenset()
    if own.prompts is not None:
        counted = own.prompts.answer_listed(chosen, choice.value)
    unoffered = chosen & {item.id for item in _waiting(own)}
    elsewhere: frozenset[str] = frozenset()
    for queue, known in _elsewhere(others, root):
        if choice is Choice.DENY and own.prompts is not None:
            counted |= queue.answer_listed(chosen & known, choice.value)
        else:
            elsewhere |= chosen & known
    gone = len(chosen) - len(counted) - len(unoffered) - len(elsewhere)
    return len(counted), _sentence(choice, len(unoffered), len(elsewhere), gone)


def _elsewhere(
    others: Iterable[ConsentSession], root: str
) -> list[tuple[PromptQueue, frozenset[str]]]:
    """The other queues, and the ids of what waits in each of them about ``root``."""
    return [
        (other.prompts, frozenset(item.id for item in other.prompts.waiting() if item.root == root))
        for other in others
        if other.prompts is not None
    ]


def _waiting(session: ConsentSession) -> tuple[Waiting, ...]:
    return session.prompts.waiting() if session.prompts is not None else ()


def _sentence(choice: Choice, unoffered: int, elsewhere: int, gone: int) -> str:
    parts = (
        (unoffered, f"without `{choice.value}` among the choices"),
        (elsewhere, "in another Neovim, where all one can do from here is deny"),
        (gone, "ended already"),
    )
    told = [f"{count} {reason}" for count, reason in parts if count]
    return f"Not answered: {'; '.join(told)}." if told else ""


def _entry(item: Waiting, root: str, *, here: bool) -> dict[str, Any]:
    known = {"prompt": item.id, "since": item.since, "shown": item.shown, "here": here}
    # Another editor's sessions and tasks are not those of this one.
    unknown = {} if here else {"session": "", "task": ""}
    return item.prompt.fields(root) | known | unknown
