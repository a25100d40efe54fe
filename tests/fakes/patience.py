"""How long a test waits for what has to happen; less where it is known that much of it will not."""

from __future__ import annotations

import os

VARIABLE = "ZEKE_TEST_PATIENCE"


def patience(seconds: float) -> float:
    """``seconds``, or what the environment has if that is less."""
    return min(seconds, float(os.environ.get(VARIABLE) or seconds))
