"""A routing core of its own, behind ``ghostllm.base_url``: used, killed, and back again."""

from __future__ import annotations

from tests.e2e.conftest import Opener
from tests.e2e.nvim import PATIENCE
from tests.e2e.person import done, failed, run
from tests.fakes.ghostllm import lasting_port, serving
from tests.fakes.house import House


def test_killed_in_mid_stream_and_back(editor: Opener, house: House) -> None:
    port = lasting_port()
    with serving(house, port) as (process, address):
        settings = {"ghostllm": {"base_url": address}, "default_model": "openai:held"}
        nvim = editor(settings=settings)
        run(nvim, "ZekeStatus")
        nvim.wait_screen(f"{address}, healthy")
        nvim.feed("q")
        run(nvim, "ZekeExplain")
        nvim.wait_screen("first")
        broker = house.pid()
        process.kill()
        assert address in failed(nvim)
        text = nvim.wait_screen("Stopped:")
        assert "first" in text
        process.wait(PATIENCE)
    run(nvim, "ZekeExplain")
    assert "cannot be reached" in failed(nvim)
    house.provider.release()
    with serving(house, port) as (_, again):
        assert again == address
        run(nvim, "ZekeExplain")
        assert done(nvim)["text"] == "first second"
    assert house.pid() == broker
