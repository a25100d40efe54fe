"""Killed at any system call: what was to change is whole and old, or whole and new."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fakes.small import small
from tests.workspace.files.bench import Bench
from tests.workspace.files.child import apart
from tests.workspace.files.faults import Count, KillAt, faults
from tests.workspace.files.systems import full, no_nameless_nor_rename2
from zeke_bridge.model.action import Op

OLD, NEW = b"old\n" * 100, b"new\n" * 200
ALWAYS_THERE = {"src/keep.py": b"keep", "../out/a.py": OLD}
Files = dict[str, bytes]


def lay_out(base: Path) -> Bench:
    root = base / "project"
    for path, text in {**ALWAYS_THERE, "src/a.py": OLD}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(text)
    return Bench(root)


def files_of(bench: Bench) -> Files:
    return {
        os.path.relpath(path, bench.root): path.read_bytes()
        for path in bench.root.parent.rglob("*")
        if path.is_file()
    }


def write(bench: Bench) -> None:
    bench.files.write(bench.permit(Op.WRITE, "src/a.py", NEW, OLD), NEW)


def create(bench: Bench) -> None:
    bench.files.write(bench.permit(Op.CREATE, "new/deep/b.py", NEW), NEW)


def delete(bench: Bench) -> None:
    bench.files.delete(bench.permit(Op.DELETE, "src/a.py", base=OLD))


def rename(bench: Bench) -> None:
    bench.files.rename(bench.permit(Op.RENAME, "src/a.py", base=OLD, to="new/b.py"))


OUTCOMES: dict[Callable[[Bench], None], tuple[Files, Files]] = {
    write: ({"src/a.py": OLD}, {"src/a.py": NEW}),
    create: ({"src/a.py": OLD}, {"src/a.py": OLD, "new/deep/b.py": NEW}),
    delete: ({"src/a.py": OLD}, {}),
    rename: ({"src/a.py": OLD}, {"new/b.py": OLD}),
}


@pytest.mark.parametrize("system", [full, no_nameless_nor_rename2])
@small
def test_killed_at_every_call(tmp_path: Path, system: Callable[[pytest.MonkeyPatch], None]) -> None:
    system(pytest.MonkeyPatch())
    for effect in OUTCOMES:
        killed_at_every_call(tmp_path / effect.__name__, effect, whole=system is full)


def killed_at_every_call(base: Path, effect: Callable[[Bench], None], *, whole: bool) -> None:
    old, new = OUTCOMES[effect]
    count = Count()
    bench = lay_out(base / "whole")
    with faults(count):
        effect(bench)
    assert files_of(bench) == {**ALWAYS_THERE, **new}
    assert len(count.names) > 20
    seen = set()
    for number in range(len(count.names)):
        bench = lay_out(base / str(number))

        def work(bench: Bench = bench, number: int = number) -> None:
            with faults(KillAt(number)):
                effect(bench)

        assert apart(work) == signal.SIGKILL
        found = files_of(bench)
        left = {path: text for path, text in found.items() if ".zeke-" in path}
        rest = {path: text for path, text in found.items() if path not in left}
        assert rest in ({**ALWAYS_THERE, **old}, {**ALWAYS_THERE, **new}, both_names(effect, rest))
        assert len(left) <= 1
        seen.add(rest == {**ALWAYS_THERE, **new})
        if whole:
            # What is left over is never torn: a file has a name only when it is whole.
            assert set(left.values()) <= {OLD, NEW}
    assert seen == {True, False}, effect


def both_names(effect: Callable[[Bench], None], rest: Files) -> Files | None:
    """A move by hard links has a moment with two names for one file."""
    both = {**ALWAYS_THERE, "src/a.py": OLD, "new/b.py": OLD}
    return both if effect is rename and rest == both else None


def test_a_left_over_is_in_nobodys_way(tmp_path: Path) -> None:
    bench = lay_out(tmp_path)
    other, count = lay_out(tmp_path / "other"), Count()
    with faults(count):
        write(other)
    last_swap = len(count.names) - count.names[::-1].index("rename2")

    def work() -> None:
        with faults(KillAt(last_swap)):
            write(bench)

    assert apart(work) == signal.SIGKILL
    assert (bench.root / "src" / "a.py").read_bytes() == NEW
    (left,) = bench.left_over()
    assert (bench.root / "src" / left).read_bytes() == OLD
    bench.files.write(bench.permit(Op.WRITE, "src/a.py", OLD, NEW), OLD)
    # It may be somebody's only copy, and there is no permit to delete it.
    assert bench.left_over() == [left]
