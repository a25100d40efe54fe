"""Which files a question is likely about."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.workspace.relevance import relevant, tree

PATHS = (
    "README.md",
    "pyproject.toml",
    "docs/picture.png",
    "package-lock.json",
    "src/broker/consent/gate.py",
    "src/broker/edit.py",
    "src/priceTable.ts",
    "src/HTTPServer.java",
    "lua/edit.lua",
    "tests/test_gate.py",
    "web/app.min.js",
)


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("How does the consent gate decide?", "src/broker/consent/gate.py"),
        ("what is in broker/edit.py?", "src/broker/edit.py"),
        ("and src/broker/edit.py", "src/broker/edit.py"),
        ("explain edit.lua", "lua/edit.lua"),
        ("where are prices looked up", "src/priceTable.ts"),
        ("the HTTP server", "src/HTTPServer.java"),
        ("What is this?", "README.md"),
        ("picture package app", "README.md"),
    ],
)
def test_the_best_comes_first(question: str, first: str) -> None:
    assert relevant(question, PATHS, 5)[0] == first


def test_something_of_the_whole_project_is_always_there() -> None:
    assert relevant("gate edit consent price", PATHS, 3)[-1] == "README.md"
    assert relevant("gate", PATHS, 0) == ()
    assert relevant("gate", ("a/b.py",), 5) == ()


@given(
    st.text(max_size=80), st.lists(st.text(min_size=1, max_size=30), max_size=20), st.integers(0, 5)
)
def test_it_picks_from_what_there_is(question: str, paths: list[str], most: int) -> None:
    found = relevant(question, paths, most)
    assert len(found) <= most
    assert set(found) <= set(paths)


def test_a_tree_says_when_there_is_more() -> None:
    assert tree(("a", "b"), whole=True) == "a\nb"
    assert tree(("a",), whole=False) == "a\n… and more"
