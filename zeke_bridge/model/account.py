"""What a person has at a provider: a key that was tried, a login that waits for them. Values only.

No key is in any of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class KeyTrial:
    """What a provider said of a key, at no cost.

    ``works``, ``refused``, or ``unknown`` when nobody could be asked; ``message`` is a sentence
    unless it works, ``models`` how many models it opens (0: not said).
    """

    outcome: Literal["works", "refused", "unknown"]
    message: str = ""
    models: int = 0


@dataclass(frozen=True, slots=True)
class LoginCode:
    """What a person types at ``verification_uri``, within ``expires_in`` seconds (RFC 8628)."""

    user_code: str
    verification_uri: str
    expires_in: float
