"""Prompts of a client as text and pictures."""

from __future__ import annotations

from typing import Any

import pytest
from acp import schema
from acp.exceptions import RequestError
from pydantic import TypeAdapter

from zeke_bridge.acp.said import Said, said

PROMPT: TypeAdapter[Any] = TypeAdapter(schema.PromptRequest)


def _said(*blocks: Any) -> Said:
    return said(PROMPT.validate_python({"sessionId": "s", "prompt": list(blocks)}).prompt, "/p")


def test_text_and_links_keep_their_order() -> None:
    link = {"type": "resource_link", "name": "a.py", "uri": "file:///p/a.py"}
    found = _said(
        {"type": "text", "text": "look at "}, link, {"type": "text", "text": ", will you?"}
    )
    assert found == Said("look at [a.py](file:///p/a.py), will you?", places=frozenset({"/p/a.py"}))


def test_an_embedded_text_is_fenced() -> None:
    resource = {"uri": "file:///p/a.md", "text": "```\ncode\n```\n"}
    found = _said({"type": "resource", "resource": resource})
    assert found.text == "\n\nfile:///p/a.md:\n````\n```\ncode\n```\n````\n\n"


def test_pictures_are_passed_on() -> None:
    picture = {"type": "image", "mimeType": "image/png", "data": "AAAA"}
    blob = {"uri": "file:///p/b.png", "blob": "BBBB", "mimeType": "image/png"}
    found = _said(picture, {"type": "resource", "resource": blob})
    assert found.images == [
        {"mime": "image/png", "data": "AAAA"},
        {"mime": "image/png", "data": "BBBB"},
    ]
    assert _said(picture).text == "(a picture)"


def test_what_is_no_text_is_only_named() -> None:
    blob = {"uri": "file:///p/x.bin", "blob": "AAAA"}
    assert "not passed on" in _said({"type": "resource", "resource": blob}).text


def test_where_it_comes_from_goes_with_it() -> None:
    found = _said(
        {"type": "text", "text": "file:///p/only-words"},
        {"type": "resource_link", "name": "a", "uri": "file:///p/a.py"},
        {"type": "resource", "resource": {"uri": "file:///p/b.md", "text": "b"}},
        {"type": "resource", "resource": {"uri": "file:///p/c.bin", "blob": "AAAA"}},
        {"type": "image", "mimeType": "image/png", "data": "AAAA", "uri": "FILE:///p/d.png"},
        {"type": "resource", "resource": {"uri": "https://example.org/e", "text": "e"}},
    )
    assert found.places == {"/p/a.py", "/p/b.md", "/p/c.bin", "/p/d.png"}


def test_sound_is_refused() -> None:
    with pytest.raises(RequestError):
        _said({"type": "audio", "mimeType": "audio/wav", "data": "AAAA"})
