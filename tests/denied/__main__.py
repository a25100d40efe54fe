"""``python -m tests.denied [pytest's arguments]``: all tests, everything denied; was there an effect?

Exit status 1 when there was; the log stays in ``build/denied.jsonl``. ``ZEKE_DENIED_GATE`` is as in
``zeke_denied``: with ``launching`` agents may start, and no more.
"""

from __future__ import annotations

import os
import sys
from collections import Counter

from tests.denied.rules import effects
from tests.denied.run import REPOSITORY, Gate, run

PATIENCE_S = 3.0
LIMIT_S = 30
LOG = REPOSITORY / "build" / "denied.jsonl"
GATES: dict[str, Gate] = {"denying": "denying", "launching": "launching", "open": "open"}


def main() -> int:
    """Run and tell."""
    gate = GATES[os.environ.get("ZEKE_DENIED_GATE", "denying")]
    # These tests are about this very run.
    arguments = (f"--timeout={LIMIT_S}", "--ignore=tests/denied", "--tb=no", "-rN", *sys.argv[1:])
    seen = run(gate, LOG, *arguments, patience=PATIENCE_S, quiet=False)
    found = effects(seen, launching=gate == "launching")
    for one, count in Counter(found).items():
        print(f"{count} × {one}")
    watched = sum(one.effect == "watched" for one in seen)
    print(f"{watched} processes of the product were watched; effects: {len(found)}")
    return int(bool(found) or not watched)


if __name__ == "__main__":
    sys.exit(main())
