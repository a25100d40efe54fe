"""``:ZekeAuth`` with a real broker and a provider that looks at keys: where a key goes, and where
it never is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e import screens
from tests.e2e.conftest import Opener
from tests.e2e.nvim import Nvim
from tests.e2e.person import done, run, says
from tests.fakes.ghostllm import serving
from tests.fakes.house import House
from tests.fakes.house import house as make_house
from tests.fakes.provider import FakeProvider

RIGHT, WRONG = "sk-the-right-one", "sk-not-the-right-one"
YES_NO = "y goes on. Any other key: no."


@pytest.fixture
def provider() -> Iterator[FakeProvider]:
    with FakeProvider(key=RIGHT) as fake:
        fake.hides_models = True
        yield fake


@pytest.fixture
def house(provider: FakeProvider) -> Iterator[House]:
    """A house without a key."""
    with make_house(provider, OPENAI_API_KEY="") as found:
        (found.project / "app.py").write_text("x = 1\n", encoding="utf-8")
        yield found


def type_key(nvim: Nvim, key: str) -> None:
    run(nvim, "ZekeAuth openai")
    nvim.wait_screen("Key for OpenAI (get one at https://platform.openai.com/api-keys):")
    nvim.feed(f"{key}<CR>")


def keys(house: House) -> dict[str, str]:
    path = house.base / "ghostllm" / "auth.json"
    return dict(json.loads(path.read_text())) if path.exists() else {}


def holding(house: House, key: str) -> list[str]:
    """The files of the house that hold ``key``."""
    house.end()  # nothing comes and goes while it is looked through
    found = []
    for path in Path(house.base).rglob("*"):
        if path.is_file() and not path.is_symlink() and key.encode() in path.read_bytes():
            found.append(path.name)
    return found


def test_a_key_from_typing_to_an_answer(editor: Opener, house: House) -> None:
    nvim = editor()
    type_key(nvim, WRONG)
    text = nvim.wait_screen(YES_NO)
    assert "OpenAI does not take this key." in text
    nvim.feed("n")
    says(nvim, "The key was not kept: nothing changed.")
    nvim.wait_gone(YES_NO)
    assert keys(house) == {}
    type_key(nvim, RIGHT)
    nvim.wait_screen("The key for OpenAI is in")
    assert keys(house) == {"openai": RIGHT}
    # It counts at once.
    run(nvim, "ZekeExplain")
    assert done(nvim)["provider"] == "openai"
    nvim.command("wshada!")
    nvim.quit()
    assert holding(house, RIGHT) == ["auth.json"]
    assert holding(house, WRONG) == []


def test_a_key_can_be_kept_anyway(editor: Opener, house: House) -> None:
    nvim = editor()
    type_key(nvim, WRONG)
    nvim.wait_screen(YES_NO)
    nvim.feed("y")
    nvim.wait_screen("The key for OpenAI is in")
    assert keys(house) == {"openai": WRONG}
    run(nvim, "ZekeExplain")
    nvim.wait_event("ZekeTaskFailed")
    nvim.lua(
        "vim.ui.select = function(items, how) vim.g.asked = vim.tbl_map(how.format_item, items) end"
    )
    run(nvim, "ZekeAuth")
    assert "OpenAI: key in a file, wrong key" in nvim.wait_for("vim.g.asked")


def test_the_list_of_providers(editor: Opener) -> None:
    nvim = editor()
    run(nvim, "ZekeAuth")
    nvim.wait_screen("OpenAI: no key")
    screens.check(nvim, "auth-providers")
    nvim.feed("<Esc>")


def test_a_far_core_has_keys_of_its_own(editor: Opener, house: House) -> None:
    with serving(house) as (_, address):
        nvim = editor(settings={"ghostllm": {"base_url": address}})
        run(nvim, "ZekeAuth openai")
        text = nvim.wait_screen(YES_NO)
        assert "`ghostllm auth set openai`" in text
        nvim.feed("n")
        says(nvim, "Nothing was changed.")
        assert keys(house) == {}


def test_a_local_provider_says_what_to_start(editor: Opener) -> None:
    nvim = editor()
    run(nvim, "ZekeAuth ollama")
    nvim.wait_screen("Ollama needs no key: `ollama serve` starts it.")
