"""Which keys answer the prompt: the person's own, after they could see it; and nobody else's."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.e2e.loop import Stopwatch, never_stalls
from tests.e2e.nvim import Nvim
from tests.fakes.broker import FakeBroker
from tests.lua.conftest import SAMPLE
from tests.lua.prompts import ASK, FLOATS, READY, WAITS, ask, enter, focused


def unanswered(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.settle()
    assert not broker.seen("consent.answer")


def click(nvim: Nvim, row: int, column: int, button: str = "left", times: int = 1) -> None:
    for _ in range(times):
        for action in ("press", "release"):
            nvim.request("nvim_input_mouse", button, action, "", 0, row, column)


def test_time_in_which_neovim_stood_still_is_not_part_of_the_guard(
    acting: Nvim, broker: FakeBroker
) -> None:
    """The question comes, then Neovim draws nothing for longer than the guard, while one types."""
    acting.lua(
        """require('zeke.events').dispatch('consent.asked', ...)
        local keys = vim.keycode('111ddd<Esc>')
        vim.schedule(function()
          vim.uv.sleep(1000)
          vim.api.nvim_feedkeys(keys, 't', false)
          vim.defer_fn(function() vim.api.nvim_feedkeys(keys, 't', false) end, 50)
        end)""",
        {**ASK, "guard_ms": 800},
    )
    acting.feed("111ddd<Esc>")
    acting.wait_screen(READY)
    unanswered(acting, broker)
    acting.lua("vim.api.nvim_feedkeys('1', 't', false)")
    assert broker.expect("consent.answer")["choice"] == "once"


@pytest.mark.parametrize("key", ["1", "d"])
def test_only_fingers_answer(acting: Nvim, broker: FakeBroker, key: str) -> None:
    acting.lua("vim.fn.setreg('q', ...)", key)
    acting.command(f"nmap <F5> {key}")
    ask(acting, broker)
    acting.wait_screen(READY)
    acting.lua("vim.api.nvim_feedkeys(..., 'm', false)", key)
    acting.feed(f":normal {key}<CR>")
    acting.feed("<F5>@q")
    acting.feed(":normal @q<CR>")
    unanswered(acting, broker)
    assert focused(acting)
    acting.feed(key)
    broker.expect("consent.answer")


def test_a_macro_that_goes_to_the_prompt_does_not_answer_it(
    typing: Nvim, broker: FakeBroker
) -> None:
    typing.lua("vim.fn.setreg('q', vim.keycode(':Zeke prompt<CR>1d2'))")
    ask(typing, broker)
    typing.wait_screen(WAITS)
    typing.feed("@q")
    typing.wait_screen(READY)
    unanswered(typing, broker)
    typing.feed("@@.")
    unanswered(typing, broker)


def test_repeating_what_was_done_elsewhere_is_no_answer(typing: Nvim, broker: FakeBroker) -> None:
    typing.feed("<C-w>wdd")
    typing.settle()
    ask(typing, broker)
    enter(typing)
    typing.feed("....")
    unanswered(typing, broker)
    assert focused(typing)


def test_counts_are_answers_or_nothing(acting: Nvim, broker: FakeBroker) -> None:
    ask(acting, broker, choices=["once", "deny"])
    acting.wait_screen(READY)
    acting.feed("4567890")
    acting.feed("23<CR>")
    unanswered(acting, broker)
    acting.feed("1")
    assert broker.expect("consent.answer") == {"prompt": "p1", "choice": "once"}


def test_no_click_answers(acting: Nvim, broker: FakeBroker) -> None:
    ask(acting, broker)
    acting.wait_screen(READY)
    row = acting.screen.row_of("[1] Allow once")
    column = acting.screen.lines[row].index("[1]") + 1
    for button in ("left", "right", "middle"):
        for times in (1, 2, 3):
            click(acting, row, column, button, times)
    unanswered(acting, broker)
    assert focused(acting)
    assert acting.lua("return vim.api.nvim_get_mode().mode") == "n"
    acting.feed("2")
    assert broker.expect("consent.answer")["choice"] == "session"


def test_a_click_goes_away_and_comes_back_behind_the_guard(
    acting: Nvim, broker: FakeBroker
) -> None:
    ask(acting, broker, guard_ms=30)
    acting.wait_screen(READY)
    click(acting, 0, 0)
    acting.wait_screen(WAITS)
    row = acting.screen.row_of("[1] Allow once")
    click(acting, row, 10)
    acting.wait_screen(READY)
    acting.feed("1")
    broker.expect("consent.answer")


def test_commands_that_would_split_or_move_it(acting: Nvim, broker: FakeBroker) -> None:
    ask(acting, broker)
    acting.wait_screen(READY)
    count = acting.lua("return #vim.api.nvim_list_wins()")
    for key in "sSvVnHJKLTrRxofFi^]":
        acting.feed(f"<C-w>{key}")
    acting.settle()
    assert acting.lua("return #vim.api.nvim_list_wins()") == count
    assert focused(acting)
    unanswered(acting, broker)


def test_a_split_of_it_answers_nothing(acting: Nvim, broker: FakeBroker) -> None:
    ask(acting, broker)
    acting.wait_screen(READY)
    acting.feed(":split<CR>")
    acting.wait_for(f"vim.api.nvim_get_current_win() ~= {FLOATS}[1]")
    acting.feed("123d<Esc>")
    acting.settle()
    assert not broker.seen("consent.answer")


@pytest.mark.parametrize("keys", [":bwipeout!<CR>", ":bdelete!<CR>", ":fclose!<CR>"])
def test_other_ways_to_close_it_deny(acting: Nvim, broker: FakeBroker, keys: str) -> None:
    ask(acting, broker)
    acting.wait_screen(READY)
    acting.feed(keys)
    assert broker.expect("consent.answer") == {"prompt": "p1", "choice": "deny"}
    acting.wait_gone("GhostWarden")


def test_closing_its_tab_page_denies(acting: Nvim, broker: FakeBroker) -> None:
    acting.feed(":tabnew<CR>")
    ask(acting, broker)
    acting.wait_screen(WAITS)
    acting.feed(":tabclose<CR>")
    assert broker.expect("consent.answer") == {"prompt": "p1", "choice": "deny"}
    acting.wait_gone("GhostWarden")


@pytest.mark.parametrize("command", [":qa!<CR>", ":only<CR>:q!<CR>", ":cquit<CR>"])
def test_leaving_neovim_denies(typing: Nvim, broker: FakeBroker, command: str) -> None:
    ask(typing, broker)
    typing.wait_screen(WAITS)
    typing.quit(f"<C-\\><C-n>{command}")
    assert broker.expect("consent.answer") == {"prompt": "p1", "choice": "deny"}


def test_closing_one_never_denies_the_next(acting: Nvim, broker: FakeBroker) -> None:
    """The first is withdrawn in the instant in which the person closes it."""
    ask(acting, broker)
    ask(acting, broker, prompt="p2", target="other.py")
    acting.wait_screen(READY)
    acting.lua(f"""
      vim.api.nvim_win_close({FLOATS}[1], true)
      require('zeke.events').dispatch('consent.closed', {{ prompt = 'p1', outcome = 'withdrawn' }})
    """)
    acting.wait_screen("other.py")
    unanswered(acting, broker)


def test_a_question_told_twice_is_asked_once(acting: Nvim, broker: FakeBroker) -> None:
    ask(acting, broker)
    ask(acting, broker, target="another.py")
    acting.wait_screen(READY)
    assert "another.py" not in acting.screen.text
    acting.feed("1")
    broker.expect("consent.answer")
    acting.wait_gone("GhostWarden")


def test_a_dead_broker_is_told(typing: Nvim, broker: FakeBroker) -> None:
    ask(typing, broker)
    typing.wait_screen("[1] Allow once")
    broker.die()
    typing.wait_screen("The broker stopped while it asked: nothing was allowed.")
    assert "[1] Allow once" not in typing.screen.text


def test_three_hundred_in_a_second(typing: Nvim, broker: FakeBroker) -> None:
    """Asked and withdrawn, with all that the broker says along; and every key is seen at once."""
    typing.feed("<C-w>wGo")
    slowest = 0.0
    with never_stalls(typing):
        for number in range(300):
            prompt = f"p{number}"
            diff = [f"+line {line}" for line in range(40)]
            broker.send("consent.asked", **{**ASK, "prompt": prompt, "diff": diff})
            broker.send("status.changed", tasks=1, waiting=1, model="auto")
            broker.send("consent.changed")
            if number % 10 == 9:
                watch = Stopwatch(typing)
                typing.feed("a")
                typing.wait_screen(
                    lambda screen, count=number // 10 + 1: "a" * count in screen.text
                )
                slowest = max(slowest, watch.seconds())
            broker.send("consent.closed", prompt=prompt, outcome="withdrawn")
    assert slowest < 0.5
    typing.feed("<Esc>")
    typing.wait_gone("GhostWarden")
    assert "a" * 30 in typing.lines()
    unanswered(typing, broker)


def test_in_insert_mode(typing: Nvim, broker: FakeBroker) -> None:
    typing.feed("<C-w>wGo1")
    ask(typing, broker)
    typing.wait_screen(WAITS)
    typing.feed("23d")
    typing.settle()
    assert typing.lines()[-1] == "123d"
    # A map of theirs leads there: what was typed next is no text and no answer.
    typing.lua("vim.keymap.set('i', '<F2>', '<Cmd>Zeke prompt<CR>')")
    typing.feed("<F2>1d")
    typing.wait_screen(READY)
    unanswered(typing, broker)
    assert typing.lua("return vim.api.nvim_get_mode().mode") == "n"


def test_in_a_terminal(typing: Nvim, broker: FakeBroker) -> None:
    typing.feed(":split | terminal cat<CR>i")
    typing.wait_for("vim.api.nvim_get_mode().mode == 't'")
    ask(typing, broker)
    typing.wait_screen(WAITS)
    typing.feed("123d<CR>")
    typing.wait_screen(lambda screen: screen.text.count("123d") >= 2)
    unanswered(typing, broker)
    assert typing.lua("return vim.api.nvim_get_mode().mode") == "t"


@pytest.mark.parametrize("keys", ["gUi", "2d", '"', "<C-v>", "q", "r", "vj"])
def test_with_a_half_typed_command(typing: Nvim, broker: FakeBroker, keys: str) -> None:
    typing.feed("<C-w>wgg")
    typing.settle()
    typing.feed(keys)
    broker.send("consent.asked", **ASK)
    typing.feed("1")
    typing.feed("<Esc>")
    typing.wait_screen(WAITS)
    assert not focused(typing)
    unanswered(typing, broker)


def test_with_another_float_in_use(acting: Nvim, broker: FakeBroker) -> None:
    acting.lua("""
      local b = vim.api.nvim_create_buf(false, true)
      vim.bo[b].buftype = 'prompt'
      vim.fn.prompt_setcallback(b, function(text) vim.g.picked = text end)
      vim.api.nvim_open_win(b, true, {relative='editor', row=5, col=5, width=60, height=3,
        border='rounded', zindex=300})
      vim.cmd.startinsert()""")
    acting.feed("1")
    ask(acting, broker)
    acting.wait_screen(WAITS)
    acting.feed("23d<CR>")
    acting.wait_for("vim.g.picked == '123d'")
    unanswered(acting, broker)


def test_back_to_the_float_one_came_from(acting: Nvim, broker: FakeBroker) -> None:
    ask(acting, broker)
    acting.wait_screen(READY)
    acting.lua("""
      local b = vim.api.nvim_create_buf(false, true)
      vim.g.float = vim.api.nvim_open_win(b, true, {relative='editor', row=5, col=5, width=30,
        height=3, border='rounded'})""")
    acting.feed(":Zeke prompt<CR>")
    acting.wait_for("vim.api.nvim_get_current_win() == require('zeke.prompt').window()")
    acting.wait_for("not require('zeke.prompt.guard').holds()")
    acting.feed("1")
    broker.expect("consent.answer")
    acting.wait_for("vim.api.nvim_get_current_win() == vim.g.float")


def test_a_neovim_that_may_not_change_anything(
    open_nvim: Callable[..., Nvim], broker: FakeBroker, sample: object
) -> None:
    init = f"vim.g.zeke_python = [[{broker.python()}]]"
    env = {"ZEKE_RUNTIME_DIR": str(broker.directory)}
    with open_nvim("-M", str(sample), env=env, init=init) as nvim:
        nvim.feed(":ZekeExplain<CR>")
        broker.expect("task.submit")
        ask(nvim, broker)
        nvim.wait_screen(READY)
        nvim.feed("1")
        broker.expect("consent.answer")
        broker.states["consents"] = {"waiting": []}
        nvim.feed(":ZekeConsents<CR>")
        nvim.wait_screen("Waiting (0)")


def test_typing_goes_on_around_it(acting: Nvim, broker: FakeBroker) -> None:
    ask(acting, broker, guard_ms=60_000)
    acting.wait_screen("keys count in an instant")
    acting.lua("vim.cmd.wincmd('p')")
    acting.feed("<C-w>k<C-w>kGo1 2 3 d<Esc>:w<CR>")
    acting.wait_for("not vim.bo.modified")
    assert acting.lines() == [*SAMPLE.splitlines(), "1 2 3 d"]
    unanswered(acting, broker)
