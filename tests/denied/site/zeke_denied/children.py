"""Has the processes that tests start watched too, whatever environment the tests give them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_SITE = str(Path(__file__).parents[1])


def watch_too(variables: Sequence[str]) -> None:
    """Let each child get ``variables``, and the directory of the observer first."""
    real = subprocess.Popen.__init__

    def begin(self: Any, *arguments: Any, **options: Any) -> None:
        if options.get("env") is not None:
            options["env"] = _with(dict(options["env"]), variables)
        real(self, *arguments, **options)

    subprocess.Popen.__init__ = begin  # type: ignore[method-assign]


def _with(environment: dict[str, str], variables: Sequence[str]) -> dict[str, str]:
    for name in (*variables, "PYTEST_CURRENT_TEST"):
        if name in os.environ:
            environment.setdefault(name, os.environ[name])
    rest = environment.get("PYTHONPATH", "")
    if _SITE not in rest.split(os.pathsep):
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, (_SITE, rest)))
    return environment
