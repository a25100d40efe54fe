"""``:ZekeAuth``: from a provider to a key that is typed unseen, tried and kept; or to a login."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.nvim import Nvim
from tests.e2e.person import says
from tests.fakes.broker import FakeBroker
from tests.lua.test_live import account

PAGE = "https://platform.openai.com/api-keys"
ROWS = [
    account("openai", "no key", "none", page=PAGE),
    account("anthropic", "key refused", "keyring", names=["claude"]),
    account("google", "healthy", "environment", variable="GEMINI_API_KEY"),
    account("github", "no key", "none", names=["copilot"], login=True),
    account("local", "no model", "not needed", needed=False, start="zeke model install"),
    account("ollama", "", "", needed=False, start="ollama serve"),
]
HERE: dict[str, Any] = {"core": "", "message": "", "providers": ROWS}
FAR = {**HERE, "core": "http://far:8080"}
PICK = """
local number = ...
vim.ui.select = function(items, how, done)
  vim.g.asked = { how.prompt, vim.tbl_map(how.format_item, items) }
  done(items[number])
end
"""
KEPT = {"provider": "openai", "stored": "the system keyring", "outcome": "works", "models": 12}
YES_NO = "y goes on. Any other key: no."
SECRET = "sk-secret"


@pytest.fixture(autouse=True)
def _providers(broker: FakeBroker) -> None:
    broker.states["providers"] = HERE


def typed(nvim: Nvim, broker: FakeBroker, name: str = "openai") -> dict[str, Any]:
    """Type a key; what the broker got."""
    nvim.feed(f":ZekeAuth {name}<CR>")
    nvim.wait_screen("Key for ")
    nvim.feed(f"{SECRET}<CR>")
    return broker.expect("auth.set")


def answer(broker: FakeBroker, sent: dict[str, Any], **data: Any) -> None:
    fields = {"provider": sent["provider"], "stored": "", "message": "", "models": 0}
    broker.send("state", reply=sent["reply"], what="auth", data={**fields, **data})


def boxed(text: str) -> str:
    """What stands in the window on the screen."""
    rows = [line.split("│")[1].strip() for line in text.split("\n") if line.count("│") == 2]
    return " ".join(rows)


def everywhere(nvim: Nvim) -> str:
    """What a person could come across a key in."""
    return str(
        nvim.lua(
            "local all = { vim.fn.execute('history all'), vim.fn.execute('registers'),"
            " vim.fn.execute('messages'), vim.inspect(_G.heard) }"
            " for _, buffer in ipairs(vim.api.nvim_list_bufs()) do"
            "  vim.list_extend(all, vim.api.nvim_buf_get_lines(buffer, 0, -1, false)) end"
            " vim.cmd.wshada({ bang = true })"
            " return table.concat(all, '\\n')"
        )
    )


def test_a_key_is_typed_unseen_tried_and_kept(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.lua(
        "_G.heard = {} vim.api.nvim_create_autocmd('User', { callback = function(event)"
        " table.insert(_G.heard, { event.match, event.data }) end })"
    )
    nvim.feed(":ZekeAuth openai<CR>")
    nvim.wait_screen(f"Key for OpenAI (get one at {PAGE}):")
    nvim.feed(SECRET)
    nvim.wait_screen("*********")
    nvim.feed("<CR>")
    sent = broker.expect("auth.set")
    assert (sent["provider"], sent["key"], sent["test"]) == ("openai", SECRET, True)
    nvim.wait_screen("Zeke: testing the key of OpenAI …")
    answer(broker, sent, **KEPT)
    says(nvim, "It works, 12 models. The key for OpenAI is in the system keyring.")
    nvim.wait_gone("testing the key")
    assert nvim.wait_event("ZekeAuthDone") == {
        "provider": "openai",
        "stored": "the system keyring",
    }
    assert SECRET not in everywhere(nvim)
    assert SECRET not in nvim.screen.text


def test_the_editor_lives_while_a_key_is_typed(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.feed(":ZekeExplain<CR>")
    task = broker.expect("task.submit")["id"]
    nvim.feed(":ZekeAuth openai<CR>")
    nvim.wait_screen("Key for OpenAI")
    broker.send("task.delta", id=task, text="still here")
    nvim.wait_event("ZekeTaskDelta")
    nvim.feed(f"{SECRET}<CR>")
    assert broker.expect("auth.set")["key"] == SECRET


@pytest.mark.parametrize(
    ("outcome", "message", "asked"),
    [
        ("refused", "openai refused the key.", "OpenAI does not take this key."),
        ("unknown", "openai cannot be reached.", "The key for OpenAI could not be tested."),
    ],
)
def test_a_key_that_does_not_work_is_kept_only_on_demand(
    nvim: Nvim, broker: FakeBroker, outcome: str, message: str, asked: str
) -> None:
    answer(broker, typed(nvim, broker), outcome=outcome, message=message)
    text = boxed(nvim.wait_screen(YES_NO))
    assert f"{asked} {message} Keep it anyway? [y/N]" in text
    nvim.feed("n")
    says(nvim, "The key was not kept: nothing changed.")
    nvim.wait_gone(YES_NO)
    assert not broker.seen("auth.set")
    answer(broker, typed(nvim, broker), outcome=outcome, message=message)
    nvim.wait_screen(YES_NO)
    nvim.feed("y")
    sent = broker.expect("auth.set")
    assert (sent["key"], sent["test"]) == (SECRET, False)
    answer(broker, sent, stored="the system keyring")
    says(nvim, "The key for OpenAI is in the system keyring.")


@pytest.mark.parametrize("keys", ["<Esc>", "<C-c>", "<CR>", "  <CR>"])
def test_no_key_changes_nothing(nvim: Nvim, broker: FakeBroker, keys: str) -> None:
    nvim.feed(":ZekeAuth openai<CR>")
    nvim.wait_screen("Key for OpenAI")
    nvim.feed(keys)
    says(nvim, "No key was typed: nothing changed.")
    assert not broker.seen("auth.set")


def test_a_macro_would_hold_the_key(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.feed("qa:ZekeAuth openai<CR>")
    nvim.wait_screen("A macro is being recorded, and would hold the key")
    assert "Key for" not in nvim.screen.text


@pytest.mark.parametrize(
    ("line", "name"),
    [("openai sk-or-v1-abc", "openai"), ("sk-ant-api03-" + "a" * 60, "openai")],
)
def test_a_key_in_the_command_is_taken_out_of_the_history(
    nvim: Nvim, broker: FakeBroker, line: str, name: str
) -> None:
    nvim.feed(f":ZekeAuth {line}<CR>")
    nvim.wait_screen(f"Leave the key out of the command: `:ZekeAuth {name}`")
    assert line not in nvim.lua("return vim.fn.execute('history all')")
    assert not broker.seen("auth.set")


def test_a_key_that_another_one_hides_is_told_of(nvim: Nvim, broker: FakeBroker) -> None:
    answer(broker, typed(nvim, broker, "google"), **{**KEPT, "provider": "google"})
    first = "It works, 12 models. The key for Google is in the system keyring."
    says(nvim, f"{first} But the one in $GEMINI_API_KEY counts before it.")


def test_without_a_name_there_is_a_list_with_states(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.lua(PICK, 1)
    nvim.feed(":ZekeAuth<CR>")
    prompt, rows = nvim.wait_for("vim.g.asked")
    assert prompt == "Provider"
    assert rows == [
        "OpenAI: no key",
        "Anthropic: key in the keyring, wrong key",
        "Google: key in the environment, healthy",
        "GitHub: no key",
        "Local model: no model",
        "Ollama: not in use",
    ]
    nvim.wait_screen("Key for OpenAI")
    nvim.feed("<Esc>")


def test_a_provider_has_other_names(nvim: Nvim, broker: FakeBroker) -> None:
    assert typed(nvim, broker, "claude")["provider"] == "anthropic"


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (
            "local",
            "Local model needs no key: `zeke model install` installs it. Now it is no model.",
        ),
        (
            "ollama",
            "Ollama needs no key: `ollama serve` starts it. It is used once `[providers.ollama]` "
            "stands in GhostLLM's config.toml.",
        ),
        ("opanai", "There is no provider opanai (nearest: openai)."),
        ("OPANAI", "There is no provider OPANAI (nearest: openai)."),
        ("nosuch", "There is no provider nosuch: `:ZekeAuth` lists them."),
        (
            "ghostllm",
            "A remote GhostLLM's key is in the variable that `ghostllm.api_key_env` names; "
            "`:ZekeAuthGhostLLM {url}` connects to one.",
        ),
    ],
)
def test_who_wants_no_key_says_what_helps(
    nvim: Nvim, broker: FakeBroker, name: str, sentence: str
) -> None:
    nvim.feed(f":ZekeAuth {name}<CR>")
    says(nvim, sentence)


def test_a_list_never_opens_under_who_types(nvim: Nvim, broker: FakeBroker) -> None:
    del broker.states["providers"]
    nvim.lua(PICK, 1)
    nvim.feed(":ZekeAuth<CR>")
    asked = broker.expect("state.get")
    nvim.feed("Gox = 1<Esc>")
    nvim.settle()
    broker.send("state", reply=asked["reply"], what="providers", data=HERE)
    says(nvim, "The providers are known now: run `:ZekeAuth` again.")
    assert nvim.lua("return vim.g.asked") is None
    assert nvim.lines()[-1] == "x = 1"


def test_a_question_for_a_key_never_opens_over_another_window(
    nvim: Nvim, broker: FakeBroker
) -> None:
    del broker.states["providers"]
    nvim.feed(":ZekeAuth openai<CR>")
    asked = broker.expect("state.get")
    nvim.command("new")
    broker.send("state", reply=asked["reply"], what="providers", data=HERE)
    nvim.wait_screen("run `:ZekeAuth openai` again.")
    assert "Key for" not in nvim.screen.text


def test_who_asks_a_far_core_is_told_before(nvim: Nvim, broker: FakeBroker) -> None:
    broker.states["providers"] = FAR
    nvim.feed(":ZekeAuth openai<CR>")
    text = boxed(nvim.wait_screen(YES_NO))
    assert "asks http://far:8080, which sees only keys kept where it runs" in text
    assert "`ghostllm auth set openai` there" in text
    nvim.feed("n")
    says(nvim, "Nothing was changed.")
    nvim.wait_gone(YES_NO)
    nvim.feed(":ZekeAuth openai<CR>")
    nvim.wait_screen(YES_NO)
    nvim.feed("y")
    nvim.wait_screen("Key for OpenAI")
    nvim.feed(f"{SECRET}<CR>")
    answer(broker, broker.expect("auth.set"), **KEPT, core="http://far:8080")
    asks = "This Neovim asks http://far:8080, which sees only keys kept where it runs."
    says(nvim, f"It works, 12 models. The key for OpenAI is in the system keyring. {asks}")


def test_a_core_that_is_away_keeps_nobody_from_a_key(nvim: Nvim, broker: FakeBroker) -> None:
    broker.states["providers"] = {**HERE, "message": "The core is away."}
    nvim.lua(PICK, 1)
    nvim.feed(":ZekeAuth<CR>")
    nvim.wait_screen("Key for OpenAI")
    nvim.feed("<Esc>")
    says(nvim, "The core is away.")


def test_a_key_that_is_stored_late_is_told_of(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.lua("vim.defer_fn = function(ended) _G.time_out = ended end")
    sent = typed(nvim, broker)
    nvim.lua("time_out()")
    nvim.wait_screen("The broker does not answer")
    answer(broker, sent, **KEPT)
    says(nvim, "The key of OpenAI was stored after all, in the system keyring.")


def test_a_list_of_models_never_opens_under_who_types(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.lua("vim.ui.select = function(items, how) vim.g.asked = { how.prompt, #items } end")
    nvim.feed(":ZekeSetModel<CR>")
    asked = broker.expect("state.get")
    nvim.feed("Go1<Esc>")
    nvim.settle()
    models = {"models": [{"id": "local:tiny", "provider": "local"}]}
    broker.send("state", reply=asked["reply"], what="models", data=models)
    nvim.wait_screen("run `:ZekeSetModel` again to choose.")
    assert nvim.lua("return vim.g.asked") is None
    nvim.feed(":ZekeSetModel<CR>")
    assert nvim.wait_for("vim.g.asked") == ["Model", 5]
