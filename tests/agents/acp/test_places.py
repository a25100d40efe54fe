"""The files that ``rawInput`` names."""

from __future__ import annotations

from typing import Any

import pytest

from zeke_bridge.agents.acp.places import places


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        ({"filePath": "/a", "old": "/b", "file_path": "/a"}, ["/a"]),
        ({"edits": [{"target_file": "a"}, {"target_file": "b"}]}, ["a", "b"]),
        ({"paths": ["a", "b", ""]}, ["a", "b"]),
        ({"from": "a", "to": "b"}, ["a", "b"]),
        ({"uri": "FILE:///a%20b"}, ["/a b"]),
        ({"uri": "file://[x"}, ["file://[x"]),
        ({"path": "a\nb"}, []),
        ({"path": 1, "text": "/a"}, []),
        ("/a", []),
        (None, []),
    ],
)
def test_by_the_keys_that_agents_have(raw: Any, found: list[str]) -> None:
    assert places(raw) == found


def test_there_is_an_end_of_it() -> None:
    assert len(places({"paths": [str(number) for number in range(500)]})) == 100
