"""``:checkhealth zeke``, ``zeke doctor`` and ``zeke nvim``: the live chain, link by link."""

from __future__ import annotations

import sys

import pytest

from tests.e2e.conftest import Opener
from tests.e2e.nvim import Nvim, binary
from tests.e2e.person import done, run
from tests.fakes.core import FakeCore
from tests.fakes.house import House


def report(nvim: Nvim) -> str:
    nvim.command("checkhealth zeke")
    return "\n".join(nvim.lines())


def test_the_whole_chain(editor: Opener, house: House) -> None:
    nvim = editor()
    run(nvim, "ZekeExplain")
    done(nvim)
    text = report(nvim)
    for part in (
        "Neovim 0.1",
        "has zeke-bridge: zeke 0.",
        "broker.sock is reachable for you alone",
        f"answers (process {house.pid()})",
        "The core (embedded) is healthy",
        "openai: healthy",
        "local: not installed",
        "Consents of this project: none",
    ):
        assert part in text, text
    assert "ERROR" not in text


@pytest.mark.usefixtures("running")
def test_each_broken_link_has_advice(editor: Opener) -> None:
    with FakeCore("HTML") as core:
        text = report(editor(settings={"ghostllm": {"base_url": core.base_url}}))
    assert f"The core ({core.base_url}) is unreachable" in text
    assert "ADVICE" in text
    assert "a web page" in text


def test_without_a_python_that_has_it(editor: Opener) -> None:
    text = report(editor(init="vim.g.zeke_python = '/bin/false'"))
    assert "No Python with zeke-bridge was found" in text
    assert "pip install zeke-bridge" in text


@pytest.mark.usefixtures("running")
def test_a_consent_file_that_cannot_be_read(editor: Opener, house: House) -> None:
    (house.project / ".zeke-consents.json").write_text("{")
    text = report(editor())
    assert ".zeke-consents.json of this project is broken" in text


def test_doctor_walks_it_at_the_shell(house: House) -> None:
    found = house.zeke("doctor")
    assert found.returncode == 0, found.stdout
    for link in ("Neovim", "Python", "broker", "socket", "core", "models", "consents"):
        assert f"ok    {link}" in found.stdout, found.stdout


@pytest.mark.parametrize("name", ["doctor", "broker"])
def test_a_broken_configuration_is_a_sentence(house: House, name: str) -> None:
    config = house.base / "config"
    config.mkdir()
    (config / "config.toml").write_text("[ghostllm]\nbase_ulr = 'x'\n")
    found = house.zeke(*({"doctor": ("doctor",), "broker": ("broker", "status")}[name]))
    assert "Traceback" not in found.stdout + found.stderr
    if name == "doctor":
        assert "base_url" in found.stdout + found.stderr
        assert found.returncode == 1


@pytest.fixture
def shell(house: House) -> House:
    """A house in whose environment ``zeke nvim`` finds the Neovim of these tests."""
    house.environment["ZEKE_NVIM"] = binary()
    return house


def test_zeke_nvim_opens_neovim_with_the_plugin(shell: House) -> None:
    ask = "lua io.write(vim.fn.exists(':ZekeEdit'), ' ', vim.g.zeke_python)"
    plain = ("--headless", "-u", "NONE", "-i", "NONE", "--cmd", "runtime plugin/zeke.lua")
    found = shell.zeke("nvim", *plain, "-c", ask, "-c", "qa!")
    assert found.returncode == 0, found.stderr
    assert f"2 {sys.executable}" in found.stdout + found.stderr


def test_zeke_nvim_keeps_the_configuration_of_the_person(shell: House) -> None:
    config = shell.base / "xdg" / "nvim"
    config.mkdir(parents=True)
    (config / "init.lua").write_text("vim.g.mine = 'kept'\n")
    shell.environment["XDG_CONFIG_HOME"] = str(config.parent)
    ask = "lua io.write(vim.g.mine, vim.fn.exists(':ZekeEdit'))"
    found = shell.zeke("nvim", "--headless", "-i", "NONE", "-c", ask, "-c", "qa!")
    assert "kept2" in found.stdout + found.stderr
