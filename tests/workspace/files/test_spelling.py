"""Properties of path and policy together, over real trees.

Every spelling of one file gets the same verdict or a stricter one. What is allowed is inside the
root, regular or missing, unprotected, and exactly what was asked for, whatever links there are.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zeke_bridge.model.action import ASSISTANT, Action, Op
from zeke_bridge.model.grant import Grant, Rules
from zeke_bridge.model.target import Places
from zeke_bridge.model.verdict import Ruling, Verdict
from zeke_bridge.warden.grants import Denies, GrantIndex, Grants
from zeke_bridge.warden.policy import decide
from zeke_bridge.warden.rulebook import compile_rules
from zeke_bridge.workspace.files import Resolver

STRICTER = (Ruling.ALLOW, Ruling.ASK, Ruling.ASK_ONCE, Ruling.DENY)
FILES = ("src/a.py", "src/deep/b.py", "README.md", ".env", ".git/config", "src/new.py", "x/y/z")
LINKS = {"l": "src", "src/up": "..", "src/deep/here": ".", "f": "src/a.py", "abs": "$ROOT/src/deep"}
OPS = st.sampled_from([Op.READ, Op.WRITE, Op.CREATE, Op.DELETE, Op.RENAME])
KERNEL = st.booleans()
RULES = st.builds(
    Rules,
    enable_consent=st.booleans(),
    auto_approve_read=st.booleans(),
    auto_approve_write=st.booleans(),
    auto_approve_patterns=st.sampled_from([(), ("*.py",), ("src/*", "!a.py"), ("l/*", "abs/*")]),
)
# A directory of examples is not made again for each of them.
SHARED = settings(
    max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)


@dataclass(frozen=True)
class Judge:
    """Rules, grants and refusals, over one project."""

    root: Path
    rules: Rules
    kernel: bool
    granted: tuple[tuple[Op, str], ...] = ()
    refused: tuple[tuple[str, str], ...] = ()

    def __call__(self, op: Op, path: str, to: str = "") -> Verdict:
        action = Action(op, str(self.root), path=path, to=to)
        places = Places(never=(str(self.root.parent / "state"),))
        grants = GrantIndex(
            Grant(f"g{number}", "session", op, ASSISTANT.key(), target, 0.0)
            for number, (op, target) in enumerate(self.granted)
        )
        return decide(
            action,
            Resolver(places, kernel=self.kernel).look(action),
            compile_rules(self.rules, places),
            Grants(grants, GrantIndex(())),
            Denies(frozenset(self.refused), ()),
            now=1.0,
        )


@pytest.fixture(scope="module")
def tree() -> Iterator[Path]:
    with TemporaryDirectory() as base:
        root = Path(base).resolve() / "project"
        for name in FILES[:5]:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(name)
        for name, text in LINKS.items():
            (root / name).symlink_to(text.replace("$ROOT", str(root)))
        yield root


@st.composite
def spelled(draw: st.DrawFn, path: str) -> str:
    """Another spelling of ``path``: through links that stay inside, dots, slashes, from ``/``."""
    names = path.split("/")
    if names[:2] == ["src", "deep"] and draw(st.booleans()):
        names[:2] = ["abs"]
    elif names[0] == "src" and draw(st.booleans()):
        names[:1] = ["l"]
    if path == "src/a.py" and draw(st.booleans()):
        names = ["f"]
    for _ in range(draw(st.integers(0, 3))):
        detour = draw(
            st.sampled_from(
                ["src/..", "src/up", "l/up", "src/deep/../..", "src/deep/here/../up", "./.", ""]
            )
        )
        names = [*detour.split("/"), *names]
    out = ""
    for place, name in enumerate(names):
        out += draw(st.sampled_from(["/", "//", "/./", "/././/"])) if place else ""
        out += name
    base = draw(st.sampled_from(["", "./", "$ROOT/", "/$ROOT//", "$ROOT/../project/"]))
    # A detour that is nothing must not turn a relative path into one from "/".
    return base + (out.lstrip("/") if base else out if not out.startswith("/") else f".{out}")


@SHARED
@given(data=st.data(), op=OPS, path=st.sampled_from(FILES), rules=RULES, kernel=KERNEL)
def test_every_spelling_is_as_strict(
    tree: Path, data: st.DataObject, op: Op, path: str, rules: Rules, kernel: bool
) -> None:
    granted = data.draw(st.lists(st.tuples(OPS, st.sampled_from(FILES)), max_size=3))
    refused = data.draw(
        st.lists(st.tuples(st.sampled_from(["read", "change"]), st.sampled_from(FILES)))
    )
    judge = Judge(tree, rules, kernel, tuple(granted), tuple(refused))
    other = data.draw(spelled(path)).replace("$ROOT", str(tree))
    one, two = judge(op, path, "src/to"), judge(op, other, "src/to")
    follows = op not in (Op.DELETE, Op.RENAME)
    # A link that is itself deleted or renamed is another thing than what it leads to.
    itself = not follows and two.step == "link"
    assert itself or STRICTER.index(two.ruling) >= STRICTER.index(one.ruling), (path, other)
    if two.step not in ("malformed", "link") and (follows or other.rsplit("/")[-1] != "f"):
        assert (two.target, two.step) == (one.target, one.step)


DISGUISES = st.sampled_from(
    [str, str.upper, str.title, str.swapcase, lambda text: text + ".", lambda text: text + " ",
     lambda text: text + "::$DATA", lambda text: "\u200b" + text, lambda text: text + "\u200d",
     lambda text: text.replace("e", "\uff45"), lambda text: text.replace("s", "\u017f")]
)  # fmt: skip


@SHARED
@given(
    first=DISGUISES,
    second=DISGUISES,
    name=st.sampled_from([".env", ".git/config", ".ssh/config", "id_rsa", ".zeke-consents.json"]),
    op=OPS,
    kernel=KERNEL,
)
def test_no_disguise_gets_past_the_lists(
    tree: Path, first: object, second: object, name: str, op: Op, kernel: bool
) -> None:
    judge = Judge(tree, Rules(auto_approve_write=True, auto_approve_patterns=("*",)), kernel)
    disguised = "/".join(second(first(part)) for part in name.split("/"))  # type: ignore[operator]
    if op is Op.READ and not name.startswith((".env", ".ssh", "id_")):
        return
    verdict = judge(op, disguised, "src/to")
    assert verdict.ruling in (Ruling.ASK_ONCE, Ruling.DENY), (disguised, verdict)


NAMES = ["a", "b", "c", "d", ".env", ".git", "id_x", "a.py"]
PARTS = st.sampled_from([*NAMES, *NAMES, "..", ".", ""])
PATHS = st.lists(PARTS, min_size=1, max_size=5).map("/".join)
ENTRIES = st.lists(
    st.tuples(
        st.lists(st.sampled_from(NAMES), min_size=1, max_size=3).map("/".join),
        st.sampled_from(["file", "file", "dir", "link", "link", "hard", "fifo"]),
        st.one_of(PATHS, st.sampled_from(["../out", "../out/a", "$ROOT/a", "$ROOT/..", "/"])),
    ),
    max_size=12,
)


@contextmanager
def grown(entries: list[tuple[str, str, str]]) -> Iterator[Path]:
    """A project with what could be made of ``entries``, and a directory ``out`` beside it."""
    with TemporaryDirectory() as name:
        base = Path(name).resolve()
        root = base / "project"
        root.mkdir()
        (base / "out").mkdir()
        for name in ("a", "b", ".env"):
            (base / "out" / name).write_text("outside")
        for path, kind, text in entries:
            make(root, path, kind, text)
        yield root


def make(root: Path, path: str, kind: str, text: str) -> None:
    place = root / path
    try:
        # Asked before anything is made: a link among them may lead to the root of the machine.
        if not Path(os.path.realpath(place.parent)).is_relative_to(root):
            return
        place.parent.mkdir(parents=True, exist_ok=True)
        match kind:
            case "file":
                place.touch(exist_ok=False)
            case "dir":
                place.mkdir()
            case "link":
                place.symlink_to(text.replace("$ROOT", str(root)) or ".")
            case "hard":
                place.hardlink_to(root.parent / "out" / "a")
            case _:
                os.mkfifo(place)
    except OSError:
        return


@settings(max_examples=250, deadline=None)
@given(data=st.data(), entries=ENTRIES, op=OPS, rules=RULES, kernel=KERNEL, absolute=st.booleans())
def test_what_an_allow_implies(
    data: st.DataObject,
    entries: list[tuple[str, str, str]],
    op: Op,
    rules: Rules,
    kernel: bool,
    absolute: bool,
) -> None:
    made = st.sampled_from([path for path, _, _ in entries] or ["a"])
    out = st.sampled_from(["../out/a", "../out/new", "a/../../out/b", "../project/a"])
    path = data.draw(st.one_of(made, st.tuples(made, PATHS).map("/".join), PATHS, out))
    with grown(entries) as root:
        asked = f"{root}/{path}" if absolute else path
        judge = Judge(root, rules, kernel)
        verdict = judge(op, asked, "free")
        assert verdict.step != "error"
        if verdict.ruling is not Ruling.ALLOW:
            return
        whole = root / asked
        if op in (Op.DELETE, Op.RENAME):
            # The entry itself: its directory is followed, its last name is not.
            real = Path(os.path.realpath(whole.parent)) / whole.name
        else:
            real = Path(os.path.realpath(whole))
        names = real.relative_to(root).parts
        assert verdict.target == "/".join(names)
        assert not {".git"} & set(names) or op is Op.READ
        assert not any(name.startswith((".env", "id_")) for name in names)
        if os.path.lexists(real):
            found = real.lstat()
            assert stat.S_ISREG(found.st_mode)
            assert found.st_nlink == 1 or op is Op.READ
        assert rules.auto_approve_read or verdict.step != "auto_read"
