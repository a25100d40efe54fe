"""The small commands: model, status, consents, cancel, key; and ``:Zeke`` itself."""

from __future__ import annotations

import json

import pytest

from tests.e2e.conftest import Opener
from tests.e2e.nvim import PATIENCE, Nvim
from tests.e2e.person import accept, answer, denied, done, propose, run
from tests.fakes.house import House


def completions(nvim: Nvim, line: str) -> list[str]:
    found: list[str] = nvim.lua("return vim.fn.getcompletion(..., 'cmdline')", line)
    return found


def test_zeke_completes_over_its_words(editor: Opener) -> None:
    nvim = editor()
    words = completions(nvim, "Zeke ")
    for word in ("chat", "edit", "explain", "analyze", "create", "model", "status", "cancel"):
        assert word in words
    assert completions(nvim, "Zeke cons") == ["consents"]
    assert completions(nvim, "Zeke analyze p") == ["performance"]
    commands = completions(nvim, "Zeke")
    for name in ("Chat", "Edit", "Explain", "Analyze", "Create", "SetModel", "Status", "Consents"):
        assert f"Zeke{name}" in commands


def test_nothing_is_loaded_before_it_is_used(editor: Opener, house: House) -> None:
    nvim = editor()
    loaded = """return vim.tbl_filter(function(name) return name:find("^zeke") end,
      vim.tbl_keys(package.loaded))"""
    assert nvim.lua(loaded) == []
    assert not house.runtime.exists()


def test_an_unknown_word_names_the_nearest(editor: Opener) -> None:
    nvim = editor()
    run(nvim, "Zeke explane")
    nvim.wait_screen("There is no `:Zeke explane`: did you mean `:Zeke explain`?")


@pytest.mark.usefixtures("running")
def test_the_model_is_chosen_with_completion(editor: Opener, house: House) -> None:
    nvim = editor()
    run(nvim, "ZekeSetModel openai:held")
    nvim.wait_screen("The model is now openai:held.")
    assert completions(nvim, "ZekeSetModel openai:bo") == ["openai:boom500"]
    assert completions(nvim, "ZekeSetModel a") == ["auto"]
    house.provider.release()
    run(nvim, "ZekeExplain")
    assert done(nvim)["model"] == "held"
    run(nvim, "ZekeSetModel auto")
    nvim.wait_screen("The model is now auto.")
    run(nvim, "ZekeExplain")
    assert done(nvim)["model"] == "echo"


@pytest.mark.usefixtures("running")
def test_the_model_is_picked_with_the_keyboard(editor: Opener, house: House) -> None:
    house.provider.models = ["echo", "held"]
    nvim = editor()
    run(nvim, "ZekeSetModel")
    nvim.wait_screen("Type number and <Enter>")
    nvim.feed("1<CR>")
    nvim.wait_screen("The model is now auto.")


@pytest.mark.usefixtures("running")
def test_status_says_what_answered_and_why(editor: Opener) -> None:
    nvim = editor()
    run(nvim, "ZekeExplain")
    done(nvim)
    run(nvim, "ZekeStatus")
    nvim.wait_screen("editors: 1")
    nvim.wait_screen("Requests today: 1")
    text = "\n".join(nvim.lines())
    for part in ("embedded, healthy", "├─ OpenAI: ✅ 100% uptime (", "echo (openai)"):
        assert part in text
    assert "explain → openai:echo (" in text
    assert "openai:echo: chosen" in text
    nvim.feed("q")
    nvim.wait_gone("Zeke status")


@pytest.mark.usefixtures("running")
def test_status_names_what_runs(editor: Opener, house: House) -> None:
    nvim = editor(settings={"default_model": "openai:hang"})
    run(nvim, "ZekeExplain")
    assert house.provider.held.wait(PATIENCE)
    run(nvim, "ZekeStatus")
    nvim.wait_for("vim.fn.search([[explain (1)]], 'nw') > 0")


