from __future__ import annotations

import pytest

from zeke_bridge.workspace.patch.prose import is_code

REGION = ["def add(a, b):", "    return a + b"]


@pytest.mark.parametrize(
    "lines",
    [
        ["def add(a: int, b: int) -> int:", "    return a + b"],
        ["# This function adds two numbers.", "def add(a, b):", "    return a + b"],
        ["add = operator.add"],
        ["return b"],
    ],
)
def test_code(lines: list[str]) -> None:
    assert is_code(lines, REGION)


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ["", "  "],
        ["Sure, here it is:", "def add(a, b):", "    return a"],
        ["def add(a, b):", "    return a", "", "This version is shorter."],
        ["The function `add` returns a + b."],
        ["### What this does", "Adds numbers together"],
        ["- It adds two numbers", "- It returns them"],
        ["no idea"],
    ],
)
def test_words(lines: list[str]) -> None:
    assert not is_code(lines, REGION)
