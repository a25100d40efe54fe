"""A project and a reviewer of changes to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.reviewer import AUTO, Reviewer
from tests.fakes.street import Street


@pytest.fixture
def street(tmp_path: Path) -> Street:
    return Street(tmp_path)


@pytest.fixture
def person(street: Street) -> Reviewer:
    """Who is asked about every write."""
    return Reviewer(street)


@pytest.fixture
def trusting(street: Street) -> Reviewer:
    """Who is not asked about plain files of the project."""
    return Reviewer(street, settings=AUTO)
