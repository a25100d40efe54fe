"""``:ZekeCreate``: files are shown first, chosen, and each is consented to."""

from __future__ import annotations

import json
from typing import Any

from tests.e2e.conftest import SAMPLE, Opener
from tests.e2e.nvim import Nvim
from tests.e2e.person import answer, done, failed, run
from tests.fakes.house import House


def proposal(house: House, *files: tuple[str, str]) -> None:
    """What the model will answer next."""
    rows = [{"path": path, "content": content} for path, content in files]
    house.provider.script.append(json.dumps({"files": rows}))


def create(nvim: Nvim) -> dict[str, Any]:
    run(nvim, 'ZekeCreate "a greeting"')
    name, data = nvim.wait_any("ZekeTaskFiles", "ZekeTaskFailed")
    assert name == "ZekeTaskFiles", data
    nvim.wait_screen("a accepts what is marked")
    return dict(data)


def test_each_path_is_asked_about(editor: Opener, house: House) -> None:
    nvim = editor()
    proposal(house, ("greet/hello.py", "print('hello')\n"), ("greet/bye.py", "print('bye')"))
    create(nvim)
    text = nvim.wait_screen("print('hello')")
    assert "[x] 1  greet/hello.py  (new)" in text
    assert "[x] 2  greet/bye.py  (new)" in text
    assert not (house.project / "greet").exists()
    nvim.feed("a")
    text = nvim.wait_screen("Esc denies")
    assert "create  greet/hello.py" in text
    assert not (house.project / "greet").exists()
    answer(nvim, "1")
    nvim.wait_screen("create  greet/bye.py")
    answer(nvim, "d")
    ended = done(nvim)
    assert [file["state"] for file in ended["files"]] == ["written", "denied"]
    nvim.wait_screen("Written: greet/hello.py; denied: greet/bye.py (")
    assert (house.project / "greet/hello.py").read_text() == "print('hello')\n"
    assert not (house.project / "greet/bye.py").exists()


def test_what_is_not_marked_is_not_made(editor: Opener, house: House) -> None:
    nvim = editor()
    proposal(house, ("one.py", "1\n"), ("two.py", "2\n"))
    create(nvim)
    nvim.feed("x")
    nvim.wait_screen("[ ] 1  one.py")
    nvim.feed("a")
    nvim.wait_screen("create  two.py")
    answer(nvim, "3")
    done(nvim)
    assert not (house.project / "one.py").exists()
    assert (house.project / "two.py").read_text() == "2\n"
    kept = json.loads((house.project / ".zeke-consents.json").read_text())
    assert [(grant["op"], grant["target"]) for grant in kept["grants"]] == [("create", "two.py")]


def test_rejecting_makes_nothing(editor: Opener, house: House) -> None:
    nvim = editor()
    proposal(house, ("one.py", "1\n"))
    create(nvim)
    nvim.feed("r")
    assert done(nvim)["files"] == []
    nvim.wait_screen("No file was made.")
    assert not (house.project / "one.py").exists()


def test_a_file_that_is_there_stays(editor: Opener, house: House) -> None:
    nvim = editor()
    proposal(house, ("app.py", "gone = 1\n"))
    create(nvim)
    nvim.wait_screen("[ ] 1  app.py  (is there already and stays)")
    nvim.feed("x")
    nvim.wait_screen("[x] 1  app.py")
    nvim.feed("a")
    [file] = done(nvim)["files"]
    assert file["state"] == "denied"
    nvim.wait_screen("Denied: app.py (There is a file of that name already")
    assert (house.project / "app.py").read_text() == SAMPLE


def test_nothing_lands_outside_the_project(editor: Opener, house: House) -> None:
    nvim = editor()
    outside = house.base / "outside.txt"
    proposal(house, ("../outside.txt", "x\n"), (str(outside), "x\n"), (".zeke-consents.json", "{}"))
    run(nvim, "ZekeCreate something")
    name, data = nvim.wait_any("ZekeTaskFiles", "ZekeTaskFailed")
    if name == "ZekeTaskFiles":
        nvim.wait_screen("a accepts what is marked")
        nvim.feed("a")
        while nvim.wait_any("ZekeConsentAsked", "ZekeTaskDone")[0] == "ZekeConsentAsked":
            answer(nvim, "d")
    else:
        assert data["message"]
    assert not outside.exists()
    assert not (house.project / ".zeke-consents.json").exists()


def test_an_answer_that_is_no_proposal_is_said(editor: Opener, house: House) -> None:
    nvim = editor()
    house.provider.script.append("Sure! Which files would you like?")
    run(nvim, "ZekeCreate something")
    failed(nvim)
    assert sorted(path.name for path in house.project.iterdir()) == [".git", "a.py", "app.py"]
