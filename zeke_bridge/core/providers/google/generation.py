"""What a Gemini model takes, read from its name: what changed from generation to generation.

By version, so that no list of models has to be kept: 2.5 thinks within a number of tokens, 3 within
a level, and 3 wants its thought signatures back
(https://ai.google.dev/gemini-api/docs/thinking and .../thought-signatures). Names without a number
(``gemini-flash-latest``) are new; Gemma and others are neither.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_VERSION = re.compile(r"gemini-(\d+)(?:\.(\d+))?(?![\d.])")
_NEWEST = (99, 0)


@dataclass(frozen=True, slots=True)
class Generation:
    """``version`` is (0, 0) for what is no Gemini; ``lite`` and ``pro`` are sizes."""

    version: tuple[int, int]
    lite: bool = False
    pro: bool = False
    gemma: bool = False

    @property
    def budgets(self) -> bool:
        """Whether it thinks within a number of tokens."""
        return self.version[0] == 2 and self.version[1] >= 5

    @property
    def levels(self) -> bool:
        """Whether it thinks within a level; the same ones want thought signatures back."""
        return self.version >= (3, 0)

    @property
    def combines(self) -> bool:
        """Whether it takes tools and a JSON form at once, and pictures in a tool's result."""
        return self.version >= (3, 0)

    @property
    def penalties(self) -> bool:
        """Whether it takes ``presencePenalty`` and ``frequencyPenalty``."""
        return not self.budgets

    @property
    def instructed(self) -> bool:
        """Whether it has a place for system instructions."""
        return not self.gemma


def generation(model: str) -> Generation:
    """What can be told of ``model``."""
    name = model.lower()
    if "gemini" not in name:
        return Generation((0, 0), gemma="gemma" in name)
    found = _VERSION.search(name)
    version = (int(found[1]), int(found[2] or 0)) if found else _NEWEST
    return Generation(version, lite="lite" in name, pro="pro" in name)
