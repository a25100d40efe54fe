"""``:ZekeAuth``: a key that is typed unseen, and where it goes; nothing that takes other keys."""

from __future__ import annotations

from tests.e2e.nvim import Nvim
from tests.e2e.person import says
from tests.fakes.broker import FakeBroker

HEALTHY = {"core": {"where": "http://far", "status": "healthy"}}
SELECT = "vim.ui.select = function(items, how) vim.g.asked = { how.prompt, #items } end"


def store(nvim: Nvim, broker: FakeBroker) -> int:
    """Type a key; the number of the broker's reply."""
    nvim.feed(":ZekeAuth openai<CR>")
    nvim.wait_screen("Key for openai:")
    nvim.feed("sk-secret<CR>")
    return int(broker.expect("auth.set")["reply"])


def test_a_key_is_typed_unseen(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.feed(":ZekeAuth openai<CR>")
    nvim.wait_screen("Key for openai:")
    nvim.feed("sk-secret")
    nvim.wait_screen("*********")
    nvim.feed("<CR>")
    sent = broker.expect("auth.set")
    assert (sent["provider"], sent["key"]) == ("openai", "sk-secret")
    data = {"provider": "openai", "stored": "the keyring"}
    broker.send("state", reply=sent["reply"], what="auth", data=data)
    text = nvim.wait_screen("The key for openai is in the keyring.")
    assert "sk-secret" not in text
    assert "sk-secret" not in nvim.lua("return vim.fn.execute('history all')")


def test_without_a_name_the_core_is_looked_at_first(nvim: Nvim, broker: FakeBroker) -> None:
    broker.states["health"] = HEALTHY
    nvim.lua(SELECT)
    nvim.feed(":ZekeAuth<CR>")
    prompt, count = nvim.wait_for("vim.g.asked")
    assert prompt == "GhostLLM (http://far: healthy). A key for"
    assert count > 5


def test_a_list_never_opens_under_who_types(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.lua(SELECT)
    nvim.feed(":ZekeAuth<CR>")
    asked = broker.expect("state.get")
    nvim.feed("Gox = 1<Esc>")
    nvim.settle()
    broker.send("state", reply=asked["reply"], what="health", data=HEALTHY)
    says(nvim, "GhostLLM (http://far: healthy). To set a key, run `:ZekeAuth` again.")
    assert nvim.lua("return vim.g.asked") is None
    assert nvim.lines()[-1] == "x = 1"


def test_a_list_never_opens_over_another_window(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.lua(SELECT)
    nvim.feed(":ZekeAuth<CR>")
    asked = broker.expect("state.get")
    nvim.command("new")
    broker.send("state", reply=asked["reply"], what="health", data=HEALTHY)
    nvim.wait_screen("run `:ZekeAuth` again.")
    assert nvim.lua("return vim.g.asked") is None


def test_a_key_that_a_far_core_does_not_see_is_told_of(nvim: Nvim, broker: FakeBroker) -> None:
    reply = store(nvim, broker)
    data = {"provider": "openai", "stored": "the keyring", "core": "http://far:8080"}
    broker.send("state", reply=reply, what="auth", data=data)
    asks = "This Neovim asks http://far:8080, which sees only keys kept where it runs."
    says(nvim, f"The key for openai is in the keyring. {asks}")


def test_a_key_that_is_stored_late_is_told_of(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.lua("vim.defer_fn = function(ended) _G.time_out = ended end")
    reply = store(nvim, broker)
    nvim.lua("time_out()")
    nvim.wait_screen("The broker does not answer")
    data = {"provider": "openai", "stored": "the keyring"}
    broker.send("state", reply=reply, what="auth", data=data)
    says(nvim, "The key of openai was stored after all, in the keyring.")


def test_a_list_of_models_never_opens_under_who_types(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.lua(SELECT)
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
