"""A rival process swaps files, directories and links for ever; no effect may land outside.

Beside each effect runs its naive twin, which looks first and then acts on the path. It has to
be led astray, or the race was never run.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.workspace.files.bench import Bench
from zeke_bridge.model.action import Op
from zeke_bridge.model.errors import ChangedError, DeniedError, StoreError

ROUNDS = 1000
ENOUGH = 10
# A rival can carry off a file in the moment between a swap and its undoing; then the next one.
LEAVES = range(6)
EFFECTS = ("create", "write", "delete", "rename")


def swap_for_ever(base: str, stop: Any, again: Any) -> None:
    """Exchange entries with links to the outside, over and over, in one step each time.

    ``again`` is set whenever all have been exchanged.
    """
    libc = ctypes.CDLL(None)
    pairs = [
        (f"{base}/project/{one}".encode(), f"{base}/project/{other}".encode())
        for one, other in (
            ("d", "l"),
            ("e", "f"),
            ("s/n", "s/m"),
            ("d", "l"),
            *((f"s/a{number}", f"s/l{number}") for number in LEAVES),
        )
    ]
    while not stop.is_set():
        for one, other in pairs:
            libc.renameat2(-100, one, -100, other, 2)
        again.set()


@contextmanager
def rival(base: Path) -> Iterator[Callable[[], bool]]:
    """It runs; what is given waits until it has been round again."""
    context = multiprocessing.get_context("spawn")
    stop, again = context.Event(), context.Event()
    process = context.Process(target=swap_for_ever, args=(str(base), stop, again))
    process.start()

    def been_round() -> bool:
        again.clear()
        return again.wait(30)

    try:
        yield been_round
    finally:
        stop.set()
        process.join(30)


def lay_out(base: Path) -> None:
    """The outside has everything by the same names and with the same text."""
    root, out = base / "project", base / "out"
    for name in ("d", "s", "e", "f"):
        (root / name).mkdir(parents=True)
    out.mkdir()
    (root / "l").symlink_to("../out")
    for name, link in (("n", "m"), *((f"a{number}", f"l{number}") for number in LEAVES)):
        (root / "s" / name).write_bytes(b"old")
        (out / name).write_bytes(b"old")
        (root / "s" / link).symlink_to(f"../../out/{name}")
    for number in range(ROUNDS):
        (out / f"x{number}").write_bytes(b"x")
        (out / f"v{number}").write_bytes(b"x")
        (out / f"naive-x{number}").write_bytes(b"x")


def outside(base: Path) -> dict[str, bytes]:
    return {
        entry.name: Path(entry.path).read_bytes()
        for entry in os.scandir(base / "out")
        if not entry.name.startswith(("naive", "n"))
    }


class Racer:
    """What was granted for the inside is done; the count of what worked is kept."""

    def __init__(self, base: Path, kernel: bool) -> None:
        self.bench = Bench(base / "project", kernel)
        self.done: Counter[str] = Counter()
        self.texts = [b"old" for _ in LEAVES]

    def act(self, op: Op, path: str, content: bytes = b"", **more: object) -> bool:
        with suppress(ChangedError, StoreError, DeniedError):
            permit = self.bench.permit(op, path, content, **more)  # type: ignore[arg-type]
            aims = (permit.facts.target, permit.facts.to)
            if all(aim is None or aim.inside for aim in aims):
                self.bench.act(permit, content)
                self.done[op.value] += 1
                return True
            permit.close()
        return False

    def round(self, number: int) -> None:
        self.act(Op.CREATE, f"d/x{number}", b"x")
        new, leaf = f"text {number}".encode(), number % len(LEAVES)
        if self.act(Op.WRITE, f"s/a{leaf}", new, base=self.texts[leaf]):
            self.texts[leaf] = new
        self.act(Op.CREATE, f"d/v{number}", b"x")
        self.act(Op.DELETE, f"d/v{number}", base=b"x")
        self.act(Op.CREATE, f"e/{number}", b"x")
        self.act(Op.RENAME, f"d/x{number}", base=b"x", to=f"d/y{number}")
        self.act(Op.RENAME, f"e/{number}", base=b"x", to=f"d/z{number}")


class Naive:
    """The same effects by somebody who looks where the path leads, and then acts on the path."""

    def __init__(self, base: Path) -> None:
        self.root, self.out = base / "project", base / "out"
        self.led_astray: set[str] = set()

    def act(self, path: str, effect: Callable[[Path], object]) -> None:
        place = self.root / path
        with suppress(OSError):
            if os.path.realpath(place).startswith(f"{self.root}/"):
                # Nobody promises that nobody else runs between the look and the act.
                os.sched_yield()
                effect(place)

    def round(self, number: int) -> None:
        new = f"naive {number}"
        self.act(f"d/naive-{number}", lambda path: path.write_bytes(b"x"))
        self.act("s/n", lambda path: path.write_text(new))
        self.act(f"d/naive-x{number}", Path.unlink)
        self.act(f"d/naive-x{number + 1}", lambda path: path.rename(self.root / f"naive-{number}"))
        happened = {
            "create": (self.out / f"naive-{number}").exists(),
            "write": (self.out / "n").read_bytes() != b"old",
            "delete": not (self.out / f"naive-x{number}").exists(),
            "rename": (self.root / f"naive-{number}").exists(),
        }
        self.led_astray |= {effect for effect, yes in happened.items() if yes}


@pytest.mark.parametrize("kernel", [True, False], ids=["openat2", "stepwise"])
def test_a_race_never_leads_outside(
    tmp_path: Path, kernel: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The disk would take most of the time, and has no part in the race.
    monkeypatch.setattr(os, "fsync", lambda handle: None)
    lay_out(tmp_path)
    before = outside(tmp_path)
    racer, naive = Racer(tmp_path, kernel), Naive(tmp_path)
    with rival(tmp_path) as been_round:
        for number in range(1, ROUNDS):
            assert been_round()
            racer.round(number)
            if len(naive.led_astray) < len(EFFECTS):
                naive.round(number)
            elif min(racer.done[effect] for effect in EFFECTS) >= ENOUGH and number > 200:
                break
    assert outside(tmp_path) == before
    assert naive.led_astray == set(EFFECTS), "the race was never lost, so this shows nothing"
    assert min(racer.done[effect] for effect in EFFECTS) > 0, racer.done
    texts = {path.read_bytes() for path in racer.bench.root.rglob("*") if path.is_file()}
    assert all(re.fullmatch(rb"x|old|(text|naive) \d+", text) for text in texts), "torn"
