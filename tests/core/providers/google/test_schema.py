from __future__ import annotations

from zeke_bridge.core.providers.google.schema import plain


def test_a_const_becomes_an_enum_of_one() -> None:
    schema = {
        "$schema": "x",
        "type": "object",
        "properties": {
            "const": {"const": 1},
            "list": {"items": {"anyOf": [{"const": None}, {"type": "string"}]}},
        },
        "default": {"const": 1},
        "enum": [{"const": 2}],
        "additionalProperties": False,
    }
    assert plain(schema) == {
        "type": "object",
        "properties": {
            "const": {"enum": [1]},
            "list": {"items": {"anyOf": [{"enum": [None]}, {"type": "string"}]}},
        },
        "default": {"const": 1},
        "enum": [{"const": 2}],
        "additionalProperties": False,
    }
