"""A proposed change of one or several files: shown, chosen from, consented to, written.

    ``change``    all files of one change at once, round after round
    ``file``      one file of one round, until it is settled
    ``scene``     what the files of a round have in common
    ``draft``     what a file would become, and on which text (pure)
    ``base``      the text that a patch is for (pure)
    ``disk``      taking that text from disk, through GhostWarden
    ``settled``   what became of a file (pure)
    ``span``      where a range of lines is after a change (pure)
    ``summary``   what a model is told of all that (pure)

Nothing in here knows a model: who proposes, and proposes again, is handed in.
"""

from __future__ import annotations

from zeke_bridge.broker.review.base import Base
from zeke_bridge.broker.review.change import Again, Change
from zeke_bridge.broker.review.draft import Carried, Patched, Proposed, Unfit, Whole
from zeke_bridge.broker.review.settled import Settled, State

__all__ = [
    "Again",
    "Base",
    "Carried",
    "Change",
    "Patched",
    "Proposed",
    "Settled",
    "State",
    "Unfit",
    "Whole",
]
