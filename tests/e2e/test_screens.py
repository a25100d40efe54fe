"""The kept screens themselves: what is masked, and that each is somebody's."""

from __future__ import annotations

import pytest

from tests.e2e import screens
from tests.e2e.conftest import Opener, tidied
from tests.e2e.look import checked_in, names
from tests.fakes.house import House


@pytest.fixture
def house(lasting: House) -> House:
    return tidied(lasting)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("│ took 12 ms   │", "│ took LONG    │"),
        ("│ took 9 ms    │", "│ took LONG    │"),
        ("broker 0.1.0 at 12:34:56.", "broker VERSION at TIME."),
        ("wrote /tmp/pytest-of-me/x.py now", "wrote PATH now"),
        ("line 1.5 of 20", "line 1.5 of 20"),
    ],
)
def test_masks(text: str, shown: str) -> None:
    assert screens.masked(text) == shown + "\n"


def test_what_is_aligned_stays_aligned() -> None:
    first, second = screens.masked("│ 12 ms  │ x\n│ 120 ms │ x").splitlines()
    assert first == second


def test_a_mask_of_the_test() -> None:
    assert screens.masked("seven apples", {"seven|eight": "N"}) == "N apples\n"


def test_every_screen_is_checked_by_a_test() -> None:
    for name in names():
        texts = [path.read_text(encoding="utf-8") for path in checked_in(name)]
        assert any(name in text for text in texts), f"nobody checks {name}: delete it"


def test_a_file_with_the_plugin_there_looks_as_without(editor: Opener) -> None:
    """Also the proof that ``check`` sees a screen at all."""
    nvim = editor()
    screens.check(nvim, "sample-file")
    nvim.command("echo 'a message'")
    nvim.wait_screen("a message")
    assert "a message" not in screens.kept("sample-file").read_text(encoding="utf-8")
