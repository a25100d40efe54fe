"""``zeke model`` as a person sees it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from zeke_bridge.cli import meter
from zeke_bridge.cli import model as command
from zeke_bridge.core.local import install
from zeke_bridge.core.local.catalog import KnownModel, Wheels
from zeke_bridge.core.local.shelf import Shelf
from zeke_bridge.model.errors import InputError, UnreachableError

CONTENT = b"GGUF" * 1_000_000
TINY = KnownModel(
    name="tiny",
    id="tiny-coder",
    licence="MIT",
    file="tiny-coder.gguf",
    size=len(CONTENT),
    sha256=hashlib.sha256(CONTENT).hexdigest(),
    url="https://nowhere.invalid/tiny-coder.gguf",
    wheels=Wheels((), "1.0", 1),
)


class Fetched:
    """Stands for ``core.local.install``: puts the file there, or raises."""

    def __init__(self) -> None:
        self.specs: list[str] = []
        self.error: BaseException | None = None

    def __call__(
        self,
        spec: str,
        *,
        progress: Callable[[int, int], None],
        notice: Callable[[str], None],
        shelf: Shelf,
    ) -> Path:
        self.specs.append(spec)
        notice("Taking it from elsewhere.")
        for percent in range(101):
            progress(TINY.size * percent // 100, TINY.size)
        if self.error is not None:
            raise self.error
        shelf.directory.mkdir(parents=True)
        shelf.path(TINY).write_bytes(CONTENT)
        shelf.mark(shelf.path(TINY), TINY.sha256)
        return shelf.path(TINY)


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Fetched:
    monkeypatch.setenv("ZEKE_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(command, "Shelf", lambda directory: Shelf(directory, [TINY]))
    made = Fetched()
    monkeypatch.setattr(install, "install", made)
    return made


def run(*arguments: str, **more: Any) -> Any:
    return CliRunner().invoke(command.app, arguments, **more)


def test_without_a_terminal_it_tells_every_ten_percent(fetched: Fetched, tmp_path: Path) -> None:
    result = run("install", "tiny")
    path = tmp_path / "models" / "tiny-coder.gguf"
    assert result.exit_code == 0
    lines = result.output.splitlines()
    assert lines[0] == f"tiny-coder: 4 MB, MIT, into {tmp_path / 'models'}"
    assert lines[1] == "Taking it from elsewhere."
    assert [line.split()[0] for line in lines[2:-1]] == [str(n) for n in range(0, 101, 10)]
    assert lines[-1] == f"Installed and checked: {path}"


def test_what_is_installed_is_not_fetched_again(fetched: Fetched) -> None:
    run("install", "tiny")
    result = run("install", "tiny-coder")
    assert result.exit_code == 0
    assert "is installed already" in result.output
    assert fetched.specs == ["tiny"]


def test_the_small_one_is_the_default(fetched: Fetched) -> None:
    run("install", "--yes")
    assert fetched.specs == ["0.5b"]


@pytest.mark.parametrize(("answer", "asked"), [("n\n", []), ("y\n", ["tiny"]), ("\n", ["tiny"])])
def test_a_person_is_asked(
    answer: str, asked: list[str], fetched: Fetched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "_is_person", lambda: True)
    result = run("install", "tiny", input=answer)
    assert "4 MB" in result.output
    assert "Download it?" in result.output
    assert fetched.specs == asked


def test_with_yes_nobody_is_asked(fetched: Fetched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "_is_person", lambda: True)
    assert "Download it?" not in run("install", "tiny", "--yes").output
    assert fetched.specs == ["tiny"]


def test_a_terminal_gets_a_bar(fetched: Fetched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meter, "_is_terminal", lambda: True)
    result = run("install", "tiny", env={"FORCE_COLOR": "1", "COLUMNS": "100"})
    assert "4.0/4.0 MB" in result.output
    assert "Taking it from elsewhere." in result.output
    assert "90 %" not in result.output


def test_ctrl_c_says_that_nothing_is_lost(fetched: Fetched) -> None:
    fetched.error = KeyboardInterrupt()
    result = run("install", "tiny")
    assert result.exit_code == 130
    assert "run it again to go on" in result.output


def test_an_error_goes_to_whoever_shows_errors(fetched: Fetched) -> None:
    fetched.error = UnreachableError("No network.")
    assert run("install", "tiny").exception is fetched.error


def test_list_and_remove(fetched: Fetched, tmp_path: Path) -> None:
    assert (
        run("list").output
        == "available  tiny-coder                   4 MB  zeke model install tiny\n"
    )
    run("install", "tiny")
    path = tmp_path / "models" / "tiny-coder.gguf"
    assert run("list").output == f"installed  tiny-coder                   4 MB  {path}\n"
    assert run("remove", "tiny").output == f"Removed {path}\n"
    assert "available" in run("list").output
    assert isinstance(run("remove", "tiny").exception, InputError)
