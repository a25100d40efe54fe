"""A text is as secret as its file, whatever a plugin has put between the file and the buffer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e.conftest import SAMPLE, Opener, tidied
from tests.e2e.nvim import Nvim
from tests.e2e.person import accept, answer, done, failed, propose, run
from tests.fakes.house import House

MARK = "# changed by the fake"


@pytest.fixture
def house(lasting: House) -> House:
    return tidied(lasting)


@pytest.fixture
def nvim(editor: Opener) -> Nvim:
    return editor()


@pytest.mark.parametrize("kind", ["acwrite", "nofile"])
def test_a_secret_is_asked_about_whatever_its_buffer_is(
    nvim: Nvim, house: House, kind: str
) -> None:
    (house.project / ".env").write_text("API_KEY=topsecret\n")
    nvim.command(f"edit .env | set buftype={kind}")
    run(nvim, "ZekeExplain")
    nvim.wait_screen("It looks like a place for keys or passwords.")
    answer(nvim, "d")
    failed(nvim)
    assert "topsecret" not in json.dumps(house.provider.requests)


def test_an_old_version_of_a_secret_is_asked_about(nvim: Nvim, house: House) -> None:
    nvim.command(f"enew | file fugitive://{house.project}/.git//0123/deploy/.env")
    nvim.command("set buftype=nowrite | call setline(1, 'API_KEY=topsecret')")
    run(nvim, "ZekeAnalyze security")
    nvim.wait_screen("It looks like a place for keys or passwords.")
    answer(nvim, "d")
    failed(nvim)
    assert "topsecret" not in json.dumps(house.provider.requests)


def test_lines_of_a_secret_are_not_kept_with_the_chat(nvim: Nvim, house: House) -> None:
    (house.project / ".env").write_text("API_KEY=topsecret\n")
    nvim.command("edit .env | set buftype=acwrite")
    run(nvim, "%ZekeChat what is it")
    nvim.wait_screen("It looks like a place for keys or passwords.")
    answer(nvim, "d")
    done(nvim)
    assert "topsecret" not in nvim.lua(
        "return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\\n')"
    )
    assert "topsecret" not in json.dumps(house.provider.requests)


def test_a_change_goes_into_the_buffer_and_not_over_the_file(nvim: Nvim, house: House) -> None:
    path: Path = house.project / "app.py"
    nvim.command("set buftype=acwrite")
    propose(nvim, "1,5ZekeEdit say what it is")
    accept(nvim)
    ended = done(nvim)
    assert [file["state"] for file in ended["files"]] == ["applied"]
    nvim.wait_for("vim.fn.getline(1) == ...", MARK)
    assert path.read_text() == SAMPLE
    assert nvim.lua("return vim.bo.modified") is True
