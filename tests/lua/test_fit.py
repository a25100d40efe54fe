"""Front and broker of different versions: who is told what."""

from __future__ import annotations

import re

import pytest

import zeke_bridge
from tests.e2e.nvim import Nvim
from tests.e2e.person import reads
from tests.fakes.broker import FakeBroker

VERSION = zeke_bridge.__version__


def test_a_newer_python_side_is_told_once(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.lua("package.loaded['zeke.version'] = '0.0.9'")
    nvim.feed(":ZekeExplain<CR>")
    reads(
        nvim,
        f"The Python side is version {VERSION}, newer than this plugin (0.0.9): update the plugin.",
    )
    broker.expect("task.submit")


def test_an_older_python_side_says_how_to_renew_it(nvim: Nvim, broker: FakeBroker) -> None:
    message = "The broker is version 0.0.9, the editor 0.1.0: update zeke-bridge."
    broker.refusals = {"code": "outdated", "message": message, "restart": True}
    nvim.feed(":ZekeExplain<CR>")
    text = f"The Python side is version 0.0.9, older than this plugin ({VERSION}): run"
    joined = re.compile(re.escape(text).replace(r"\ ", r"\s*").replace(r"\.", r"\.\s*"))
    nvim.wait_screen(lambda screen: joined.search(screen.text))
    nvim.wait_screen("and run `:Zeke install`.")
    assert broker.starts == 1
    nvim.lua("vim.g.zeke_python = nil")
    sentence = nvim.lua("return require('zeke.fit').refused(...)", message)
    assert sentence == f"{text} `:Zeke install`."


@pytest.mark.parametrize(
    ("one", "other", "newer"),
    [
        ("0.2.0", "0.1.9", True),
        ("0.1.0", "0.1.0", False),
        ("0.1.0", "0.2.0", False),
        ("0.10.0", "0.9.1", True),
        ("1.0", "1.0.0", False),
    ],
)
def test_which_is_newer(nvim: Nvim, one: str, other: str, newer: bool) -> None:
    assert nvim.lua("return require('zeke.fit').newer(...)", one, other) is newer
