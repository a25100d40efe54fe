"""What counts as installed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from zeke_bridge.core.local.catalog import KnownModel, in_words
from zeke_bridge.core.local.shelf import Shelf, models_directory
from zeke_bridge.model.errors import InputError


@pytest.fixture
def full(shelf: Shelf, tiny: KnownModel, hub: Any) -> Shelf:
    shelf.directory.mkdir()
    path = shelf.path(tiny)
    path.write_bytes(hub.content)
    shelf.mark(path, tiny.sha256)
    return shelf


def test_a_missing_directory_is_empty(shelf: Shelf) -> None:
    assert shelf.installed() == []
    assert shelf.find("tiny") is None


def test_known_models_come_first_then_other_files(full: Shelf, tiny: KnownModel) -> None:
    for name in ("b.gguf", "a.gguf", ".hidden.gguf", "notes.txt"):
        (full.directory / name).write_bytes(b"GGUF")
    (full.directory / "dir.gguf").mkdir()
    assert full.installed() == ["tiny-coder", "a", "b"]
    assert full.find("a") == full.directory / "a.gguf"
    assert full.find("tiny") == full.find("tiny-coder") == full.path(tiny)
    for name in ("", "../models/a", "a.gguf", "dir", ".hidden"):
        assert full.find(name) is None


@pytest.mark.parametrize("mark", [b"", b"{", b"[]", b"\xff", b'{"size": 1}', b"null"])
def test_a_bad_mark_means_unchecked(mark: bytes, full: Shelf, tiny: KnownModel) -> None:
    (full.directory / f".{tiny.file}.checked").write_bytes(mark)
    assert full.installed() == []
    assert full.find("tiny") is None


def test_a_touched_file_is_unchecked(full: Shelf, tiny: KnownModel) -> None:
    os.utime(full.path(tiny), ns=(1, 1))
    assert full.installed() == []


def test_a_mark_of_other_content_is_not_enough(full: Shelf, tiny: KnownModel) -> None:
    full.mark(full.path(tiny), "0" * 64)
    assert full.installed() == []


@pytest.mark.parametrize("name", ["tiny", "tiny-coder", "tiny-coder-q4"])
def test_remove(name: str, full: Shelf, tiny: KnownModel) -> None:
    assert full.remove(name) == full.path(tiny)
    assert list(full.directory.iterdir()) == []


def test_an_unchecked_known_model_can_be_removed(full: Shelf, tiny: KnownModel) -> None:
    os.utime(full.path(tiny), ns=(1, 1))
    full.remove("tiny")
    assert not full.path(tiny).exists()


def test_what_is_not_there_cannot_be_removed(full: Shelf) -> None:
    with pytest.raises(InputError, match=r"nope is not installed \(there is: tiny-coder\)"):
        full.remove("nope")


def test_the_directory_follows_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZEKE_CACHE_DIR", "/somewhere")
    assert models_directory() == Path("/somewhere/models")
    monkeypatch.setenv("ZEKE_CACHE_DIR", "")
    assert models_directory().parts[-2:] == ("zeke", "models")


def test_sizes_in_words() -> None:
    assert in_words(491_400_064) == "491 MB"
    assert in_words(999_999) == "999,999 bytes"
