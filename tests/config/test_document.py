"""Reading files as they are, and laying several over each other."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from zeke_bridge.config.document import merged, read_text, shown
from zeke_bridge.config.toml import read_toml
from zeke_bridge.model.errors import ConfigError


def test_a_file_that_is_none_cannot_be_read(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (tmp_path, pipe, Path("a\0b")):
        with pytest.raises(ConfigError, match="cannot be read"):
            read_text(path)
    assert read_text(tmp_path / "none") is None


def test_bytes_that_are_no_text_have_a_line(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"a\nb\n\xff")
    with pytest.raises(ConfigError, match="line 3: cannot be read: it is not UTF-8"):
        read_text(path)
    path.write_bytes(b"\xef\xbb\xbfa")
    assert read_text(path) == "a"


def test_two_files_are_one_unless_they_say_the_same(tmp_path: Path) -> None:
    one, two = tmp_path / "one.toml", tmp_path / "two.toml"
    one.write_text("[t]\na = 1\n[t.u]\nx = 1\n")
    two.write_text("[t]\nb = 2\n[t.u]\ny = 2\n")
    both = merged([read_toml(one, {}), read_toml(two, {})])
    assert both.table == {"t": {"a": 1, "b": 2, "u": {"x": 1, "y": 2}}}
    assert both.at(("t", "u", "y")) == f"{two}, line 4"
    two.write_text("\n\n[t]\na = 2\n")
    with pytest.raises(ConfigError) as caught:
        merged([read_toml(one, {}), read_toml(two, {})])
    assert f"{two}, line 4: t.a is also in {one}, line 2" in caught.value.message


def test_a_strange_key_is_escaped() -> None:
    assert shown(("a", 0, "b\x1b[2J")) == "a[0].'b\\x1b[2J'"
