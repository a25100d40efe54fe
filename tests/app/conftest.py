"""A real broker in a process of its own, over a fake provider, for a project in git."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fakes.house import House, house
from tests.fakes.provider import FakeProvider


@pytest.fixture
def broker() -> Iterator[House]:
    with FakeProvider() as provider, house(provider) as found:
        found.start()
        yield found
