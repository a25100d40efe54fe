"""Every seed keeps what its target promises, and so do small changes of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.seed import TARGETS, mutated, seeds, target


@pytest.mark.parametrize(
    ("name", "path"),
    [
        pytest.param(name, path, id=f"{name}/{path.name}")
        for name in TARGETS
        for path in seeds(name)
    ],
)
def test_seed(name: str, path: Path) -> None:
    target(name)(path.read_bytes())


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(TARGETS), st.data())
def test_changed_seed(name: str, data: st.DataObject) -> None:
    target(name)(data.draw(mutated(name)))
