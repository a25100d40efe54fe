"""What a file's name tells of its tests: the language, the framework, the line that imports it."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

_LANGUAGES = {
    "py": "python",
    "pyi": "python",
    "js": "javascript",
    "mjs": "javascript",
    "cjs": "javascript",
    "jsx": "javascript",
    "ts": "typescript",
    "mts": "typescript",
    "tsx": "typescript",
    "rs": "rust",
    "rb": "ruby",
    "kt": "kotlin",
    "cs": "c_sharp",
    "ex": "elixir",
    "exs": "elixir",
    "cc": "cpp",
    "cxx": "cpp",
    "hpp": "cpp",
    "h": "c",
    "hs": "haskell",
    "clj": "clojure",
    "jl": "julia",
    "pl": "perl",
    "pm": "perl",
    "ps1": "powershell",
    "bash": "sh",
    "zsh": "sh",
    "fish": "fish",
    "ml": "ocaml",
    "erl": "erlang",
}
# What editors call a language where it is not the name here.
_SAME = {
    "javascriptreact": "javascript",
    "typescriptreact": "typescript",
    "cs": "c_sharp",
    "csharp": "c_sharp",
    "c#": "c_sharp",
    "c++": "cpp",
    "golang": "go",
    "bash": "sh",
    "zsh": "sh",
    "shell": "sh",
    "ps1": "powershell",
    "py": "python",
    "js": "javascript",
    "ts": "typescript",
    "rs": "rust",
}
_FRAMEWORKS = {
    "python": "pytest",
    "javascript": "Vitest",
    "typescript": "Vitest",
    "lua": "busted",
    "rust": "a #[cfg(test)] module with #[test] functions",
    "go": "the standard testing package, with table-driven tests",
    "zig": 'test blocks (test "name" { … }) with std.testing',
    "ruby": "RSpec",
    "java": "JUnit 5",
    "kotlin": "JUnit 5 with kotlin.test",
    "scala": "ScalaTest",
    "c_sharp": "xUnit",
    "php": "PHPUnit",
    "elixir": "ExUnit",
    "c": "plain functions with assert.h and a main that runs them",
    "cpp": "GoogleTest",
    "swift": "XCTest",
    "haskell": "Hspec",
    "clojure": "clojure.test",
    "dart": "package:test",
    "julia": "the Test standard library",
    "perl": "Test::More",
    "r": "testthat",
    "sh": "Bats",
    "fish": "fishtape",
    "powershell": "Pester",
    "ocaml": "Alcotest",
    "erlang": "EUnit",
    "vim": "vader.vim",
}
# Where the modules of a language lie in a project.
_ROOTS = {"python": "src", "lua": "lua"}
_PYTHON_NAME = re.compile(r"^(?:async def|def|class) (?!_)(\w+)", re.MULTILINE)
# A word of the path that says more than the language does.
_BY_PATH = {
    ("python", "unittest"): "unittest",
    ("javascript", "jest"): "Jest",
    ("typescript", "jest"): "Jest",
    ("javascript", "mocha"): "Mocha with Chai",
    ("typescript", "cypress"): "Cypress",
    ("ruby", "minitest"): "Minitest",
    ("typescript", "deno"): "Deno.test",
}


def language_of(language: str, path: str) -> str:
    """The language by its name, else by the file's ending; empty when neither says."""
    named = language.strip().lower()
    if named:
        return _SAME.get(named, named)
    ending = PurePosixPath(path).suffix.removeprefix(".").lower()
    return _LANGUAGES.get(ending, ending)


def framework(language: str, path: str) -> str:
    """The test framework for a language as ``language_of`` gives it; empty when unknown."""
    words = path.lower()
    for (for_language, word), name in _BY_PATH.items():
        if for_language == language and word in words:
            return name
    return _FRAMEWORKS.get(language, "")


def import_line(language: str, path: str, code: str) -> str:
    """The line that imports what ``code`` defines, where language and place tell; else empty."""
    module = _module(language, path)
    if language == "lua" and module:
        return f'local M = require("{module}")'
    names = dict.fromkeys(_PYTHON_NAME.findall(code)) if language == "python" and module else {}
    return f"from {module} import {', '.join(names)}" if names else ""


def _module(language: str, path: str) -> str:
    """The dotted name of the file at ``path``."""
    file = PurePosixPath(path)
    if language not in _ROOTS or not path or file.is_absolute() or ".." in file.parts:
        return ""
    parts = list(file.with_suffix("").parts)
    if len(parts) > 1 and parts[0] == _ROOTS[language]:
        del parts[0]
    if len(parts) > 1 and parts[-1] in {"__init__", "init"}:
        del parts[-1]
    return ".".join(parts)
