"""Looks on, from inside every Python process of a test run, at what the product does.

The environment says how: ``ZEKE_DENIED_LOG`` is the file that gets a line of JSON for each effect,
``ZEKE_DENIED_GATE`` what becomes of GhostWarden's gate (``denying`` everything, ``launching`` agents
and nothing else, or left ``open``). Needs nothing but Python, and judges nothing: see ``rules.py``.
"""

from __future__ import annotations

import os
import sys

from zeke_denied import children, effects, patches
from zeke_denied.doer import IN_PRODUCT
from zeke_denied.notes import note

_VARIABLES = ("ZEKE_DENIED_LOG", "ZEKE_DENIED_GATE")


def watch() -> None:
    """Look on from now until the process ends."""
    patches.prepare(os.environ.get("ZEKE_DENIED_GATE", "denying"))
    effects.watch()
    if IN_PRODUCT:
        note("watched", " ".join(sys.orig_argv[1:]), ())
    else:
        children.watch_too(_VARIABLES)
