"""Look at the screens that the tests keep.

    python -m tests.e2e.look                    which there are
    python -m tests.e2e.look chat-answer        one of them, as text
    python -m tests.e2e.look chat-answer --live the same scene in this terminal, to play with

Live means: the test runs to the place where it looks at the screen, and there its Neovim, with
broker, fake provider and all, comes to this terminal. ``:qa!`` leaves it and ends everything.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from pathlib import Path

from tests.e2e.screens import DIRECTORY, kept

TESTS = Path(__file__).parents[1]


def names() -> list[str]:
    """Every screen there is."""
    return sorted({path.stem.split("@")[0] for path in DIRECTORY.glob("*.txt")})


def checked_in(name: str) -> list[Path]:
    """The test files that check this screen; all that check any when none has its name."""
    texts = {path: path.read_text(encoding="utf-8") for path in TESTS.rglob("test_*.py")}
    checking = {path: text for path, text in texts.items() if "screens.check(" in text}
    named = [path for path, text in checking.items() if re.search(rf"[\"']{name}[\"']", text)]
    return sorted(named or checking)


def live(name: str) -> int:
    """Run the tests until the scene is there, and hand the terminal over; pytest's exit status."""
    command = [sys.executable, "-m", "pytest", "-q", "-s", "--no-header", "-p", "no:xdist"]
    environment = os.environ | {"ZEKE_SCREENS": f"live:{name}"}
    files = [str(path) for path in checked_in(name)]
    return subprocess.run(
        [*command, "--timeout", "0", *files], env=environment, cwd=TESTS.parent, check=False
    ).returncode


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.e2e.look")
    parser.add_argument("name", nargs="?", choices=names(), metavar="NAME")
    parser.add_argument("--live", action="store_true", help="open the scene in this terminal")
    parser.add_argument("--on", default="", metavar="0.12", help="as that Neovim draws it")
    given = parser.parse_args()
    if given.name is None:
        print("\n".join(names()))
    elif given.live:
        return live(given.name)
    else:
        print(kept(given.name, given.on).read_text(encoding="utf-8"), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
