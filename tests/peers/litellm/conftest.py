"""One LiteLLM for all tests, in front of one fake provider."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fakes.provider import FakeProvider
from tests.peers.borrowed import UnavailableError
from tests.peers.litellm.environment import program
from tests.peers.litellm.proxy import LiteLLM


@pytest.fixture(scope="session")
def upstream() -> Iterator[FakeProvider]:
    with FakeProvider(key="sk-upstream") as running:
        yield running


@pytest.fixture(scope="session")
def proxy(upstream: FakeProvider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiteLLM]:
    try:
        found = program()
    except UnavailableError as reason:
        pytest.skip(f"no LiteLLM: {reason}")
    with LiteLLM(found, tmp_path_factory.mktemp("litellm"), upstream.base_url) as running:
        yield running


@pytest.fixture
def fake(upstream: FakeProvider) -> FakeProvider:
    """The provider behind LiteLLM, as if nothing had been asked of it yet."""
    upstream.forget()
    return upstream
