"""Whether git carries the project's approvals on, said once."""

from __future__ import annotations

from typing import Any

import pytest

from zeke_bridge.model.errors import StoreError

pytestmark = pytest.mark.anyio


async def grant(house: Any, *paths: str) -> None:
    house.answer(*["project"] * len(paths))
    for path in paths:
        (await house.gate.authorize(house.write(path), house.session)).close()


async def test_a_tracked_file_is_told_once(house: Any) -> None:
    house.git.state = "tracked"
    await grant(house, "src/a.py", "src/b.py")
    ((level, text),) = house.told
    assert level == "warn"
    assert "git tracks .zeke-consents.json" in text
    house.session = house.editor(house.person)
    await grant(house, "src/c.py")
    assert len(house.told) == 1


async def test_a_new_file_is_offered_to_be_kept_out(house: Any) -> None:
    house.git.state = "untracked"
    await grant(house, "src/a.py", "src/b.py")
    ((level, text),) = house.told
    assert level == "info"
    assert "`:ZekeConsents`, key `e`" in text
    # Somebody adds it later: that is worth another word.
    house.git.state = "tracked"
    await grant(house, "src/c.py")
    assert [level for level, _ in house.told] == ["info", "warn"]


async def test_an_old_file_that_is_not_tracked_is_known_to_be_there(house: Any) -> None:
    house.git.state = "ignored"
    await grant(house, "src/a.py")
    house.git.state = "untracked"
    await grant(house, "src/b.py")
    assert house.told == []


@pytest.mark.parametrize("state", ["none", "ignored"])
async def test_otherwise_nothing_is_said(house: Any, state: str) -> None:
    house.git.state = state
    await grant(house, "src/a.py")
    assert house.told == []
    assert (await house.shown())["git"] == state


async def test_keeping_it_out(house: Any) -> None:
    house.git.state = "untracked"
    await house.desk.exclude(house.session, str(house.root))
    assert house.git.excluded == [str(house.root)]
    assert "leaves .zeke-consents.json alone" in house.told[0][1]
    assert (await house.shown())["git"] == "ignored"


@pytest.mark.parametrize(
    ("state", "says"), [("tracked", "git rm --cached"), ("ignored", "already"), ("none", "not in")]
)
async def test_where_there_is_nothing_to_keep_out(house: Any, state: str, says: str) -> None:
    house.git.state = state
    await house.desk.exclude(house.session, str(house.root))
    assert house.git.excluded == []
    assert says in house.told[0][1]


async def test_a_git_that_fails(house: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(root: str) -> str:
        raise StoreError("git is broken.")

    monkeypatch.setattr(house.git, "tracking", broken)
    await grant(house, "src/a.py")
    assert house.told == []
    assert (await house.shown())["git"] == "none"
