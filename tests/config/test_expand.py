"""Variables in a text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.config.expand import UnsetError, expand, variable

ENVIRON = {"A": "one", "EMPTY": "", "B_2": "two"}


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("plain", "plain"),
        ("${A}", "one"),
        ("x${A}y${B_2}z", "xoneytwoz"),
        ("${EMPTY}", ""),
        ("${EMPTY:-other}", "other"),
        ("${NOBODY:-}", ""),
        ("${NOBODY:-a:-b}", "a:-b"),
        ("$${A}", "${A}"),
        ("$A", "$A"),
        ("os.environ/A", "one"),
        ("see os.environ/A", "see os.environ/A"),
    ],
)
def test_a_variable_is_replaced(text: str, becomes: str) -> None:
    assert expand(text, ENVIRON) == becomes


@pytest.mark.parametrize(
    ("text", "name"),
    [("${NOBODY}", "NOBODY"), ("a${", ""), ("${1}", ""), ("${A", ""), ("os.environ/NO", "NO")],
)
def test_one_that_is_not_set_is_named(text: str, name: str) -> None:
    with pytest.raises(UnsetError) as caught:
        expand(text, ENVIRON)
    assert caught.value.name == name


@pytest.mark.parametrize(
    ("text", "name"),
    [("${KEY}", "KEY"), ("os.environ/KEY", "KEY"), ("${KEY:-x}", ""), ("a${KEY}", ""), ("KEY", "")],
)
def test_a_text_that_is_one_variable(text: str, name: str) -> None:
    assert variable(text) == name


@given(st.text(alphabet="${}:-AB_2 x/"))
def test_it_ends_with_a_text_or_a_name(text: str) -> None:
    try:
        assert isinstance(expand(text, ENVIRON), str)
    except UnsetError as error:
        assert isinstance(error.name, str)
