from __future__ import annotations

import pytest

from zeke_bridge.core.prompts.frameworks import framework, import_line, language_of


@pytest.mark.parametrize(
    ("language", "path", "wanted"),
    [
        ("python", "", "python"),
        ("TypeScriptReact", "a.tsx", "typescript"),
        ("", "src/a.rs", "rust"),
        ("", "a.zig", "zig"),
        ("", "a.klingon", "klingon"),
        ("klingon", "a.py", "klingon"),
        ("", "Makefile", ""),
        ("", "", ""),
    ],
)
def test_the_language_is_said_or_guessed(language: str, path: str, wanted: str) -> None:
    assert language_of(language, path) == wanted


@pytest.mark.parametrize(
    ("language", "path", "wanted"),
    [
        ("python", "src/a.py", "pytest"),
        ("python", "tests/unittest_a.py", "unittest"),
        ("ruby", "a.rb", "RSpec"),
        ("ruby", "test/minitest/a.rb", "Minitest"),
        ("javascript", "jest/a.js", "Jest"),
        ("lua", "", "busted"),
        ("klingon", "a.kl", ""),
        ("", "", ""),
    ],
)
def test_the_framework_is_guessed(language: str, path: str, wanted: str) -> None:
    assert framework(language, path) == wanted


CODE = "def f():\n    def inner(): ...\n\nasync def g(): ...\n\nclass C:\n    def f(self): ...\n\ndef _own(): ..."


@pytest.mark.parametrize(
    ("language", "path", "code", "wanted"),
    [
        ("python", "src/a/b.py", CODE, "from a.b import f, g, C"),
        ("python", "a/__init__.py", CODE, "from a import f, g, C"),
        ("python", "src/a.py", "    return 1", ""),
        ("python", "", CODE, ""),
        ("python", "/etc/a.py", CODE, ""),
        ("python", "../a.py", CODE, ""),
        ("lua", "lua/zeke/init.lua", "", 'local M = require("zeke")'),
        ("go", "a.go", "func F() {}", ""),
    ],
)
def test_the_import_is_known_where_the_place_tells(
    language: str, path: str, code: str, wanted: str
) -> None:
    assert import_line(language, path, code) == wanted
