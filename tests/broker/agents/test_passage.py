from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.broker.agents.passage import passage

TEXT = """\
import os


@cache
def total(
    xs,
) -> int:
    return sum(xs)


class Box:
    def open(self):
        # the function close is not this
        pass

    def close(self):
        pass


print(total([1]))"""
PYTHON = TEXT.splitlines()
LUA = ["local M = {}", "function M.open(x)", "  return x", "end", "", "return M"]
GO = [
    "package a",
    "",
    "func (b *Box) Open() {",
    "\tif b {",
    "\t} else {",
    "\t}",
    "}",
    "",
    "var x int",
]


@pytest.mark.parametrize(
    ("lines", "instruction", "expected"),
    [
        (PYTHON, "Add a docstring to the function total", (4, 8)),
        (PYTHON, "Add a docstring to Box", (11, 17)),
        (PYTHON, "Make Box.close raise", (16, 17)),
        (PYTHON, "Add type hints", (1, 20)),
        (PYTHON, "Rename total to summed", (1, 20)),
        (PYTHON, "Make total and close shorter", (1, 20)),
        (LUA, "Let open take two arguments", (2, 4)),
        (GO, "Let Open return an error", (3, 7)),
        ([""], "Add total", (1, 1)),
    ],
)
def test_it_is_the_one_definition_that_is_named(
    lines: list[str], instruction: str, expected: tuple[int, int]
) -> None:
    assert passage(lines, instruction) == expected


@given(st.lists(st.sampled_from([*PYTHON, *LUA, *GO, "\tdef a:", "}"]), min_size=1), st.text())
def test_it_lies_in_the_text(lines: list[str], instruction: str) -> None:
    first, last = passage(lines, f"{instruction} total open Box")
    assert 1 <= first <= last <= len(lines)
