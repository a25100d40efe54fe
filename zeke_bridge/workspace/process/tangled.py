"""Reading a command that may take long, in a process that is ended when it does.

What cannot be read in time has a problem, and is not run. Blocks: it belongs into a thread.
"""

from __future__ import annotations

import json
import subprocess
import sys

from zeke_bridge.warden.command.effect import Effect
from zeke_bridge.warden.command.part import Part, Reading
from zeke_bridge.workspace.process import reader

LIMIT_S = 10.0
_TOO_LONG = Reading(problem="It takes too long to be read, so it is not run.")
_UNREADABLE = Reading(problem="It could not be read, so it is not run.")


def read_tangled(argv: tuple[str, ...]) -> Reading:
    """Return what ``read_command`` does, or a problem when that takes too long; never raises."""
    command = [sys.executable, "-I", reader.__file__]
    try:
        asked = json.dumps(argv).encode("ascii")
        done = subprocess.run(
            command, input=asked, capture_output=True, timeout=LIMIT_S, check=False, cwd="/", env={}
        )
    except subprocess.TimeoutExpired:
        return _TOO_LONG
    except OSError:
        return _UNREADABLE
    if done.returncode < 0:
        return _TOO_LONG
    try:
        parts, programs, complete, problem = json.loads(done.stdout)
        found = tuple(
            Part(depth, kind, text, tuple(map(Effect, effects)), piped)
            for depth, kind, text, effects, piped in parts
        )
        return Reading(found, tuple(programs), complete, problem)
    except (TypeError, ValueError):
        return _UNREADABLE
