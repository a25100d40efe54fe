from __future__ import annotations

from typing import Any

import pytest

from zeke_bridge.core.providers.native import media
from zeke_bridge.core.providers.native.media import Media
from zeke_bridge.model.errors import InputError


def picture(url: Any) -> Media:
    return media.image({"type": "image_url", "image_url": {"url": url}})


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("data:image/png;base64,aGk=", Media("image/png", "aGk=")),
        ("DATA:Image/JPG;base64,aGk=", Media("image/jpeg", "aGk=")),
        ("data:image/png;charset=x;base64,a%47k%3D\n", Media("image/png", "aGk=")),
        ("data:image/svg+xml,hi%20there", Media("image/svg+xml", "aGkgdGhlcmU=")),
        ("data:,hi", Media("text/plain", "aGk=")),
        ("https://x.example/a.png", Media("image/png", url="https://x.example/a.png")),
        ("https://x.example/a?b=c.png", Media("", url="https://x.example/a?b=c.png")),
    ],
)
def test_an_image_is_data_or_an_address(url: str, wanted: Media) -> None:
    assert picture(url) == wanted
    assert media.image({"type": "image_url", "image_url": url}) == wanted


@pytest.mark.parametrize(
    "url", [None, 7, "", "http://x/a.png", "file:///etc/passwd", "data:", "data:x"]
)
def test_what_is_no_image_is_refused(url: Any) -> None:
    with pytest.raises(InputError):
        picture(url)


def test_a_file_holds_its_data() -> None:
    part = {"file": {"file_data": "data:application/pdf;base64,aGk=", "filename": "a.pdf"}}
    assert media.file(part) == Media("application/pdf", "aGk=")
    at = "https://x.example/a?b=c"
    assert media.file({"file": {"file_data": at}}) == Media("application/pdf", url=at)
    for wrong in ({}, {"file": {"file_id": "file-1"}}, {"file": {"file_data": "aGk="}}):
        with pytest.raises(InputError, match="file_data"):
            media.file(wrong)


def test_audio_names_its_format() -> None:
    part = {"input_audio": {"data": "aGk=", "format": "mp3"}}
    assert media.audio(part) == Media("audio/mp3", "aGk=")
    for wrong in ({}, {"input_audio": {"data": "aGk=", "format": "ogg"}}):
        with pytest.raises(InputError, match="input_audio"):
            media.audio(wrong)
