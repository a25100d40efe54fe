"""What a Claude model takes, read from its name: what changed from generation to generation.

By version, so that no list of models has to be kept: 4.5 brought structured outputs, 4.6 adaptive
thinking and the end of prefilling, 4.7 the end of sampling parameters and of token budgets
(https://platform.claude.com/docs/en/about-claude/models/overview and its pages on thinking,
structured outputs and errors). Names without a number are new. Another maker's model behind the
same API is taken to be able to do little, and is not kept from anything.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# The minor number has two digits at most: what is longer is a date.
_VERSION = re.compile(r"claude-(?:[a-z]+-)?(\d+)(?:[-.](\d{1,2}))?(?!\d)")
_NEWEST = (99, 0)
_NEVER_QUIET = re.compile(r"claude-(fable|mythos)")


@dataclass(frozen=True, slots=True)
class Generation:
    """``claude`` is whether it is one at all; ``quiet`` whether its thinking can be turned off."""

    claude: bool
    version: tuple[int, int]
    quiet: bool = True

    @property
    def samples(self) -> bool:
        """Whether it takes ``temperature`` and the like."""
        return not self.claude or self.version < (4, 7)

    @property
    def prefills(self) -> bool:
        """Whether it continues an answer that was begun for it."""
        return not self.claude or self.version < (4, 6)

    @property
    def adaptive(self) -> bool:
        """Whether it decides for itself how much to think, within an effort."""
        return self.claude and self.version >= (4, 6)

    @property
    def budgets(self) -> bool:
        """Whether it thinks within a number of tokens."""
        return self.claude and (3, 7) <= self.version < (4, 6)

    @property
    def structured(self) -> bool:
        """Whether its answer can be held to a JSON schema."""
        return self.claude and self.version >= (4, 5)

    @property
    def strains(self) -> bool:
        """Whether it knows the effort ``xhigh``."""
        return self.claude and self.version >= (4, 7)


def generation(model: str) -> Generation:
    """What can be told of ``model``."""
    name = model.lower()
    if "claude" not in name:
        return Generation(False, (0, 0))
    quiet = _NEVER_QUIET.search(name) is None
    found = _VERSION.search(name)
    if found is None:
        return Generation(True, _NEWEST, quiet)
    return Generation(True, (int(found[1]), int(found[2] or 0)), quiet)
