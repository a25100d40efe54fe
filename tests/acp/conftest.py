"""One user's surroundings, without a provider; the broker is started by ``zeke acp`` itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fakes.house import House, house


@pytest.fixture
def home() -> Iterator[House]:
    with house() as found:
        yield found
