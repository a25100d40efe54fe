"""The wheel carries the Neovim files, so that ``pip install`` is all there is to do."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.e2e.nvim import Nvim, binary
from tests.e2e.person import done, run
from tests.fakes.house import REPOSITORY, House

SOURCES = (
    "zeke_bridge",
    "plugin",
    "lua",
    "rplugin",
    "doc",
    "pyproject.toml",
    "README.md",
    "LICENSE",
)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's content, unpacked as pip would put it into site-packages."""
    for name in ("hatchling", "pip"):
        if find_spec(name) is None:
            pytest.skip(f"{name} is not installed here: the wheel is not built")
    base = tmp_path_factory.mktemp("wheel")
    source = base / "source"
    source.mkdir()
    for name in SOURCES:
        if (REPOSITORY / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(REPOSITORY / name, source / name, ignore=ignored)
        else:
            shutil.copy(REPOSITORY / name, source)
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation"]
    subprocess.run(
        [*command, "--quiet", "--disable-pip-version-check", "--wheel-dir", str(base), str(source)],
        check=True,
        timeout=100,
    )
    [wheel] = base.glob("zeke_bridge-*.whl")
    target = base / "site-packages"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(target)
    return target


def test_it_has_the_neovim_files(installed: Path) -> None:
    carried = installed / "zeke_bridge" / "nvim"
    for name in ("plugin", "lua", "rplugin", "doc"):
        ours = {path.relative_to(REPOSITORY) for path in (REPOSITORY / name).rglob("*.*")}
        wanted = {path for path in ours if "__pycache__" not in path.parts}
        theirs = {path.relative_to(carried) for path in (carried / name).rglob("*.*")}
        assert wanted <= theirs
    assert (installed / "zeke_bridge" / "store" / "consents.schema.json").exists()
    assert (installed / "zeke_bridge" / "py.typed").exists()
    [entries] = installed.glob("*.dist-info/entry_points.txt")
    assert "zeke = zeke_bridge.cli.zeke:main" in entries.read_text()
    assert "ghostllm = zeke_bridge.cli.ghostllm:main" in entries.read_text()


def test_neovim_runs_from_it_alone(installed: Path, house: House, tmp_path: Path) -> None:
    """The plugin and the broker of the wheel; the repository is on no path."""
    env = house.environment | {"PYTHONPATH": str(installed)}
    carried = installed / "zeke_bridge" / "nvim"
    init = f"vim.g.zeke_python = [[{sys.executable}]]"
    with Nvim(
        tmp_path / "home", "app.py", env=env, init=init, cwd=house.project, runtimepath=carried
    ) as nvim:
        run(nvim, "ZekeExplain")
        done(nvim)
        nvim.wait_screen("This is what the fake says")
        assert str(installed) in nvim.lua("return require('zeke.python').root()")


def test_zeke_nvim_finds_them_there(installed: Path, house: House) -> None:
    ask = "lua io.write(vim.api.nvim_get_runtime_file('lua/zeke/init.lua', false)[1])"
    command = [sys.executable, "-m", "zeke_bridge", "nvim", "--headless", "-u", "NONE", "-i"]
    found = subprocess.run(
        [*command, "NONE", "-c", ask, "-c", "qa!"],
        env=house.environment | {"PYTHONPATH": str(installed), "ZEKE_NVIM": binary()},
        cwd=house.project,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert str(installed) in found.stdout + found.stderr
