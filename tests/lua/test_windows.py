"""The windows to look at: status, consents, log; and the small commands beside them."""

from __future__ import annotations

from typing import Any

from tests.e2e.nvim import Nvim
from tests.fakes.broker import FakeBroker
from tests.lua.prompts import ASK

STATUS: dict[str, Any] = {
    "broker": {"version": "0.1.0", "pid": 42, "uptime_s": 130.0, "editors": 1, "log": "/x.log"},
    "core": {"where": "embedded", "status": "healthy", "providers": {"local": "ready"}},
    "model": "auto",
    "last": {
        "model": "tiny",
        "provider": "local",
        "cached": False,
        "route": {
            "task": "chat",
            "reason": "the only one there",
            "tried": [{"candidate": "local:tiny", "outcome": "chosen"}],
        },
    },
    "tasks": [{"id": "7", "kind": "explain"}],
}


def test_status(nvim: Nvim, broker: FakeBroker) -> None:
    broker.states["status"] = STATUS
    nvim.feed(":ZekeStatus<CR>")
    nvim.wait_screen("Zeke status")
    text = nvim.wait_screen("process 42, up 2 min")
    assert "embedded, healthy" in text
    whole = "\n".join(nvim.lines())
    for part in ("Local model: ", "tiny (local)", "chat: the only one there", "explain (7)"):
        assert part in whole
    nvim.feed("q")
    nvim.wait_gone("Zeke status")


def test_status_closed_before_the_answer(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.feed(":ZekeStatus<CR>")
    reply = broker.expect("state.get")["reply"]
    nvim.feed("q")
    nvim.settle()
    broker.send("state", reply=reply, what="status", data=STATUS)
    nvim.wait_event("ZekeState")
    assert nvim.lua("return vim.v.errmsg") == ""


def test_what_is_too_long_goes_on_under_its_row(nvim: Nvim, broker: FakeBroker) -> None:
    where = "LiteLLM at http://127.0.0.1:4000/v1 through the embedded core of this broker"
    broker.states["status"] = {**STATUS, "core": {"where": where, "status": "healthy"}}
    nvim.feed(":ZekeStatus<CR>")
    nvim.wait_screen("Core      LiteLLM at")
    row = nvim.screen.row_of("Core      LiteLLM at")
    column = nvim.screen.lines[row].index("LiteLLM")
    below = nvim.screen.lines[row + 1].strip("│ ")
    assert below.startswith(("core", "this", "broker", "of"))
    assert nvim.screen.lines[row + 1].index(below) == column


def test_a_state_that_fails_says_so(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.feed(":ZekeStatus<CR>")
    reply = broker.expect("state.get")["reply"]
    error = {"code": "unreachable", "message": "The core is away."}
    broker.send("state", reply=reply, what="status", error=error)
    nvim.wait_screen("The core is away.")


def test_the_log_opens_at_its_end(nvim: Nvim, broker: FakeBroker) -> None:
    (broker.directory / "broker.log").write_text("first\nlast\n")
    broker.states["status"] = {"broker": {"log": str(broker.directory / "broker.log")}}
    nvim.feed(":ZekeLog<CR>")
    nvim.wait_screen("last")
    assert nvim.lua("return vim.bo.readonly") is True
    assert nvim.lua("return vim.fn.getline('.')") == "last"


def test_the_model_is_set_for_the_next_task(nvim: Nvim, broker: FakeBroker) -> None:
    broker.states["models"] = {"models": [{"id": "local:tiny", "provider": "local"}]}
    nvim.feed(":ZekeSetModel local:tiny<CR>")
    nvim.wait_screen("The model is now local:tiny.")
    nvim.feed(":ZekeExplain<CR>")
    assert broker.expect("task.submit")["model"] == "local:tiny"
    nvim.feed(":ZekeSetModel local:tyni<CR>")
    nvim.wait_screen("There is no model local:tyni (nearest: local:tiny).")


def test_the_model_is_chosen_from_a_list(nvim: Nvim, broker: FakeBroker) -> None:
    broker.states["models"] = {"models": [{"id": "local:tiny", "provider": "local"}]}
    nvim.lua("vim.ui.select = function(items, _, done) done(items[#items]) end")
    nvim.feed(":ZekeSetModel<CR>")
    nvim.wait_screen("The model is now local:tiny.")


def test_cancel_without_anything(nvim: Nvim) -> None:
    nvim.feed(":ZekeCancel<CR>")
    nvim.wait_screen("Zeke: Nothing runs.")


def test_the_statusline(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.command("set statusline=%{%v:lua.require'zeke'.statusline()%}")
    assert nvim.lua("return require('zeke').statusline()") == ""
    nvim.feed(":ZekeChat hello<CR>")
    broker.expect("task.submit")
    broker.send("status.changed", tasks=1, waiting=0, model="auto")
    nvim.wait_screen("zeke: 1 task · auto")
    broker.send("consent.asked", **ASK)
    nvim.wait_screen("zeke: 1 task · 1 waiting · auto")
    broker.send("status.changed", tasks=1, waiting=3, model="auto")
    nvim.wait_screen("zeke: 1 task · 3 waiting · auto")
    broker.send("consent.closed", prompt="p1", outcome="deny")
    broker.send("status.changed", tasks=1, waiting=0, model="auto")
    nvim.wait_screen(lambda screen: "zeke: 1 task · auto" in screen.text)


def test_health(nvim: Nvim, broker: FakeBroker) -> None:
    broker.states["health"] = {"core": STATUS["core"], "consents": {"trust": "trusted"}}
    broker.states["agent.list"] = {"agents": []}
    nvim.lua("vim.g.zeke_left_alone = { ZekeChat = 'theirs' }")
    nvim.command("checkhealth zeke")
    text = "\n".join(nvim.lines())
    for part in (
        "Neovim 0.1",
        ":ZekeChat belongs to another plugin",
        "is reachable for you alone",
        "Broker 0.1.0 answers",
        "The core (embedded) is healthy",
        "local: ready",
        "Consents of this project: trusted",
    ):
        assert part in text


def test_health_without_a_broker(nvim: Nvim, broker: FakeBroker) -> None:
    broker.die()
    broker.path.unlink()
    broker.start_error = "No room."
    nvim.command("checkhealth zeke")
    text = "\n".join(nvim.lines())
    assert "No room." in text
    assert "zeke doctor" in text
