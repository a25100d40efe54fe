"""What the URIs of resources say of where their text comes from."""

from __future__ import annotations

import pytest
from acp.exceptions import RequestError
from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.acp.places import places


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///p/a.py", "/p/a.py"),
        ("FILE:///p/a.py", "/p/a.py"),
        ("file:/p/a.py", "/p/a.py"),
        ("file://localhost/p/a.py", "/p/a.py"),
        ("file://LocalHost/p/a.py", "/p/a.py"),
        ("file:///p/a%20b%c3%a9.py", "/p/a bé.py"),
        ("file:///p/%69nner/s.txt", "/p/inner/s.txt"),
        ("file:///p/%FF", "/p/\udcff"),
        ("file:///p/a.py#L5:15", "/p/a.py"),
        ("file:///p/a.py?symbol=f#L10:20", "/p/a.py"),
        # By clients that escape nothing.
        ("file:///p/c#/a?b.py", "/p/c#/a?b.py"),
        ("file:///p/100%25.py", "/p/100%25.py"),
        ("/p/a.py", "/p/a.py"),
        ("inner/s.txt", "/here/inner/s.txt"),
        ("../s.txt:3", "/here/../s.txt:3"),
        ("zed:///agent/skill?name=x&path=%2Fp%2FSKILL.md#x", "/p/SKILL.md"),
    ],
)
def test_a_file(uri: str, path: str) -> None:
    assert path in places(uri, "/here")


@pytest.mark.parametrize(
    "uri",
    [
        "https://example.org/p/a.py",
        "zed:///agent/untitled-buffer#L1:10",
        "zed:///agent/skill?path=a.py",
        "untitled:Untitled-1",
    ],
)
def test_no_file(uri: str) -> None:
    assert places(uri, "/here") == ()


@pytest.mark.parametrize(
    "uri",
    [
        "file:",
        "file://",
        "file://localhost",
        "file:a.py",
        "file://a.py",
        "file://inner/s.txt",
        "file://elsewhere/p/a.py",
        "file:///p/a%00b",
        "File:///p/a\0b",
    ],
)
def test_a_file_that_cannot_be_told(uri: str) -> None:
    with pytest.raises(RequestError, match="Invalid params"):
        places(uri, "/here")


@given(st.text(max_size=40), st.sampled_from(["", "file:", "file://", "file:///", "x:?path="]))
def test_whatever_it_says_all_are_paths(text: str, start: str) -> None:
    try:
        found = places(start + text, "/here")
    except RequestError:
        return
    for path in found:
        assert path.startswith("/")
        assert "\0" not in path
