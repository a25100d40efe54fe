"""One llama.cpp for all tests, with the local model of the user who runs them."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator

import pytest

from tests.peers.llama_cpp.server import NAME, Llama
from zeke_bridge.core.local.shelf import Shelf, models_directory


@pytest.fixture(scope="session")
def llama() -> Iterator[Llama]:
    model = Shelf(models_directory()).find(NAME)
    if model is None:
        pytest.skip(f"{NAME} is not installed: run `zeke model install 0.5b`")
    if importlib.util.find_spec("xllamacpp") is None:
        pytest.skip("xllamacpp is not installed: it is in the extra [local]")
    with Llama(model, key="sk-of-the-llama") as running:
        yield running
