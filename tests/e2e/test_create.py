"""``:ZekeCreate``: files are looked at first, decided on, and each is consented to."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.e2e.conftest import SAMPLE, Opener, tidied
from tests.e2e.nvim import Nvim
from tests.e2e.person import answer, denied, done, failed, run
from tests.fakes.house import House


@pytest.fixture
def house(lasting: House) -> House:
    return tidied(lasting)


def proposal(house: House, *files: tuple[str, str]) -> None:
    """What the model will answer next."""
    rows = [{"path": path, "content": content} for path, content in files]
    house.provider.script.append(json.dumps({"files": rows}))


def create(nvim: Nvim) -> dict[str, Any]:
    run(nvim, 'ZekeCreate "a greeting"')
    name, data = nvim.wait_any("ZekeReviewOpened", "ZekeTaskFailed")
    assert name == "ZekeReviewOpened", data
    nvim.wait_screen("Zeke review")
    return dict(data)


def test_each_path_is_asked_about(editor: Opener, house: House) -> None:
    nvim = editor()
    proposal(house, ("greet/hello.py", "print('hello')\n"), ("greet/bye.py", "print('bye')"))
    assert create(nvim)["files"] == 2
    text = nvim.wait_screen("print('hello')")
    assert "greet/hello.py (new)" in text
    assert "greet/bye.py (new)" in text
    assert not (house.project / "greet").exists()
    nvim.feed("ga")
    text = nvim.wait_screen("Esc denies")
    assert "create  greet/hello.py" in text
    assert not (house.project / "greet").exists()
    answer(nvim, "1")
    nvim.wait_event("ZekeTaskSettled")
    nvim.wait_screen("print('bye')")
    nvim.feed("ga")
    nvim.wait_screen("create  greet/bye.py")
    answer(nvim, "d")
    ended = done(nvim)
    assert [file["state"] for file in ended["files"]] == ["written", "denied"]
    nvim.wait_screen("Written: greet/hello.py; denied: greet/bye.py (")
    assert (house.project / "greet/hello.py").read_text() == "print('hello')\n"
    assert not (house.project / "greet/bye.py").exists()
    assert nvim.lua("return #vim.api.nvim_list_tabpages()") == 1


def test_what_is_rejected_is_not_made(editor: Opener, house: House) -> None:
    nvim = editor()
    proposal(house, ("one.py", "1\n"), ("two.py", "2\n"))
    create(nvim)
    nvim.feed("gR")
    nvim.wait_event("ZekeTaskSettled")
    nvim.feed("ga")
    nvim.wait_screen("create  two.py")
    answer(nvim, "3")
    done(nvim)
    assert not (house.project / "one.py").exists()
    assert (house.project / "two.py").read_text() == "2\n"
    kept = json.loads((house.project / ".zeke-consents.json").read_text())
    assert [(grant["op"], grant["target"]) for grant in kept["grants"]] == [("create", "two.py")]


def test_rejecting_all_makes_nothing(editor: Opener, house: House) -> None:
    nvim = editor()
    proposal(house, ("one.py", "1\n"), ("two.py", "2\n"))
    create(nvim)
    nvim.feed("ghR")
    assert [file["state"] for file in done(nvim)["files"]] == ["rejected", "rejected"]
    nvim.wait_for("#vim.api.nvim_list_tabpages() == 1")
    assert not (house.project / "one.py").exists()
    assert "ZekeConsentAsked" not in [name for name, _ in nvim.events]


def test_a_file_that_is_there_becomes_a_diff(editor: Opener, house: House) -> None:
    nvim = editor()
    proposal(house, ("app.py", f"{SAMPLE}more = 1\n"))
    run(nvim, 'ZekeCreate "a greeting"')
    nvim.wait_screen("Zeke 1/1 +1 −0")
    assert nvim.lua("return vim.fn.bufname()") == "app.py"
    nvim.feed("gR")
    assert done(nvim)["rejected"]
    assert (house.project / "app.py").read_text() == SAMPLE


def test_nothing_lands_outside_the_project(editor: Opener, house: House) -> None:
    nvim = editor()
    outside = house.base / "outside.txt"
    proposal(house, ("../outside.txt", "x\n"), (str(outside), "x\n"), (".zeke-consents.json", "{}"))
    run(nvim, "ZekeCreate something")
    name, data = nvim.wait_any("ZekeReviewOpened", "ZekeTaskFailed")
    if name == "ZekeReviewOpened":
        nvim.feed("ghA")
        while nvim.wait_any("ZekeConsentAsked", "ZekeTaskDone")[0] == "ZekeConsentAsked":
            answer(nvim, "d")
    else:
        assert data["message"]
    assert not outside.exists()
    assert not (house.project / ".zeke-consents.json").exists()


def test_a_denied_file_is_said(editor: Opener, house: House) -> None:
    nvim = editor()
    proposal(house, ("one.py", "1\n"))
    create(nvim)
    nvim.feed("ga")
    answer(nvim, "d")
    denied(nvim)
    assert not (house.project / "one.py").exists()


def test_an_answer_that_is_no_proposal_is_said(editor: Opener, house: House) -> None:
    nvim = editor()
    house.provider.script.append("Sure! Which files would you like?")
    run(nvim, "ZekeCreate something")
    failed(nvim)
    assert sorted(path.name for path in house.project.iterdir()) == [".git", "a.py", "app.py"]
