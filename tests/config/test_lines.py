"""The lines of keys in TOML."""

from __future__ import annotations

import tomllib
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.config.lines import Place, lines

TEXT = '''a = 1
[b."c d"]     # [not.this]
x.y = [1,
  "two ] # no",
  { z = 3, 'w v' = """
[nor.this]
""" },
]
[[l]]
n = \'\'\'
n = 7\'\'\'
[[l]]
n = 2
[l.sub]
"k\\"" = 2026-01-01
'''


def test_every_kind_of_key_is_found() -> None:
    found = lines(TEXT)
    assert found["a",] == 1
    assert found["b", "c d"] == 2
    assert found["b", "c d", "x", "y"] == 3
    assert found["b", "c d", "x", "y", 0] == 3
    assert found["b", "c d", "x", "y", 1] == 4
    assert found["b", "c d", "x", "y", 2, "z"] == 5
    assert found["b", "c d", "x", "y", 2, "w v"] == 5
    assert found["l", 0, "n"] == 10
    assert found["l", 1] == 12
    assert found["l", 1, "sub", 'k"'] == 15
    assert set(places(tomllib.loads(TEXT))) == set(found)


def places(value: Any, at: Place = ()) -> list[Place]:
    if isinstance(value, dict):
        inner = [((*at, key), one) for key, one in value.items()]
    elif isinstance(value, list):
        inner = [((*at, number), one) for number, one in enumerate(value)]
    else:
        return []
    return [place for place, one in inner for place in (place, *places(one, place))]


PIECES = st.sampled_from(
    [
        *[
            "a",
            "b",
            '"c d"',
            "'e'",
            ".",
            "=",
            " ",
            "\n",
            "[",
            "]",
            "[[",
            "]]",
            "{",
            "}",
            ",",
            "# x",
        ],
        *["1", '"s"', "'l'", '"""', "'''", "true", "1979-05-27", '"\\""'],
    ]
)


@given(st.lists(PIECES, max_size=30).map("".join))
def test_whatever_tomllib_reads_has_its_lines(text: str) -> None:
    found = lines(text)
    assert all(1 <= line <= text.count("\n") + 1 for line in found.values())
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    assert set(places(table)) == set(found)


@given(st.text())
def test_any_text_ends(text: str) -> None:
    lines(text)


def test_deep_nesting_ends() -> None:
    lines("a = " + "[" * 100_000)
