"""Several processes that write one project's file at once."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

from tests.store.conftest import NOW
from zeke_bridge.model.action import Op
from zeke_bridge.model.errors import StoreError
from zeke_bridge.store.consents import ConsentStore
from zeke_bridge.store.paths import locked, locked_in_turn

WRITERS = 8
GRANTS = 50


def _pool() -> ProcessPoolExecutor:
    context = get_context("spawn")
    return ProcessPoolExecutor(WRITERS, mp_context=context, initializer=_without_the_disk)


def _without_the_disk() -> None:
    """It would take most of the time that they wait for each other, and has no part in it."""
    os.fsync = lambda handle: None  # type: ignore[assignment]


def _write_many(state: str, root: str, writer: int) -> list[str]:
    store = ConsentStore(Path(state), lambda root: "")
    return [
        store.remember(root, Op.WRITE, "assistant", f"{writer}/{n}", days=30, now=NOW).id
        for n in range(GRANTS)
    ]


def _write_and_take_back(state: str, root: str, writer: int) -> list[str]:
    """Grant, and revoke every second one at once; the ids that were taken back."""
    store = ConsentStore(Path(state), lambda root: "")
    gone = []
    for number in range(10):
        target = f"{writer}/{number}"
        grant = store.remember(root, Op.WRITE, "assistant", target, days=30, now=NOW)
        if number % 2:
            assert store.revoke(root, [grant.id]) == 1
            gone.append(grant.id)
    return gone


def test_eight_processes_with_fifty_grants_each_lose_none(shelf: Any) -> None:
    with _pool() as pool:
        found = pool.map(
            _write_many, [str(shelf.state)] * WRITERS, [str(shelf.root)] * WRITERS, range(WRITERS)
        )
        ids = {one for ids in found for one in ids}
    memory = shelf.load()
    assert (memory.state, {grant.id for grant in memory.grants.grants}) == ("trusted", ids)
    assert shelf.targets() == {f"{w}/{n}" for w in range(WRITERS) for n in range(GRANTS)}
    assert [path.name for path in shelf.root.iterdir()] == [shelf.file.name]


def test_what_is_revoked_between_writers_stays_revoked(shelf: Any) -> None:
    with _pool() as pool:
        found = pool.map(
            _write_and_take_back,
            [str(shelf.state)] * WRITERS,
            [str(shelf.root)] * WRITERS,
            range(WRITERS),
        )
        gone = {one for ids in found for one in ids}
    assert len(gone) == 5 * WRITERS
    assert shelf.targets() == {f"{w}/{n}" for w in range(WRITERS) for n in range(0, 10, 2)}
    written = shelf.file.read_text()
    assert not [one for one in gone if one in written]


def test_a_writer_that_hangs_is_not_waited_for_for_ever(
    shelf: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.remember("a")
    monkeypatch.setattr("zeke_bridge.store.consents._LOCK_LIMIT_S", 0.05)
    (held,) = (shelf.state / "locks").glob("*.lock")
    with locked(held), pytest.raises(StoreError, match="Another process holds"):
        shelf.remember("b")
    assert shelf.targets() == {"a"}
    shelf.remember("b")


def test_the_same_project_by_two_paths_has_one_lock(
    shelf: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.remember("a")
    other = shelf.root.with_name("other")
    shelf.root.rename(other)
    shelf.store().trust(str(other), shelf.store().load(str(other)).hash)
    assert len(list((shelf.state / "locks").glob("*.lock"))) == 1


@pytest.mark.parametrize("lock", [locked, locked_in_turn])
def test_a_lock_ends_with_its_holder(tmp_path: Path, lock: Callable[..., Any]) -> None:
    path = tmp_path / "x.lock"
    child = os.fork()
    if child == 0:
        with lock(path, 5.0):
            os._exit(0)
    os.waitpid(child, 0)
    with lock(path, 0.0):
        pass
