from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.agents.loop.arguments import parsed, read
from zeke_bridge.agents.loop.tools import EDIT_FILE, READ_FILE
from zeke_bridge.model.errors import InputError

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("{", "not JSON"),
        ("[]", "must be a JSON object"),
        ('"x"', "must be a JSON object"),
        ('{"path": "a", "path": "b"}', "is there twice"),
        ('{"path": "a", "x": NaN}', "NaN"),
        (r'{"path": "\ud800"}', "not JSON"),
        ("[" * 100_000, "nested too deep"),
        ("{}", "'path' is a required property"),
        ('{"path": 3}', "at path: 3 is not of type 'string'"),
        ('{"path": "a", "why": 1}', "'why' was unexpected"),
        ('{"path": "a", "first_line": 0}', "at first_line: 0 is less than the minimum of 1"),
        ('{"path": "a", "first_line": "1"}', "is not of type 'integer'"),
        (" " * 5_000_000, "too long"),
    ],
)
def test_what_is_wrong_is_said(said: str, words: str) -> None:
    with pytest.raises(InputError) as caught:
        read(said, READ_FILE.parameters)
    assert words in caught.value.message
    assert len(caught.value.message) < 500


def test_the_place_in_a_list_is_said() -> None:
    said = json.dumps({"path": "a", "edits": [{"old_text": "x" * 900, "new_text": 5}]})
    with pytest.raises(InputError, match=r"at edits\.0\.new_text: 5 is not"):
        read(said, EDIT_FILE.parameters)


def test_no_text_is_no_arguments() -> None:
    assert parsed(" ") == {}


@given(JSON)
def test_what_fits_comes_back_as_it_was(value: object) -> None:
    try:
        assert parsed(json.dumps(value)) == value
    except InputError:
        assert not isinstance(value, dict)


@given(st.text())
def test_it_reads_or_refuses(said: str) -> None:
    try:
        given_path = read(said, READ_FILE.parameters)["path"]
        assert isinstance(given_path, str)
    except InputError as error:
        assert error.message
