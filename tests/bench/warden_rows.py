"""What GhostWarden costs: a verdict, the file of approvals, a question until it is on the screen."""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tests.bench.editor import neovim
from tests.bench.provider import Provider, asking
from tests.bench.row import Row, row
from tests.e2e.nvim import Nvim
from zeke_bridge.model.action import Action, Op
from zeke_bridge.model.grant import Grant, Rules
from zeke_bridge.model.target import Facts, Places, Target
from zeke_bridge.model.verdict import Ruling
from zeke_bridge.store.consents import ConsentStore
from zeke_bridge.store.format import Consents, dump
from zeke_bridge.warden.grants import Denies, GrantIndex, Grants
from zeke_bridge.warden.policy import decide
from zeke_bridge.warden.rulebook import compile_rules
from zeke_bridge.workspace.files import Resolver

GRANTS = 10_000
PATTERNS = tuple(f"lib{number}/**/*.py" for number in range(50))
SAMPLES = 4000
FOLDERS = 20
FILES = 20
"""In each of the folders that are on the disk."""
PROJECTS = 2
"""One file holds at most 1 MiB, which is about 7000 grants."""
SAVES = 9
PROMPTS = 25
NO_READING = "vim.g.zeke = { ghostllm = { auto_approve_read = false } }"


def warden_rows(fake: Provider) -> Iterator[Row]:
    """Every row of the consent engine but those of its command line."""
    with tempfile.TemporaryDirectory() as base:
        bare, resolved = _verdicts(Path(base).resolve())
        yield row("verdict, 10 000 grants and 50 patterns", bare, "µs", 50)
        yield row("the same with path resolution", resolved, "µs", 150)
    with tempfile.TemporaryDirectory() as base:
        saved, loaded = _kept(Path(base).resolve())
        yield row("one more approval in each of two files of 5000, saved", saved, "ms")
        yield row("10 000 approvals in two files, loaded", loaded, "ms")
    yield row("prompt, from request to screen", list(_prompts(fake)), "ms")


def _verdicts(root: Path) -> tuple[list[float], list[float]]:
    """Microseconds for writes of which half are granted; the decision alone, and with a look."""
    paths = [
        f"src{folder}/deep/f{number}.py" for folder in range(FOLDERS) for number in range(FILES)
    ]
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).touch()
    granted = [*paths[::2], *(f"src{n % 100}/g{n}.py" for n in range(GRANTS - len(paths) // 2))]
    index = GrantIndex(_grant(number, path) for number, path in enumerate(granted))
    book, grants = compile_rules(Rules(auto_approve_patterns=PATTERNS)), Grants(project=index)
    resolver = Resolver(Places())
    chosen = random.Random(1).choices(paths, k=SAMPLES)

    def judge(action: Action, facts: Facts) -> None:
        verdict = decide(action, facts, book, grants, Denies(), now=1.0)
        if verdict.ruling not in (Ruling.ALLOW, Ruling.ASK):
            raise RuntimeError(verdict.reason)

    actions = [Action(Op.WRITE, str(root), path=path) for path in chosen]
    known = [Facts(_known(root, path)) for path in chosen]
    bare = _times(lambda n: judge(actions[n], known[n]), SAMPLES, 1e6)
    resolved = _times(lambda n: judge(actions[n], resolver.look(actions[n])), SAMPLES, 1e6)
    return bare, resolved


def _known(root: Path, path: str) -> Target:
    return Target(path, f"{root}/{path}", True, "regular", (path,), nlink=1)


def _grant(number: int, path: str) -> Grant:
    return Grant(f"{number:016x}", "project", Op.WRITE, "assistant", path, 0.0, 2e9)


def _kept(base: Path) -> tuple[list[float], list[float]]:
    """Milliseconds to save and to load what both projects remember."""
    state, each = base / "state", GRANTS // PROJECTS
    roots = [base / f"project{number}" for number in range(PROJECTS)]
    for root in roots:
        root.mkdir()
        grants = tuple(_grant(n, f"src/module{n}.py") for n in range(each))
        (root / ".zeke-consents.json").write_bytes(dump(Consents(grants)))
        store = ConsentStore(state, _nothing)
        store.trust(str(root), store.load(str(root)).hash)

    def save(number: int) -> None:
        store = ConsentStore(state, _nothing)
        for root in roots:
            store.remember(str(root), Op.WRITE, "assistant", f"new{number}", days=30, now=1.0)

    def load(_number: int) -> None:
        store = ConsentStore(state, _nothing)
        if sum(len(store.load(str(root)).grants.grants) for root in roots) < GRANTS:
            raise RuntimeError("some of the approvals do not count")

    return _times(save, SAVES, 1e3), _times(load, SAVES, 1e3)


def _nothing(_root: str) -> str:
    return ""


def _times(act: Callable[[int], None], count: int, unit: float) -> list[float]:
    act(0)
    samples = []
    for number in range(count):
        start = time.perf_counter()
        act(number)
        samples.append((time.perf_counter() - start) * unit)
    return samples


def _prompts(fake: Provider) -> Iterator[float]:
    """Milliseconds from the command of a person to GhostWarden's question in front of them."""
    with asking(fake) as house:
        paths = [house.project / f"f{number}.py" for number in range(PROMPTS + 1)]
        for path in paths:
            path.write_text("x = 1\n")
        house.start()
        with neovim(house, NO_READING) as nvim:
            yield from _asked(nvim, paths)[1:]


def _asked(nvim: Nvim, paths: Sequence[Path]) -> list[float]:
    """Each file by itself: three refusals of one would be remembered. The first one connects."""
    samples = []
    for path in paths:
        nvim.edit(path)
        nvim.settle()
        start = time.perf_counter()
        nvim.command("1ZekeExplain")
        nvim.wait_screen(lambda screen, name=path.name: f"read  {name}" in screen.text)
        samples.append((time.perf_counter() - start) * 1e3)
        nvim.wait_screen("Esc denies")
        nvim.feed("d")
        nvim.wait_event("ZekeTaskFailed")
        nvim.wait_gone("GhostWarden ─")
    return samples
