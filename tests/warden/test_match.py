"""Patterns, with ``git check-ignore`` as the judge of what is too broad."""

from __future__ import annotations

import subprocess
from pathlib import Path
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zeke_bridge.warden.glob import PatternError
from zeke_bridge.warden.match import DenyPattern, Patterns
from zeke_bridge.warden.spelling import disguises

PIECES = ["a", "b", "é", "*", "**", "?", "[ab]", "[!a]", "[a-c]", "\\*", ".", "x.py", " ", "\\ "]
PATTERN = st.lists(st.sampled_from([*PIECES, "/", "/"]), min_size=1, max_size=7).map("".join)
LISTS = st.lists(st.builds(str.__add__, st.sampled_from(["", "", "!"]), PATTERN), max_size=5)
NAME = st.lists(
    st.sampled_from(["a", "b", "c", "é", "*", "x.py", ".", " "]), min_size=1, max_size=3
)
PATHS = st.lists(
    NAME.map("".join).filter(lambda name: name not in (".", "..") and not name.endswith(".")),
    min_size=1,
    max_size=4,
).map("/".join)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("repository")
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    return folder


def ignored(repository: Path, patterns: list[str], paths: list[str]) -> set[str]:
    (repository / ".gitignore").write_bytes("".join(f"{text}\n" for text in patterns).encode())
    done = subprocess.run(
        ["git", "-c", "core.excludesFile=", "check-ignore", "--no-index", "-z", "--stdin"],
        cwd=repository,
        input="\0".join(paths).encode(),
        capture_output=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    return {path for path in done.stdout.decode().split("\0") if path}


@settings(max_examples=150)
@given(patterns=LISTS, paths=st.lists(PATHS, min_size=1, max_size=12, unique=True))
def test_never_broader_than_git(repository: Path, patterns: list[str], paths: list[str]) -> None:
    compiled = Patterns(patterns)
    allowed = {path for path in paths if compiled.allows(path)}
    if allowed:
        assert allowed <= ignored(repository, patterns, paths)


@settings(max_examples=100)
@given(pattern=PATTERN, paths=st.lists(PATHS, min_size=1, max_size=12, unique=True))
def test_as_broad_as_git_where_a_slash_is(repository: Path, pattern: str, paths: list[str]) -> None:
    compiled = Patterns([pattern])
    if compiled.warnings or "/" not in pattern:
        return
    assert {path for path in paths if compiled.allows(path)} == ignored(
        repository, [pattern], paths
    )


@pytest.mark.parametrize(
    ("patterns", "path", "allowed"),
    [
        (["*.md"], "a.md", True),
        (["*.md"], "x/y/a.md", True),
        (["*.md"], "a.md/x", False),
        (["docs/"], "docs/x", True),
        (["docs/"], "x/docs/y", True),
        (["docs/"], "docs", False),
        (["a/**/b"], "a/b", True),
        (["a/**/b"], "a/x/y/b", True),
        (["a/**"], "a/x/y", True),
        (["a/**"], "a", False),
        (["**/b"], "b", True),
        (["**/b"], "x/b/c", True),
        (["a/*/c"], "a/b/d/c", False),
        (["?"], "é", False),
        (["a?b/c"], "a/b/c", False),
        (["[!a]x"], "bx", True),
        (["src[!x]a.py"], "src/a.py", False),
        (["\\!x"], "!x", True),
        (["\\#x"], "#x", True),
        (["a\\ "], "a ", True),
        (["a "], "a", True),
        (["*", "!keep/"], "keep/x", False),
        (["*", "!keep"], "keep/x", False),
        (["!keep", "*"], "keep", True),
        ([], "a", False),
    ],
)
def test_patterns(patterns: list[str], path: str, allowed: bool) -> None:
    assert bool(Patterns(patterns).allows(path)) is allowed


@pytest.mark.parametrize(
    "pattern",
    [
        "", "   ", "!", "/a", "!/a", "..", "a/../b", "a..b", "~", "~/x", "a~", "a\nb", "a\tb",
        "\x7f", "x" * 257, "*a*b*c*d*", "[", "a[", "[]", "[a/b]", "[z-a]", "[[:alpha:]]", "a\\",
        "a\\/b", "//", "a//b", "./a", "a/./b", "# comment", "\ud800", "C:\\x", "C:/x", "/",
        None, 7, ["a"],
    ],
)  # fmt: skip
def test_rejected_with_a_warning(pattern: object) -> None:
    patterns = Patterns([pattern])
    assert len(patterns) == 0
    assert patterns.warnings
    assert all(warning.isprintable() for warning in patterns.warnings)


@pytest.mark.parametrize("broken", ["!/a", "! ", "!..", "!", "!" + "x" * 300, None])
def test_a_broken_exclusion_turns_the_list_off(broken: object) -> None:
    patterns = Patterns(["*.md", broken])
    assert not patterns.allows("a.md")
    assert len(patterns.warnings) == 2


def test_a_broken_pattern_leaves_the_others() -> None:
    assert Patterns(["[", "*.md"]).allows("a.md") == "*.md"


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("*a*a*a*ab", "a" * 255),
        ("**/a/**/a/**/a/**/b", "/".join(["a"] * 2000)),
        ("*a/*a/*a/*ab", "/".join(["a" * 255] * 15)),
        ("**/*a*a*ab", "/".join(["a" * 255] * 15)),
    ],
)
def test_hostile_paths_take_no_time(pattern: str, path: str) -> None:
    patterns = Patterns([pattern])
    assert not patterns.warnings
    start = perf_counter()
    assert not patterns.allows(path)
    # Backtracking would take minutes; the limit leaves room for a busy machine.
    assert perf_counter() - start < 5


@given(st.lists(st.one_of(st.text(), st.none(), st.integers()), max_size=4), st.text())
def test_nothing_raises(patterns: list[object], path: str) -> None:
    if path.isprintable():
        Patterns(patterns).allows(path)


@pytest.mark.parametrize(
    ("pattern", "path", "covered"),
    [
        ("secrets", "secrets/a/b", True),
        ("secrets/", "x/SECRETS/b", True),
        ("/secrets", "x/secrets", False),
        ("/secrets", "secrets/x", True),
        ("*.sql", "db/Dump.SQL", True),
        ("*.sql", "db/dump.sql.", True),
        ("src/**", "src/a/b", True),
        ("[A]b", "Ab", True),
        ("src", "source", False),
    ],
)
def test_denies_are_broad(pattern: str, path: str, covered: bool) -> None:
    assert DenyPattern(pattern).covers_path(disguises((path,))) is covered


@pytest.mark.parametrize("pattern", ["", "!a", "..", "[", "//", "x" * 300])
def test_a_deny_that_cannot_be_used(pattern: str) -> None:
    with pytest.raises(PatternError):
        DenyPattern(pattern)
