"""Whether text that stands in a project's files comes to a model: the fake provider is asked.

A line of a file that is the same in a request counts. A person may have typed it, and the fake may
have said it before; no test has that where everything is denied.
"""

from __future__ import annotations

import json
import weakref
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from zeke_denied.notes import note, unwatched

SHORTEST = 12
"""Characters of a line; a shorter one may come from anywhere."""
_MOST = 64 * 1024
_houses: weakref.WeakSet[Any] = weakref.WeakSet()


def know_projects(module: ModuleType) -> None:
    """Remember each house of the tests: its project is where the files are."""
    real = module.House.__init__

    def begin(self: Any, *arguments: Any, **options: Any) -> None:
        real(self, *arguments, **options)
        _houses.add(self)

    module.House.__init__ = begin


def hear_requests(module: ModuleType) -> None:
    """Look through what the fake provider is asked, before it answers."""
    real = module.FakeProvider._heard

    async def heard(self: Any, request: Any, handler: Any) -> Any:
        if request.method == "POST":
            body = await request.text()
            with unwatched():
                lines = leaked(body)
            for line in lines:
                note("told", line, (f"a request to {request.path}",))
        return await real(self, request, handler)

    module.FakeProvider._heard = module.web.middleware(heard)


def leaked(body: str) -> list[str]:
    """The lines of project files that stand in the strings of a request."""
    try:
        said = json.loads(body)
    except ValueError:
        return []
    told = {line.strip() for text in _strings(said) for line in text.splitlines()}
    return sorted(told & {line for house in list(_houses) for line in _lines(house.project)})


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from _strings(part)


def _lines(project: Path) -> Iterator[str]:
    for path in project.rglob("*"):
        if ".git" in path.parts or not path.is_file() or path.stat().st_size > _MOST:
            continue
        for line in path.read_text(errors="replace").splitlines():
            if len(line.strip()) >= SHORTEST:
                yield line.strip()
