"""The demo's own agent: a program that speaks ACP and does what a script says, without a model.

It stands where Claude Code or Gemini would: it can read, write and run only through Zeke.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from demo.sample import UNITS

ACTOR = Path(__file__).resolve().parent.parent / "tests" / "agents" / "acp" / "actor.py"


def command(directory: Path) -> list[str]:
    """What starts it; its script is written into ``directory``."""
    path = directory / "agent.json"
    path.write_text(json.dumps({"prompts": [_steps()]}), encoding="utf-8")
    # A system's own Python need not be on the path of programs that may be started.
    return [sys.executable, str(ACTOR), str(path)]


def _steps() -> list[dict[str, Any]]:
    first, second = "Annotate ten functions", "Run the tests"
    edits = [
        {
            "edit": f"units/{name}.py",
            "old": f"def {name}(count):",
            "new": f"def {name}(count: int) -> int:",
        }
        for name in UNITS
    ]
    return [
        {"think": "Ten files, each with one function."},
        {"plan": [[first, "in_progress"], [second, "pending"]]},
        {"say": "I annotate the function of each unit.\n"},
        *edits,
        {"plan": [[first, "completed"], [second, "in_progress"]]},
        {"run": [sys.executable, "-m", "unittest", "test_units"]},
        {"plan": [[first, "completed"], [second, "completed"]]},
        {"say": "All ten are annotated, and the tests pass."},
    ]
