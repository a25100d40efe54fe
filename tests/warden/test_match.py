"""Patterns, with ``git check-ignore`` as the judge of what is too broad."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from time import perf_counter

import pathspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zeke_bridge.warden.glob import PatternError
from zeke_bridge.warden.match import DenyPattern, Patterns
from zeke_bridge.warden.spelling import disguises

PIECES = [
    "a", "b", "A", "é", "x.py", ".", "#", "!", "{a,b}", "-", "+", "(", "$", " ", "\\ ",
    "*", "*", "**", "**", "***", "?", "\\*", "\\a", "\\?", "\\[",
    "[ab]", "[!a]", "[^a]", "[a-c]", "[]a]", "[a-]", "[!-a]", "[\\]a]", "[é]", "[A-c]", "[+--]",
]  # fmt: skip
PATTERN = st.lists(st.sampled_from([*PIECES, "/", "/", "/"]), min_size=1, max_size=7).map("".join)
LISTS = st.lists(st.builds(str.__add__, st.sampled_from(["", "", "!"]), PATTERN), max_size=5)
LETTERS = ["a", "b", "c", "A", "é", "e\u0301", "*", "x.py", ".", " ", "#", "!", "]", "[", "-", "\\"]
NAME = st.lists(st.sampled_from([*LETTERS, "a", "b"]), min_size=1, max_size=3).map("".join)
PATHS = st.lists(NAME.filter(lambda name: name not in (".", "..")), min_size=1, max_size=4).map(
    "/".join
)
SOME_PATHS = st.lists(PATHS, min_size=1, max_size=10, unique=True)
CASES = st.lists(st.tuples(LISTS, SOME_PATHS), min_size=1, max_size=12)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("repository")
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    return folder


def ignored(
    repository: Path, cases: list[tuple[list[str], list[str]]], *, fold: bool = False
) -> list[set[str]]:
    """What git ignores of the paths of each case by its patterns: a directory for each."""
    asked = []
    for number, (patterns, paths) in enumerate(cases):
        (repository / f"{number}").mkdir(exist_ok=True)
        lines = "".join(f"{text}\n" for text in patterns)
        (repository / f"{number}" / ".gitignore").write_bytes(lines.encode())
        asked += [f"{number}/{path}" for path in paths]
    done = subprocess.run(
        ["git", "-c", "core.excludesFile=", "-c", f"core.ignoreCase={str(fold).lower()}",
         "check-ignore", "--no-index", "-z", "--stdin"],
        cwd=repository,
        input="\0".join(asked).encode(),
        capture_output=True,
        check=False,
        timeout=30,
    )  # fmt: skip
    assert done.returncode in (0, 1), done.stderr
    found: list[set[str]] = [set() for _ in cases]
    for entry in filter(None, done.stdout.decode().split("\0")):
        number, _, path = entry.partition("/")
        found[int(number)].add(path)
    return found


@pytest.mark.parametrize("fold", [False, True], ids=["case counts", "case is folded"])
@settings(max_examples=60, deadline=None)
@given(cases=CASES)
def test_never_broader_than_git(
    repository: Path, fold: bool, cases: list[tuple[list[str], list[str]]]
) -> None:
    allowed = []
    if fold:
        # What a bracket leaves out is exact here, whatever the file system thinks of case.
        cases = [case for case in cases if not re.search(r"\[[!^]", "".join(case[0]))]
    for patterns, paths in cases:
        compiled = Patterns(patterns)
        allowed.append({path for path in paths if compiled.allows(path)})
    if any(allowed):
        for case, ours, gits in zip(
            cases, allowed, ignored(repository, cases, fold=fold), strict=True
        ):
            assert ours <= gits, case


@settings(max_examples=60, deadline=None)
@given(cases=st.lists(st.tuples(PATTERN, SOME_PATHS), min_size=1, max_size=12))
def test_as_broad_as_git_where_a_slash_is(
    repository: Path, cases: list[tuple[str, list[str]]]
) -> None:
    kept = [([pattern], paths) for pattern, paths in cases if "/" in pattern]
    kept = [(patterns, paths) for patterns, paths in kept if not Patterns(patterns).warnings]
    for (patterns, paths), gits in zip(kept, ignored(repository, kept), strict=True):
        if not patterns[0].startswith("!"):
            compiled = Patterns(patterns)
            assert {path for path in paths if compiled.allows(path)} == gits, (patterns, paths)


@pytest.mark.parametrize(
    ("patterns", "path", "allowed"),
    [
        (["*.md"], "a.md", True),
        (["*.md"], "x/y/a.md", True),
        (["*.md"], "a.md/x", False),
        (["docs/"], "docs/x", True),
        (["docs/"], "x/docs/y", True),
        (["docs/"], "docs", False),
        (["docs/api/"], "docs/api/y", True),
        (["docs/api/"], "x/docs/api/y", False),
        (["docs/a.md"], "x/docs/a.md", False),
        (["*", "!docs/api"], "x/docs/api", True),
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
        (["*", "!Keep"], "KEEP/x", False),
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


@pytest.mark.parametrize("broken", ["!/a", "! ", "!..", "!", " !..", "!" + "x" * 300, None])
def test_a_broken_exclusion_turns_the_list_off(broken: object) -> None:
    patterns = Patterns(["*.md", broken])
    assert not patterns.allows("a.md")
    assert len(patterns.warnings) == 2


def test_a_broken_pattern_leaves_the_others() -> None:
    assert Patterns(["[", "*.md"]).allows("a.md") == "*.md"


@pytest.mark.parametrize(
    ("pattern", "shown"),
    [
        ("a" * 257, f"'{'a' * 39}…{'a' * 38}'"),
        ("a\n", r"'a\n'"),
        ("\x1f" + "a" * 74, "'\\x1f" + "a" * 74 + "'"),
        ("\x1f" + "a" * 75, "'\\x1f" + "a" * 35 + "…" + "a" * 38 + "'"),
        (7, "7"),
    ],
)
def test_a_warning_shows_which_pattern(pattern: object, shown: str) -> None:
    warning = Patterns([pattern]).warnings[0]
    assert warning.startswith(f"auto_approve_patterns: {shown} is not used: it ")


def test_the_warnings_of_a_broken_exclusion() -> None:
    assert Patterns(["!/a"]).warnings == (
        "auto_approve_patterns: '!/a' is not used: "
        "it is absolute; patterns are relative to the project.",
        "auto_approve_patterns: an exclusion is broken, so none is used.",
    )


def test_what_pathspec_cannot_compile_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    def from_lines(lines: list[str]) -> None:
        if lines == ["odd"]:
            raise ValueError

    monkeypatch.setattr(pathspec.GitIgnoreSpec, "from_lines", from_lines)
    (warning,) = Patterns(["odd", "plain"]).warnings
    assert warning.endswith("'odd' is not used: it does not compile.")


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
        ("[AB]c", "ac", True),
        ("[a:b]x", "bx", True),
        ("a\\:b", "a:b", True),
        ("\\A.md", "a.md", True),
        ("\\A.md", "A.md", True),
        ("ｓｅｃｒｅｔ", "secret", True),
        ("Secret\u200b", "secret", True),
        ("[s\u200b]ecret", "secret", True),
        ("secrets", "secrets/a\nb", True),
        ("secrets", "secrets/\udcff", True),
        ("src", "source", False),
    ],
)
def test_denies_are_broad(pattern: str, path: str, covered: bool) -> None:
    assert DenyPattern(pattern).covers_path(disguises((path,))) is covered


@pytest.mark.parametrize("pattern", ["", "!a", "..", "[", "//", "x" * 300])
def test_a_deny_that_cannot_be_used(pattern: str) -> None:
    with pytest.raises(PatternError):
        DenyPattern(pattern)


def test_a_deny_that_excludes() -> None:
    with pytest.raises(PatternError, match=r"^a deny cannot be an exclusion$"):
        DenyPattern("!a")


def test_stars_glued_to_a_name_are_refused_in_words() -> None:
    (warning,) = Patterns(["src/**.py"]).warnings
    assert warning.endswith("is not used: it holds '**' that is not a whole component.")
