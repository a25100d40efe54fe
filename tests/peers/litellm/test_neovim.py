"""A real Neovim, a real LiteLLM: every command works, as if a core of ours were there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.conftest import SAMPLE, Opener, open_in, open_nvim  # noqa: F401
from tests.e2e.nvim import Nvim
from tests.e2e.person import failed, run
from tests.fakes.core import unused_address
from tests.fakes.house import House
from tests.fakes.house import house as make_house
from tests.fakes.provider import FakeProvider
from tests.peers import editor
from tests.peers.litellm.proxy import LiteLLM

pytestmark = [pytest.mark.peer, pytest.mark.timeout(700)]


@pytest.fixture
def house(proxy: LiteLLM) -> Iterator[House]:
    with make_house(None, PEER_KEY=proxy.key) as found:
        (found.project / "app.py").write_text(SAMPLE)
        yield found


@pytest.fixture
def nvim(house: House, proxy: LiteLLM, fake: FakeProvider, open_in: Opener) -> Nvim:  # noqa: F811
    return open_in(house, "app.py", settings=editor.settings(proxy.base_url))


def test_explain_edit_analyze_status(
    nvim: Nvim, house: House, proxy: LiteLLM, fake: FakeProvider
) -> None:
    ended = editor.talk(nvim, "explain")
    assert (ended["provider"], ended["model"]) == ("litellm", "gpt-4o")
    assert ended["usage"]["completion_tokens"] > 0
    assert ended["cost"]["total_cost"] > 0
    nvim.wait_screen("This is what the fake says about")
    nvim.wait_screen("Zeke explains app.py:1-5 · gpt-4o")

    editor.change(nvim, house, "1,5ZekeEdit say what it is")
    nvim.wait_screen(lambda screen: screen.lines[0] == "# changed by the fake")
    assert (house.project / "app.py").read_text() == f"# changed by the fake\n{SAMPLE}"

    before = len(fake.requests)
    editor.analyze(nvim, house)
    assert len(fake.requests) == before + 1
    nvim.wait_screen("Found 1 thing in app.py (performance 1).")
    found = nvim.lua("return vim.diagnostic.get(0)")
    assert {one["source"] for one in found} == {f"zeke {kind}" for kind in editor.KINDS}
    assert all(one["message"].startswith("A message of the fake.") for one in found)

    run(nvim, "only | ZekeStatus")
    text = nvim.wait_screen(f"LiteLLM at {proxy.base_url} through the embedded core")
    nvim.wait_screen("LiteLLM: ")
    assert "gpt-4o" in nvim.wait_screen("gpt-4o"), text


def test_all_the_others(nvim: Nvim, house: House, fake: FakeProvider) -> None:
    for command in editor.TALK:
        assert editor.talk(nvim, command)["provider"] == "litellm"
        run(nvim, "only! | edit! app.py")
    fake.script.append('{"files": [{"path": "hello.py", "content": "print(1)\\n"}]}')
    editor.create(nvim, house)


def test_a_key_that_does_not_fit(
    house: House,
    proxy: LiteLLM,
    fake: FakeProvider,
    open_in: Opener,  # noqa: F811
) -> None:
    wrong = {"PEER_KEY": "sk-quite-wrong"}
    nvim = open_in(house, "app.py", settings=editor.settings(proxy.base_url), env=wrong)
    run(nvim, "ZekeExplain")
    said = failed(nvim)
    assert proxy.base_url in said
    assert "$PEER_KEY" in said
    assert "sk-quite-wrong" not in said
    assert fake.requests == []


def test_nobody_is_there(house: House, open_in: Opener) -> None:  # noqa: F811
    url = unused_address()
    nvim = open_in(house, "app.py", settings=editor.settings(url))
    run(nvim, "ZekeExplain")
    assert url in failed(nvim)
    run(nvim, "ZekeStatus")
    nvim.wait_screen("cannot be reached")
