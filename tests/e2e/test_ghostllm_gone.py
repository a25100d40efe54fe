"""A routing core of its own, behind ``ghostllm.base_url``: used, killed, and back again."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.e2e.conftest import Opener
from tests.e2e.person import done, failed, run
from tests.fakes.house import REPOSITORY, House

MAIN = "from zeke_bridge.cli.ghostllm import main; main()"


@contextmanager
def serving(house: House, port: str = "0") -> Iterator[tuple[subprocess.Popen[str], str]]:
    """``ghostllm serve`` in a process of its own, and the address it prints."""
    command = [sys.executable, "-c", MAIN, "serve", "--port", port]
    with subprocess.Popen(
        command, env=house.environment, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        said = process.stdout.readline()
        try:
            yield process, said.removeprefix("GhostLLM listens at ").strip()
        finally:
            process.kill()


def test_killed_in_mid_stream_and_back(editor: Opener, house: House) -> None:
    with serving(house) as (process, address):
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
        process.wait(10)
    run(nvim, "ZekeExplain")
    assert "cannot be reached" in failed(nvim)
    house.provider.release()
    with serving(house, address.removesuffix("/v1").rpartition(":")[2]) as (_, again):
        assert again == address
        run(nvim, "ZekeExplain")
        assert done(nvim)["text"] == "first second"
    assert house.pid() == broker
