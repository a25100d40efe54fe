"""Each way to get the plugin, on a machine where nothing of it is, up to a broker that answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

import zeke_bridge
from tests.e2e.nvim import Nvim
from tests.e2e.person import run
from tests.fakes.house import House
from tests.install import managers
from tests.install.managers import Place, Way

WAYS = [
    managers.packpath,
    managers.lazy,
    managers.lazy_on_command,
    managers.vim_pack,
    managers.packer,
    # LuaRocks is another program, and the same one for each Neovim.
    pytest.param(managers.rocks, marks=pytest.mark.once),
]
# The whole installation by pip takes ten seconds: from the checkout, and from the package index.
# The others find what the first has made.
WHOLE = (managers.packpath, managers.rocks)
LOADED = "return vim.tbl_filter(function(n) return vim.startswith(n, 'zeke') end, vim.tbl_keys(package.loaded))"
INSTALLED = f"zeke-bridge {zeke_bridge.__version__} is installed in"
RUNS = re.compile(rf"Broker +{re.escape(zeke_bridge.__version__)}")
INSTALL_S = 200.0

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the Python side that was installed first is kept for the others."""
    return tmp_path_factory.mktemp("made")


@pytest.fixture
def place(machine: House, origin: Path) -> Place:
    return Place(machine.base / "home", origin, dict(machine.environment))


@pytest.fixture
def opened(place: Place, machine: House) -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def start(stack: ExitStack, place: Place, machine: House) -> Nvim:
    """Neovim with that person's configuration and nothing of the repository."""
    arguments = ("-u", str(place.init), "a.py")
    return stack.enter_context(
        Nvim(place.home, *arguments, env=place.env, cwd=machine.project, size=(100, 30))
    )


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_from_nothing_to_an_answer(
    way: Way, place: Place, machine: House, opened: ExitStack, made: Path
) -> None:
    place.home.mkdir()
    way(place)
    kept = made / "zeke"
    first = not kept.exists()
    if first:
        kept.mkdir()
    if first or way not in WHOLE:
        place.data.mkdir(parents=True, exist_ok=True)
        (place.data / "zeke").symlink_to(kept)
    nvim = start(opened, place, machine)
    # Nothing is said at the start, nothing is loaded, and the commands are there.
    assert nvim.lua("return vim.trim(vim.fn.execute('messages'))") == ""
    assert "Press ENTER" not in nvim.screen.text
    assert nvim.lua(LOADED) in ([], {})
    assert nvim.lua("return vim.fn.exists(':ZekeStatus')") == 2

    if first or way in WHOLE:
        run(nvim, "ZekeStatus")
        nvim.wait_screen("run `:Zeke install`")
        nvim.feed("q")
        nvim.wait_gone("╭ Zeke status")
        run(nvim, "Zeke install")
        nvim.wait_screen(
            lambda screen: INSTALLED in " ".join(screen.text.split()), patience=INSTALL_S
        )

    run(nvim, "ZekeStatus")
    nvim.wait_screen(lambda screen: RUNS.search(screen.text), patience=INSTALL_S)
    nvim.feed("q")
    nvim.wait_gone("╭ Zeke status")
    python = nvim.lua("return require('zeke.python').candidates()[1].argv[1]")
    assert python == str(place.data / "zeke" / "venv" / "bin" / "python")
    nvim.command("help zeke")
    assert nvim.lua("return vim.api.nvim_buf_get_name(0)").endswith("/doc/zeke.txt")
    nvim.command("helpclose")
    nvim.command("checkhealth zeke")
    report = "\n".join(nvim.lines())
    assert "`:Zeke install` made " in report
    assert "ERROR" not in report.replace("No model is there to ask", "")
