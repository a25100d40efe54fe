"""Where a file's tests belong, and what of a model's answer is the test file. Pure.

The places are those that each language's usual runner looks at. Whether a place is taken is asked
of ``exists``; whether anything may be written there is for GhostWarden to judge.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import PurePosixPath

from zeke_bridge.model.errors import BadAnswerError, PatchError
from zeke_bridge.workspace.patch.fence import fences

Exists = Callable[[str], bool]
"""Whether something is at a path from the root."""

_THOUGHT = "</think>"
_MOST_TRIES = 50
_BESIDE = {".go": "{stem}_test.go", ".zig": "{stem}_test.zig", ".dart": "{stem}_test.dart"}
_SCRIPTS = frozenset({".ts", ".tsx", ".js", ".jsx", ".mjs", ".cjs", ".mts", ".vue", ".svelte"})
# Directories, of which the first that is there counts, else the first of all; and the name.
_APART = {
    ".py": (("tests", "test"), "test_{stem}.py"),
    ".pyi": (("tests", "test"), "test_{stem}.py"),
    ".lua": (("spec", "tests", "test"), "{stem}_spec.lua"),
    ".rb": (("spec",), "{stem}_spec.rb"),
    ".rs": (("tests",), "{stem}.rs"),
    ".ex": (("test",), "{stem}_test.exs"),
    ".sh": (("tests", "test"), "{stem}.bats"),
    ".bash": (("tests", "test"), "{stem}.bats"),
    ".php": (("tests",), "{Stem}Test.php"),
    ".c": (("tests", "test"), "test_{stem}.c"),
    ".h": (("tests", "test"), "test_{stem}.c"),
    ".cpp": (("tests", "test"), "test_{stem}.cpp"),
    ".cc": (("tests", "test"), "test_{stem}.cpp"),
    ".hpp": (("tests", "test"), "test_{stem}.cpp"),
    ".cs": (("Tests", "tests"), "{Stem}Tests.cs"),
    ".swift": (("Tests",), "{Stem}Tests.swift"),
    ".java": (("src/test/java", "tests"), "{Stem}Test.java"),
    ".kt": (("src/test/kotlin", "tests"), "{Stem}Test.kt"),
}
_SUFFIXES = {
    "python": ".py",
    "lua": ".lua",
    "go": ".go",
    "rust": ".rs",
    "ruby": ".rb",
    "javascript": ".js",
    "javascriptreact": ".jsx",
    "typescript": ".ts",
    "typescriptreact": ".tsx",
    "sh": ".sh",
    "bash": ".sh",
    "c": ".c",
    "cpp": ".cpp",
    "java": ".java",
    "kotlin": ".kt",
    "elixir": ".ex",
    "php": ".php",
    "cs": ".cs",
    "swift": ".swift",
    "zig": ".zig",
    "dart": ".dart",
}


@dataclass(frozen=True, slots=True)
class Place:
    """``path`` is free; ``taken`` is where the tests would be, were there not a file already."""

    path: str
    taken: str = ""


def place(path: str, language: str, exists: Exists) -> Place:
    """Where the tests of ``path`` (from the root; empty for a buffer without a file) belong."""
    source = PurePosixPath(path if path and not path.startswith("/") else PurePosixPath(path).name)
    suffix = source.suffix.lower() or _SUFFIXES.get(language, "")
    stem = _plain(source.stem) or "snippet"
    wanted = _usual(source.parent, stem, suffix, exists)
    if not exists(wanted):
        return Place(wanted)
    for other in _others(wanted):
        if not exists(other):
            return Place(other, wanted)
    return Place(wanted, wanted)


def content(answer: str) -> str:
    """The test file in a model's answer: its longest block, or all of it where it has none.

    Raises ``BadAnswerError`` when there is none, or only the beginning of one.
    """
    _, thought, rest = answer.rpartition(_THOUGHT)
    said = (rest if thought else answer).strip("\n")
    lines = [line.removesuffix("\r") for line in said.split("\n")]
    try:
        blocks = fences(lines)
    except PatchError as error:
        raise BadAnswerError(
            "The model's answer breaks off in the middle of the tests; select fewer lines."
        ) from error
    longest = max((block.lines for block in blocks), key=len, default=tuple(lines))
    text = "\n".join(longest).rstrip()
    if not text.strip() or "\0" in text or any("\ud800" <= char <= "\udfff" for char in text):
        raise BadAnswerError("The model wrote no tests; say more exactly what to test.")
    return f"{text}\n"


def _usual(folder: PurePosixPath, stem: str, suffix: str, exists: Exists) -> str:
    if suffix in _BESIDE:
        return str(folder / _BESIDE[suffix].format(stem=stem))
    if suffix in _SCRIPTS:
        kind = ".ts" if suffix in {".vue", ".svelte"} else suffix
        apart = folder / "__tests__"
        return str((apart if exists(str(apart)) else folder) / f"{stem}.test{kind}")
    folders, name = _APART.get(suffix, (("tests", "test"), f"{{stem}}_test{suffix}"))
    there = next((one for one in folders if exists(one)), folders[0])
    named = name.format(stem=stem, Stem=stem[:1].upper() + stem[1:])
    return str(PurePosixPath(there) / named)


def _plain(stem: str) -> str:
    """What a file is called, without what already says that it is a test."""
    bare = stem.removeprefix("test_").removesuffix("_test").removesuffix("_spec")
    return bare.removesuffix(".test").removesuffix(".spec").replace("{", "").replace("}", "")


def _others(path: str) -> Iterator[str]:
    """Names beside ``path`` that the same runner looks at: a number goes to the source's name."""
    first = PurePosixPath(path)
    name, marks = first.name, ("_test.", "_spec.", ".test.", "Tests.", "Test.")
    mark = next((one for one in marks if one in name), "." if "." in name else "")
    head, _, tail = name.partition(mark) if mark else (name, "", "")
    for number in count(2):
        if number > _MOST_TRIES:
            return
        yield str(first.with_name(f"{head}_{number}{mark}{tail}"))
