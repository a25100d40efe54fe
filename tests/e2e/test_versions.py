"""A plugin that is older or newer than the Python side it finds, by screen."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import zeke_bridge
from tests.e2e.conftest import Opener
from tests.e2e.nvim import REPOSITORY, Nvim
from tests.e2e.person import done, reads, run, shows

OURS = zeke_bridge.__version__


@pytest.fixture
def editor_of(editor: Opener, tmp_path: Path) -> Opener:
    """Start a Neovim whose plugin says it is of that version; the Python side is as it is."""

    def start(version: str) -> Nvim:
        plugin = tmp_path / version
        for name in ("lua", "plugin"):
            shutil.copytree(REPOSITORY / name, plugin / name)
        (plugin / "lua" / "zeke" / "version.lua").write_text(f'return "{version}"\n')
        return editor(runtimepath=plugin)

    return start


def test_a_newer_plugin_asks_for_a_new_python_side(editor_of: Opener) -> None:
    nvim = editor_of("9.0.0")
    run(nvim, "ZekeChat hello")
    shows(nvim, f"The Python side is version {OURS}, older than this plugin (9.0.0): run")
    shows(nvim, "and run `:Zeke install`.")


def test_an_older_plugin_works_and_is_told_to_be_updated(editor_of: Opener) -> None:
    nvim = editor_of("0.0.1")
    run(nvim, "ZekeExplain")
    reads(
        nvim,
        f"The Python side is version {OURS}, newer than this plugin (0.0.1): update the plugin.",
    )
    done(nvim)
    nvim.wait_screen("This is what the fake says")
