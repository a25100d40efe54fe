"""The targets with their seeds, and small changes of a seed for where no coverage guides."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from hypothesis import strategies as st

TARGETS = ("project_file", "ledger", "action_line", "shell_text")
SEEDS = Path(__file__).with_name("seeds")


def target(name: str) -> Callable[[bytes], None]:
    """The function that raises when bytes break a promise."""
    found: Callable[[bytes], None] = import_module(f"tests.fuzz.{name}").check
    return found


def seeds(name: str) -> list[Path]:
    """The files of one target, by name."""
    return sorted((SEEDS / name).iterdir())


@st.composite
def mutated(draw: st.DrawFn, name: str) -> bytes:
    """A seed with some pieces replaced by others, of it or of anything."""
    content = draw(st.sampled_from([path.read_bytes() for path in seeds(name)]))
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(content)))
        end = draw(st.integers(start, min(len(content), start + 30)))
        other = draw(st.integers(0, len(content)))
        piece = draw(st.binary(max_size=8) | st.just(content[other : other + 40]))
        content = content[:start] + piece + content[end:]
    return content
