"""Earlier questions, and where their text comes from."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.nvim import Nvim
from tests.fakes.broker import FakeBroker
from tests.lua.chats import answer, body, head, saved


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "home" / "state" / "nvim" / "zeke" / "chats" / "prompts.jsonl"


def elsewhere(nvim: Nvim, sample: Path) -> str:
    """Ask in another project, and come back; its path."""
    other = sample.parent.parent / "other"
    other.mkdir()
    nvim.command(f"cd {other}")
    return str(other)


def asked_in(nvim: Nvim, broker: FakeBroker, question: str) -> None:
    nvim.feed(f":ZekeChat! {question}<CR>")
    answer(nvim, broker, "Yes.")


def places(nvim: Nvim, broker: FakeBroker) -> set[str]:
    nvim.feed("<Esc><CR>")
    found = set(broker.expect("task.submit")["places"])
    nvim.press("<C-c>")
    return found


def test_a_question_takes_its_places_along(nvim: Nvim, broker: FakeBroker, sample: Path) -> None:
    asked_in(nvim, broker, "the secret")
    here = str(sample.parent)
    there = elsewhere(nvim, sample)
    asked_in(nvim, broker, "nothing")
    nvim.feed(":ZekeChat!<CR>i<C-Up>")
    nvim.wait_for("vim.api.nvim_get_current_line() == 'nothing'")
    assert places(nvim, broker) == {there}
    nvim.feed(":ZekeChat!<CR>i<C-Up><C-Up>")
    nvim.wait_for("vim.api.nvim_get_current_line() == 'the secret'")
    assert places(nvim, broker) == {here, there}


def test_what_was_recalled_and_changed_still_comes_from_there(
    nvim: Nvim, broker: FakeBroker, sample: Path
) -> None:
    asked_in(nvim, broker, "the secret")
    here = str(sample.parent)
    there = elsewhere(nvim, sample)
    nvim.feed(":ZekeChat!<CR>i<C-Up> and more<C-Up><C-Down>")
    nvim.wait_for("vim.api.nvim_get_current_line() == 'the secret and more'")
    assert places(nvim, broker) == {here, there}


def test_a_draft_that_is_saved_keeps_its_places(
    nvim: Nvim, broker: FakeBroker, sample: Path
) -> None:
    asked_in(nvim, broker, "the secret")
    here = str(sample.parent)
    elsewhere(nvim, sample)
    asked_in(nvim, broker, "nothing")
    nvim.feed("i<C-Up><C-Up>")
    path = saved(nvim)
    while "the secret" not in body(path) or "nothing" not in body(path):
        path = saved(nvim)
    assert here in head(path)["places"]


def test_they_are_kept_with_their_places(
    nvim: Nvim, broker: FakeBroker, sample: Path, store: Path
) -> None:
    store.parent.mkdir(parents=True)
    store.write_text('"of nobody knows where"\n{"text": 1}\nbroken\n')
    store.chmod(0o644)
    asked_in(nvim, broker, "the secret")
    saved(nvim)
    nvim.wait_for("#vim.fn.readfile(...) == 4", str(store))
    wanted = {"text": "the secret", "places": [str(sample.parent)]}
    assert json.loads(store.read_text().splitlines()[-1]) == wanted
    assert stat.S_IMODE(store.stat().st_mode) == 0o600
    assert nvim.lua("return require('zeke.chat.prompts').all()") == [wanted]


def test_lines_of_a_file_are_not_in_it(nvim: Nvim, broker: FakeBroker, store: Path) -> None:
    nvim.feed(":1,2ZekeChat what?<CR>")
    answer(nvim, broker, "A sum.")
    nvim.wait_for("vim.uv.fs_stat(...) ~= nil and #vim.fn.readfile(...) > 0", str(store))
    assert "result" not in store.read_text()
    assert "result" not in body(saved(nvim))


def test_a_next_neovim_knows_them(
    nvim: Nvim,
    broker: FakeBroker,
    sample: Path,
    store: Path,
    open_nvim: Callable[..., Nvim],
) -> None:
    asked_in(nvim, broker, "the secret")
    nvim.wait_for("vim.uv.fs_stat(...) ~= nil and #vim.fn.readfile(...) > 0", str(store))
    there = elsewhere(nvim, sample)
    init = f"vim.g.zeke_python = [[{broker.python()}]]"
    env = {"ZEKE_RUNTIME_DIR": str(broker.directory)}
    other = open_nvim(env=env, init=init, cwd=Path(there))
    other.feed(":ZekeChat<CR>")
    other.wait_for("#require('zeke.chat.prompts').all() == 1")
    other.feed("i<C-Up>")
    other.wait_for("vim.api.nvim_get_current_line() == 'the secret'")
    assert places(other, broker) == {str(sample.parent), there}
