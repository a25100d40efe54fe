from __future__ import annotations

import base64
import struct
from typing import Any

import pytest

from zeke_bridge.model.errors import BadAnswerError
from zeke_bridge.wire.embeddings import encoded

NUMBERS = [0.5, -0.25]
PACKED = base64.b64encode(struct.pack("<2f", *NUMBERS)).decode()


@pytest.mark.parametrize("given", [NUMBERS, PACKED])
@pytest.mark.parametrize(
    ("wanted", "made"), [("base64", PACKED), ("float", NUMBERS), (None, NUMBERS)]
)
def test_vectors_are_as_they_are_wanted(given: Any, wanted: Any, made: Any) -> None:
    answer = {"data": [{"index": 0, "embedding": given}], "model": "m"}
    assert encoded(answer, wanted) == {"data": [{"index": 0, "embedding": made}], "model": "m"}


@pytest.mark.parametrize(
    ("given", "wanted"),
    [(["x"], "base64"), ([1e300], "base64"), ("no base64", None), ("YQ==", None)],
)
def test_what_is_no_vector_is_an_error(given: Any, wanted: Any) -> None:
    with pytest.raises(BadAnswerError):
        encoded({"data": [{"embedding": given}]}, wanted)


def test_strange_rows_stay() -> None:
    assert encoded({"data": [1, {"embedding": None}]}, "base64") == {
        "data": [1, {"embedding": None}]
    }
