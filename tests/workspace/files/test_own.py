"""The user's own places are known by device and inode, under every other name."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.workspace.files.bench import Bench
from zeke_bridge.model.target import Places
from zeke_bridge.workspace.files import own
from zeke_bridge.workspace.files.own import Own
from zeke_bridge.workspace.files.walk import WalkError


def identity(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_dev, found.st_ino


@pytest.fixture
def state(tmp_path: Path) -> Path:
    place = tmp_path / "state" / "deep"
    place.mkdir(parents=True)
    (place / "ledger.json").write_bytes(b"{}")
    return place.parent


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Let every directory count as unchanged for long; hand back what counts the searches."""
    searches: list[int] = []
    real = own._Search

    class Search(real):  # type: ignore[misc,valid-type]
        def __init__(self) -> None:
            searches.append(1)
            super().__init__()

    monkeypatch.setattr(own, "_Search", Search)
    monkeypatch.setattr(own, "_grain", lambda _: -(10**18))
    return lambda: len(searches)  # type: ignore[return-value]


def test_all_that_is_at_or_below(state: Path) -> None:
    found = Own((str(state), str(state / "none"), str(state / "deep" / "ledger.json" / "x")))
    assert found.identities() == {
        identity(state),
        identity(state / "deep"),
        identity(state / "deep" / "ledger.json"),
    }


def test_nothing_is_looked_for_again_while_nothing_changes(
    state: Path, settled: Callable[[], int]
) -> None:
    found = Own((str(state), str(state / "later")))
    first = found.identities()
    (state / "deep" / "ledger.json").write_bytes(b"other text")
    assert found.identities() is first
    assert settled() == 1


def new_file(state: Path) -> None:
    (state / "deep" / "new").write_bytes(b"")


def new_place(state: Path) -> None:
    (state.parent / "later").write_bytes(b"")


def replaced_place(state: Path) -> None:
    (state.parent / "copy").write_bytes(b"new token")
    (state.parent / "copy").replace(state.parent / "token")


def link_led_elsewhere(state: Path) -> None:
    (state.parent / "copy").write_bytes(b"new settings")
    (state.parent / "copy").replace(state.parent / "dotfile")


@pytest.mark.parametrize("change", [new_file, new_place, replaced_place, link_led_elsewhere])
def test_every_change_is_seen(
    state: Path, settled: Callable[[], int], change: Callable[[Path], None]
) -> None:
    base = state.parent
    (base / "token").write_bytes(b"token")
    (base / "dotfile").write_bytes(b"settings")
    (state / "config.toml").symlink_to("../dotfile")
    found = Own((str(state), str(base / "later"), str(base / "token")))
    found.identities()
    # The clock of a file system has a grain; what is asked here is not about that.
    times = {path: path.stat().st_ctime_ns for path in (state, state / "deep")}
    change(state)
    while change is new_file and (state / "deep").stat().st_ctime_ns == times[state / "deep"]:
        (state / "deep" / "new").unlink()
        change(state)
    found.identities()
    assert settled() == 2
    for path in (base / "later", base / "token", base / "dotfile", state / "deep" / "new"):
        assert not path.exists() or identity(path) in found.identities()


@pytest.mark.parametrize(
    ("shown_ns", "seconds"),
    [(0, 2.5), (2 * 10**9, 2.5), (10**9, 2.5), (10**9 + 990_000_000, 2.5), (10**9 + 1, 0.1)],
)
def test_a_coarse_clock_is_given_more_time(shown_ns: int, seconds: float) -> None:
    assert own._grain(1_700_000_000 * 10**9 + shown_ns) == seconds * 10**9


def test_what_changed_just_now_is_not_relied_on(state: Path) -> None:
    found = Own((str(state),))
    found.identities()
    (state / "deep" / "new").write_bytes(b"")
    assert identity(state / "deep" / "new") in found.identities()


def test_links_are_followed_once(state: Path, tmp_path: Path) -> None:
    (tmp_path / "dotfiles").mkdir()
    (tmp_path / "dotfiles" / "zeke.toml").write_bytes(b"")
    (state / "config").symlink_to(tmp_path / "dotfiles")
    (tmp_path / "dotfiles" / "round").symlink_to(state)
    (state / "self").symlink_to("self")
    (state / "dangling").symlink_to("nowhere")
    assert identity(tmp_path / "dotfiles" / "zeke.toml") in Own((str(state),)).identities()


def test_too_many_files_close_it(
    project: Path, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own, "_MAX_ENTRIES", 2)
    with pytest.raises(WalkError, match="too many"):
        Own((str(state),)).identities()
    bench = Bench(project, places=Places(never=(str(state),)))
    assert "too many" in bench.target("src/a.py").problem


def test_a_directory_that_cannot_be_listed_closes_it(
    project: Path, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.listdir

    def refuse(path: str) -> list[str]:
        if path == str(state / "deep"):
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "listdir", refuse)
    bench = Bench(project, places=Places(never=(str(state),)))
    assert "cannot be looked at" in bench.target("src/a.py").problem


@pytest.mark.parametrize("kernel", [True, False], ids=["openat2", "stepwise"])
def test_other_names_of_own_files(project: Path, state: Path, kernel: bool) -> None:
    keys = project.parent / "key"
    keys.write_bytes(b"key")
    bench = Bench(project, kernel, Places(never=(str(state),), unreadable=(str(keys),)))
    (project / "hard").hardlink_to(state / "deep" / "ledger.json")
    (project / "soft").symlink_to(state / "deep" / "ledger.json")
    (project / "dir").symlink_to(state / "deep")
    (project / "hard-key").hardlink_to(keys)
    for path in ("hard", "soft", "dir/ledger.json", "dir/new", "dir/new/newer"):
        assert bench.target(path).never, path
        assert not bench.target(path).unreadable
    assert bench.target("hard-key").unreadable
    assert not bench.target("src/a.py").never
    assert not bench.target("new/a.py").never


@pytest.mark.parametrize("name", [".zeke-consents.json", ".zeke-consents.json.tmp-1"])
def test_other_names_of_the_consent_file(bench: Bench, name: str) -> None:
    (bench.root / name).write_bytes(b"{}")
    (bench.root / "hard").hardlink_to(bench.root / name)
    assert bench.target("hard").never
    assert bench.target(name).never
    assert not bench.target("src/a.py").never


def test_a_dotfile_that_the_configuration_links_to(project: Path, state: Path) -> None:
    (state / "config.toml").symlink_to(project / "src" / "a.py")
    assert Bench(project, places=Places(never=(str(state),))).target("src/a.py").never
