"""``state.get changed``: files for a person to choose from, none of them secret or another's."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from zeke_bridge.broker.changed import changed
from zeke_bridge.broker.session import Session
from zeke_bridge.workspace.changes import Changed, Changes


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def session(*files: Changed, odd: int = 0) -> Session:
    projects = SimpleNamespace(
        worked_on=lambda root: Changes(tuple(files), odd, whole=True),
        belongs=lambda root, path: not path.startswith("nested/"),
    )
    fake: Any = SimpleNamespace(root=lambda path, cwd: str(Path(cwd)), projects=projects)
    return cast("Session", fake)


@pytest.mark.anyio
async def test_what_is_gone_is_not_there_to_be_looked_at() -> None:
    found = await changed(session(Changed("a.py", "1"), Changed("b.py", "2", True)), "/p")
    assert found == {"root": "/p", "files": ["a.py"], "left": 0, "whole": True}


@pytest.mark.anyio
async def test_secrets_and_other_projects_are_counted_and_not_named() -> None:
    files = (Changed("a.py", ""), Changed(".env", "1"), Changed("nested/x.py", "2"))
    found = await changed(session(*files, odd=1), "/p")
    assert (found["files"], found["left"]) == (["a.py"], 3)
