"""A real Neovim in front of llama.cpp's own server: what comes is of the right shape."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.conftest import SAMPLE, Opener, open_in, open_nvim  # noqa: F401
from tests.e2e.person import run
from tests.fakes.house import House
from tests.fakes.house import house as make_house
from tests.peers import editor
from tests.peers.llama_cpp.server import NAME, Llama

pytestmark = [pytest.mark.peer, pytest.mark.local_model]

# A small model on a busy machine.
PATIENCE = 100.0


@pytest.fixture
def house(llama: Llama) -> Iterator[House]:
    with make_house(None, PEER_KEY=llama.key) as found:
        (found.project / "app.py").write_text(SAMPLE)
        yield found


def test_explain_edit_status(house: House, llama: Llama, open_in: Opener) -> None:  # noqa: F811
    nvim = open_in(house, "app.py", settings=editor.settings(llama.base_url))
    ended = editor.talk(nvim, "explain", PATIENCE)
    assert (ended["provider"], ended["model"]) == ("llama.cpp", NAME)
    editor.change(nvim, house, "1,5ZekeEdit add a docstring", PATIENCE)
    assert (house.project / "app.py").read_text().endswith("\n\nprint(total([1, 2, 3]))\n")
    run(nvim, "only | ZekeStatus")
    nvim.wait_screen(f"llama.cpp at {llama.base_url} through the embedded core")
