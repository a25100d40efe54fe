"""A program of its own: reads one command as GhostWarden does, and may be ended at any time.

The command comes as JSON on its input; what was read goes to its output.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

CPU_S = 3


def main() -> None:
    """Read, and say what was read."""
    # Who started it may be gone before it is told to end.
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    sys.path.insert(0, str(Path(__file__).resolve().parents[3]))
    from zeke_bridge.warden.command.reading import read_command

    reading = read_command(tuple(json.load(sys.stdin)))
    parts = [(part.depth, part.kind, part.text, part.effects, part.piped) for part in reading.parts]
    said = (parts, reading.programs, reading.complete, reading.problem)
    sys.stdout.write(json.dumps(said))


if __name__ == "__main__":
    main()
