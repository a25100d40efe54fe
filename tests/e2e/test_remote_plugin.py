"""The classic door: ``:UpdateRemotePlugins``, and nothing of the Lua plugin set up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import SAMPLE, Opener, tidied
from tests.e2e.nvim import Nvim, NvimError
from tests.e2e.person import accept, answer, done, propose, run
from tests.fakes.house import House

NO_LUA = "vim.g.loaded_zeke = 1"


@pytest.fixture
def house(lasting: House) -> House:
    return tidied(lasting)


@pytest.fixture
def door(house: House, open_in: Opener) -> Any:
    """Start a Neovim after another has run ``:UpdateRemotePlugins``."""
    manifest = house.base / "rplugin.vim"
    env = {"NVIM_RPLUGIN_MANIFEST": str(manifest)}

    def start(*arguments: str, init: str = NO_LUA) -> Nvim:
        first = open_in(house, env=env, init=init)
        # Silent, because it says two lines and Neovim waits for a key after the second.
        run(first, "silent UpdateRemotePlugins")
        first.wait_for("vim.uv.fs_stat(...) ~= nil", str(manifest))
        first.quit()
        assert "ZekeExplain" in manifest.read_text()
        return open_in(house, *(arguments or ("app.py",)), env=env, init=init)

    return start


def test_its_commands_work(door: Any, house: House) -> None:
    nvim = door()
    defined = "return vim.api.nvim_get_commands({}).ZekeExplain.definition"
    assert "remote#define" in nvim.lua(defined)
    run(nvim, "1,5ZekeExplain")
    done(nvim)
    nvim.wait_screen("This is what the fake says")
    nvim.wait_screen("app.py:1-5")
    assert "print(total" not in house.provider.requests[-1]["messages"][-1]["content"]
    run(nvim, "ZekeStatus")
    nvim.wait_screen("embedded")
    nvim.feed("q")
    run(nvim, 'Zeke chat "hello ANSWER: Hello."')
    done(nvim)
    nvim.wait_screen("Hello.")


def test_an_edit_from_end_to_end(door: Any, house: House) -> None:
    nvim = door()
    propose(nvim, "1,5ZekeEdit say what it is")
    accept(nvim)
    answer(nvim, "3")
    assert done(nvim)["written"]
    assert (house.project / "app.py").read_text() == f"# changed by the fake\n{SAMPLE}"
    assert (house.project / ".zeke-consents.json").exists()


def test_a_command_without_a_range_is_about_the_whole_buffer(door: Any, house: House) -> None:
    nvim = door()
    run(nvim, "ZekeExplain")
    done(nvim)
    assert "print(total" in house.provider.requests[-1]["messages"][-1]["content"]
    run(nvim, 'ZekeEdit ""')
    nvim.wait_screen("Say what to do")


def test_vimscript_starts_and_asks_the_broker(door: Any, house: House) -> None:
    nvim = door()
    assert nvim.request("nvim_eval", "ZekeStart()") == str(house.runtime / "broker.sock")
    state = nvim.request("nvim_eval", "ZekeRequest('state.get', {'what': 'status'})")
    assert state["what"] == "status"
    assert state["data"]["broker"]["pid"] == house.pid()
    assert nvim.request("nvim_eval", "ZekeStart()") == str(house.runtime / "broker.sock")
    # After a kill, too.
    house.kill()
    state = nvim.request("nvim_eval", "ZekeRequest('state.get', {'what': 'tasks'})")
    assert state["data"] == {"tasks": []}


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ("ZekeRequest('state.get', {'what': 'weather'})", "There is no state called weather."),
        ("ZekeRequest('no.such', {})", "There is no method no.such."),
        ("ZekeRequest()", "takes a method's name"),
        ("ZekeRequest('task.submit', 7)", "Zeke:"),
    ],
)
def test_a_mistake_in_vimscript_is_a_sentence(door: Any, call: str, words: str) -> None:
    nvim = door()
    with pytest.raises(NvimError) as caught:
        nvim.request("nvim_eval", call)
    assert words in str(caught.value)
    assert "Traceback" not in str(caught.value)


def test_the_lua_commands_win_where_both_are(door: Any, house: House) -> None:
    nvim = door(init="")
    commands = nvim.lua("return vim.api.nvim_get_commands({})")
    for name in ("Zeke", "ZekeChat", "ZekeEdit", "ZekeExplain", "ZekeSetModel"):
        assert "remote#define" not in commands[name]["definition"]
    assert nvim.lua("return vim.g.zeke_left_alone") == {}
    run(nvim, "ZekeExplain")
    done(nvim)
    # It took no Python host, and there is one when Vimscript wants it.
    assert not nvim.request("nvim_eval", "remote#host#IsRunning('python3')")
    assert nvim.request("nvim_eval", "ZekeStart()") == str(house.runtime / "broker.sock")


def test_it_stays_out_of_the_way_of_a_project(door: Any, house: House) -> None:
    """A package of our name in the project must not be what runs."""
    fake = house.project / "zeke_bridge"
    fake.mkdir()
    (fake / "__init__.py").write_text("raise SystemExit('theirs')\n")
    nvim = door()
    path: Path = house.runtime / "broker.sock"
    assert nvim.request("nvim_eval", "ZekeStart()") == str(path)
