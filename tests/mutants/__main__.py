"""Mutate the policy with mutmut, in ``build/mutants``, and print what survived.

``MUTANTS_SECONDS`` bounds the run (600 s); ``MUTANTS`` names other files of
``zeke_bridge/warden`` to mutate, with spaces between.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.mutants.record import record

REPOSITORY = Path(__file__).resolve().parents[2]
PLACE = REPOSITORY / "build" / "mutants"
LIMIT_S = float(os.environ.get("MUTANTS_SECONDS", "600"))
FILES = os.environ.get("MUTANTS", "policy.py lists.py match.py grants.py").split()
TESTS = (
    "tests/mutants/cases.py",
    "tests/warden/test_steps.py",
    "tests/warden/test_policy.py",
    "tests/warden/test_grants.py",
    "tests/warden/test_match.py",
    "tests/warden/test_spelling.py",
)
# git as the judge of patterns and the clock as the judge of speed take too long here.
LEFT_OUT = "not than_git and not as_git and not cost and not hostile_paths and not shows_as_nothing"
CONFIG = """
[tool.mutmut]
source_paths = ["zeke_bridge"]
only_mutate = [{only}]
pytest_add_cli_args = ["-q", "-x", "-p", "no:cacheprovider", "-k", "{left_out}"]
pytest_add_cli_args_test_selection = [{tests}]
mutate_only_covered_lines = false
timeout_constant = 5.0

[tool.pytest.ini_options]
addopts = "--import-mode=importlib"
pythonpath = ["."]
markers = ["local_model: unused here"]
"""
PROFILE = """
from hypothesis import settings

settings.register_profile("mutants", max_examples=25, derandomize=True, database=None, deadline=None)
settings.load_profile("mutants")
"""


def main() -> int:
    """Run; the exit status is 1 only when nothing could be run."""
    shutil.rmtree(PLACE, ignore_errors=True)
    PLACE.mkdir(parents=True)
    _lay_out()
    count = record(PLACE / "cases.pickle")
    print(f"{count} cases of the corpus; mutating {', '.join(FILES)}", flush=True)
    finished = _mutmut("run")
    if finished is None:
        print(f"Stopped after {LIMIT_S:g} s (MUTANTS_SECONDS); what follows is a part.")
    results = _mutmut("results", "--all", "true") or ""
    return _tell(results)


def _lay_out() -> None:
    skipped = shutil.ignore_patterns("__pycache__")
    shutil.copytree(REPOSITORY / "zeke_bridge", PLACE / "zeke_bridge", ignore=skipped)
    for folder in ("warden", "mutants"):
        shutil.copytree(REPOSITORY / "tests" / folder, PLACE / "tests" / folder, ignore=skipped)
    (PLACE / "tests" / "conftest.py").write_text(PROFILE)
    only = ", ".join(f'"zeke_bridge/warden/{name}"' for name in FILES)
    tests = ", ".join(f'"{name}"' for name in TESTS)
    config = CONFIG.format(only=only, tests=tests, left_out=LEFT_OUT)
    (PLACE / "pyproject.toml").write_text(config)


def _mutmut(*arguments: str) -> str | None:
    """The output of mutmut; None when it ran out of time."""
    with (PLACE / "mutmut.log").open("a") as log:
        try:
            done = subprocess.run(
                [sys.executable, "-m", "mutmut", *arguments],
                cwd=PLACE,
                env={**os.environ, "ZEKE_MUTANT_CASES": str(PLACE / "cases.pickle")},
                stdout=subprocess.PIPE if arguments[0] != "run" else log,
                stderr=log,
                text=True,
                timeout=LIMIT_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return None
    return done.stdout or ""


def _tell(results: str) -> int:
    """Print the survivors with what was changed, and the count of each outcome."""
    outcomes = re.findall(r"^\s*(\S+__mutmut_\d+): (.+)$", results, re.MULTILINE)
    if not outcomes:
        print((PLACE / "mutmut.log").read_text()[-3000:])
        return 1
    for name, outcome in outcomes:
        if outcome not in ("killed", "timeout"):
            shown = _mutmut("show", name) or ""
            changed = [line for line in shown.splitlines() if re.match(r"[-+@](?![-+])", line)]
            print(f"\n{outcome}: {name}", *changed, sep="\n  ")
    kinds = [outcome for _, outcome in outcomes]
    print("\n" + ", ".join(f"{kinds.count(kind)} {kind}" for kind in sorted(set(kinds))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
