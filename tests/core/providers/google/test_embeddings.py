from __future__ import annotations

import base64
import struct
from typing import Any

import pytest

from zeke_bridge.core.providers.google.embeddings import batches, joined
from zeke_bridge.model.errors import BadAnswerError, InputError

VECTORS = {"embeddings": [{"values": [1, 0.5]}], "usageMetadata": {"promptTokenCount": 3}}


def test_one_text_or_several() -> None:
    row = {"model": "models/m", "content": {"parts": [{"text": "a"}]}}
    assert batches({"input": "a"}, "models/m") == [{"requests": [row]}]
    sized = batches({"input": ["a"], "dimensions": 2}, "models/m")
    assert sized == [{"requests": [{**row, "outputDimensionality": 2}]}]


def test_many_texts_are_several_calls() -> None:
    made = batches({"input": ["a"] * 250}, "models/m")
    assert [len(one["requests"]) for one in made] == [100, 100, 50]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"input": []},
        {"input": [1, 2]},
        {"input": [[1, 2]]},
        {"input": ""},
        {"input": "a", "dimensions": 0},
        {"input": "a", "dimensions": "9"},
    ],
)
def test_what_is_no_text_is_refused(body: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        batches(body, "models/m")


def test_answers_are_joined_in_order() -> None:
    second = {"embeddings": [{"values": [2]}], "usageMetadata": {"promptTokenCount": 4}}
    made = joined([VECTORS, second], {"input": ["a", "b"]}, "m", "google")
    assert made == {
        "object": "list",
        "data": [
            {"object": "embedding", "index": 0, "embedding": [1, 0.5]},
            {"object": "embedding", "index": 1, "embedding": [2]},
        ],
        "model": "m",
        "usage": {"prompt_tokens": 7, "total_tokens": 7},
    }


def test_what_was_not_counted_is_not_said_to_be_nothing() -> None:
    silent = {"embeddings": [{"values": [2]}]}
    made = joined([VECTORS, silent], {"input": ["a", "b"]}, "m", "google")
    assert "usage" not in made


def test_packed_as_the_official_client_wants_it() -> None:
    body = {"input": "a", "encoding_format": "base64"}
    packed = joined([VECTORS], body, "m", "google")["data"][0]["embedding"]
    assert struct.unpack("<2f", base64.b64decode(packed)) == (1.0, 0.5)


@pytest.mark.parametrize(
    "native",
    [
        None,
        {},
        {"embeddings": [7]},
        {"embeddings": [{"values": []}]},
        {"embeddings": [{"values": ["x"]}]},
    ],
)
def test_what_holds_no_embeddings(native: Any) -> None:
    with pytest.raises(BadAnswerError):
        joined([native], {"input": "a"}, "m", "google")
    with pytest.raises(BadAnswerError, match="fewer"):
        joined([VECTORS], {"input": ["a", "b"]}, "m", "google")
