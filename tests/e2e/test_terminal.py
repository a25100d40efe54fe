"""``:ZekeTerminal``: help with a shell, which runs nothing."""

from __future__ import annotations

import json

from tests.e2e.conftest import Opener
from tests.e2e.person import answer, done, failed, run
from tests.fakes.house import House


def suggestion(command: str) -> str:
    return json.dumps({"command": command, "explanation": "It lists.", "dangerous": False})


def test_a_suggestion_is_yanked(editor: Opener, house: House) -> None:
    house.environment["SECRET_TOKEN"] = "sk-value-of-a-variable"
    nvim = editor()
    house.provider.script.append(suggestion("ls -l"))
    run(nvim, "ZekeTerminal suggest list files")
    said = done(nvim)["suggestion"]
    assert (said["command"], said["dangerous"]) == ("ls -l", False)
    text = nvim.wait_screen("nothing is run")
    assert "Risk: Low" in text.replace("*", "")
    nvim.feed("y")
    nvim.wait_screen("Yanked")
    assert nvim.lua("return vim.fn.getreg('\"')") == "ls -l"
    sent = json.dumps(house.provider.requests[-1])
    assert "list files" in sent
    assert "sk-value" not in sent
    assert str(house.base) not in sent


def test_what_destroys_is_marked_whatever_the_model_says(editor: Opener, house: House) -> None:
    nvim = editor()
    house.provider.script.append(suggestion("rm -rf ."))
    run(nvim, "ZekeTerminal suggest tidy up")
    assert done(nvim)["suggestion"]["dangerous"]
    text = nvim.wait_screen("nothing is run")
    assert "Risk: High" in text.replace("*", "")
    assert (house.project / "app.py").exists()


def test_a_command_is_explained(editor: Opener, house: House) -> None:
    nvim = editor()
    run(nvim, "ZekeTerminal explain tar -xzf a.tgz ANSWER: It unpacks.")
    done(nvim)
    text = nvim.wait_screen("It unpacks.")
    assert "> **Shown to the model:**" in text
    assert "`tar -xzf a.tgz ANSWER: It unpacks.`" in text


def test_output_of_a_file_is_the_wardens(editor: Opener, house: House) -> None:
    (house.project / ".env").write_text("KEY=sk-secret\n")
    nvim = editor(".env")
    run(nvim, "1ZekeTerminal debug make")
    nvim.wait_screen("read  .env")
    answer(nvim, "d")
    failed(nvim)
    assert house.provider.requests == []
    nvim.command("enew")
    nvim.command("call setline(1, 'make: *** No rule')")
    run(nvim, "1ZekeTerminal debug make ANSWER: No such target.")
    done(nvim)
    nvim.wait_screen("1 line of the selected lines")
    assert "make: *** No rule" in json.dumps(house.provider.requests[-1])


def test_where_a_terminal_is_goes_along(editor: Opener, house: House) -> None:
    began = house.base / "began here"
    now = began / "now"
    now.mkdir(parents=True)
    nvim = editor()
    nvim.command("enew")
    nvim.lua(
        """
        local began, now = ...
        require("zeke.answer").ask = function(given) vim.g.asked = given.params end
        local script = ('cd "%s" && echo ready && exec cat'):format(now)
        vim.fn.jobstart({ "sh", "-c", script }, { term = true, cwd = began })
        """,
        str(began),
        str(now),
    )
    nvim.wait_screen("ready")
    for command in ("ZekeTerminal! debug make", "1ZekeTerminal debug make"):
        nvim.command(command)
        asked = nvim.lua("return vim.g.asked")
        assert asked["shell"]["output"].startswith("ready")
        assert [place.rstrip("/") for place in asked["places"]] == [str(began), str(now)]
