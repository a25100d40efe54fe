from __future__ import annotations

import hashlib
from collections.abc import Sequence

import pytest

from zeke_bridge.core.cache.trial import pairs, trial

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def alike(text: str) -> Sequence[float]:
    """The same vector for everything: as if all questions meant the same."""
    return (1.0, 0.0)


async def unlike(text: str) -> Sequence[float]:
    digest = hashlib.sha256(text.encode()).digest()
    return [byte - 127.5 for byte in digest]


async def test_no_false_hit_even_when_all_vectors_are_the_same() -> None:
    result = await trial(alike)
    assert result.false_hits == ()
    assert result.missed == ()
    assert len(result.hits) == sum(pair.same for pair in pairs())


async def test_vectors_that_disagree_only_cost_hits() -> None:
    result = await trial(unlike)
    assert result.false_hits == ()
    # Those that differ by white space alone need no embedder.
    assert {" ".join(pair.one.split()) for pair in result.hits} == {
        " ".join(pair.other.split()) for pair in result.hits
    }
    assert len(result.missed) > 50
