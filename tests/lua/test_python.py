"""Which Python is asked for the broker, and in what order."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from tests.e2e.nvim import REPOSITORY, Nvim

ORIGINS = "return vim.tbl_map(function(c) return c.origin end, require('zeke.python').candidates())"
FIRST = "return require('zeke.python').candidates()[1]"


def test_a_chosen_one_is_the_only_one(nvim: Nvim) -> None:
    nvim.lua("vim.g.zeke_python = '/a/python'")
    assert nvim.lua(ORIGINS) == ["chosen"]
    nvim.lua("require('zeke').setup({ python = '/b/python' })")
    assert nvim.lua(FIRST)["argv"] == ["/b/python", "-m", "zeke_bridge"]


def test_the_repository_needs_no_installation(open_nvim: Callable[..., Nvim]) -> None:
    nvim = open_nvim(env={"PYTHONPATH": ""})
    first = nvim.lua(FIRST)
    assert first["origin"] == "g:python3_host_prog"
    assert first["env"] == {"PYTHONPATH": str(REPOSITORY)}


def test_the_wheel_knows_its_own_python(open_nvim: Callable[..., Nvim], tmp_path: Path) -> None:
    installed = tmp_path / "venv" / "lib" / "python3.11" / "site-packages" / "zeke_bridge" / "nvim"
    for name in ("lua", "plugin"):
        shutil.copytree(REPOSITORY / name, installed / name)
    python = tmp_path / "venv" / "bin" / "python"
    python.parent.mkdir()
    python.write_text("#!/bin/sh\n")
    python.chmod(0o755)
    nvim = open_nvim(runtimepath=installed, init="vim.g.python3_host_prog = nil")
    first = nvim.lua(FIRST)
    assert first["origin"] == "wheel"
    assert first["argv"][0] == str(python)
    assert first["env"] in ({}, [])


def test_a_project_cannot_slip_its_own_module_in(
    open_nvim: Callable[..., Nvim], tmp_path: Path
) -> None:
    project = tmp_path / "project" / "zeke_bridge"
    project.mkdir(parents=True)
    told = tmp_path / "where"
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\npwd > {told}.new && mv {told}.new {told}\nexit 1\n")
    python.chmod(0o755)
    nvim = open_nvim(
        cwd=project.parent,
        env={"ZEKE_RUNTIME_DIR": str(tmp_path / "run")},
        init=f"vim.g.zeke_python = [[{python}]]",
    )
    nvim.feed(":ZekeChat hello<CR>")
    nvim.wait_screen("The broker did not start")
    assert told.read_text() == "/\n"