@pytest.mark.usefixtures("running")
def test_consents_are_shown_and_revoked(editor: Opener, house: House) -> None:
    nvim = editor()
    propose(nvim, "1,5ZekeEdit x")
    accept(nvim)
    answer(nvim, "3")
    done(nvim)
    run(nvim, "ZekeConsents")
    text = nvim.wait_screen("write  app.py")
    assert "the project's file is trusted" in text
    nvim.feed("/app.py<CR>r")
    nvim.wait_gone("write  app.py")
    nvim.feed("q")
    assert json.loads((house.project / ".zeke-consents.json").read_text())["grants"] == []
    propose(nvim, "1,6ZekeEdit x")
    accept(nvim)
    answer(nvim, "d")
    denied(nvim)


@pytest.mark.usefixtures("running")
def test_a_consent_file_that_came_along_counts_once_it_is_trusted(
    editor: Opener, house: House
) -> None:
    nvim = editor()
    propose(nvim, "1,5ZekeEdit x")
    accept(nvim)
    answer(nvim, "3")
    done(nvim)
    house.end()
    # As another user would get it with a clone: the file, and no entry in their ledger.
    for ledger in house.state.glob("*trust*"):
        ledger.unlink()
    clone = editor()
    propose(clone, "1,6ZekeEdit x")
    clone.wait_screen(".zeke-consents.json are not trusted yet")
    accept(clone)
    answer(clone, "d")
    denied(clone)
    run(clone, "ZekeConsents")
    clone.wait_screen("is not trusted")
    clone.feed("t")
    clone.wait_screen("the project's file is trusted")
    clone.feed("q")
    propose(clone, "1,6ZekeEdit x")
    accept(clone)
    assert done(clone)["written"]


@pytest.mark.usefixtures("running")
def test_cancel_reaches_the_provider(editor: Opener, house: House) -> None:
    nvim = editor(settings={"default_model": "openai:hang"})
    run(nvim, "ZekeExplain")
    assert house.provider.held.wait(PATIENCE)
    assert completions(nvim, "ZekeCancel ") == ["1"]
    run(nvim, "ZekeCancel")
    nvim.wait_screen("Cancelled: 1.")
    nvim.wait_screen("Stopped:")
    assert house.provider.left.wait(PATIENCE)
    run(nvim, "ZekeCancel")
    nvim.wait_screen("Nothing runs.")


@pytest.mark.usefixtures("running")
def test_cancelling_an_edit_leaves_the_buffer_alone(editor: Opener, house: House) -> None:
    nvim = editor()
    before = nvim.lines()
    propose(nvim, "1,5ZekeEdit x")
    run(nvim, "ZekeCancel")
    nvim.wait_gone("# changed by the fake")
    assert nvim.lines() == before
    assert (house.project / "app.py").read_text().splitlines() == before


def test_a_command_of_another_plugin_is_left_to_it(editor: Opener) -> None:
    nvim = editor(init="vim.api.nvim_create_user_command('ZekeChat', 'let g:theirs = 1', {})")
    run(nvim, "ZekeChat")
    nvim.wait_for("vim.g.theirs == 1")
    nvim.command("checkhealth zeke")
    assert any(":ZekeChat belongs to another plugin" in line for line in nvim.lines())
    nvim.feed(":Zeke chat<CR>")
    nvim.wait_screen("## You")


def test_a_setting_that_does_not_exist_is_named(editor: Opener) -> None:
    nvim = editor(settings={"ghostllm": {"base_ulr": "http://localhost"}})
    run(nvim, "ZekeExplain")
    nvim.wait_screen("Unknown setting ghostllm.base_ulr: did you mean ghostllm.base_url?")


@pytest.mark.usefixtures("running")
def test_the_log_opens(editor: Opener) -> None:
    nvim = editor()
    run(nvim, "ZekeExplain")
    done(nvim)
    run(nvim, "ZekeLog")
    nvim.wait_for("vim.fn.expand('%:t') == 'broker.log'")
    assert nvim.lua("return vim.bo.readonly") is True
    assert any("editor came" in line for line in nvim.lines())
