"""GhostWarden's prompt: seen at once, never in the way, and only a wanted key answers it."""

from __future__ import annotations

import pytest

from tests.e2e.nvim import Nvim
from tests.e2e.screen import Screen
from tests.fakes.broker import FakeBroker
from tests.lua.prompts import ASK, FLOATS, READY, WAITS, ask, enter, focused


def test_what_is_seen(typing: Nvim, broker: FakeBroker) -> None:
    ask(typing, broker)
    text = typing.wait_screen(WAITS)
    for part in (
        " GhostWarden ─ 1 of 2 ",
        "zeke wants to",
        "write  src/app.py",
        "+12 −3",
        "Risk: Medium  an ordinary file of the project",
        "-old line",
        "+new line",
        "[1] Allow once  [2] Session  [3] Project  [d] Deny",
    ):
        assert part in text
    assert "DiagnosticWarn" in typing.screen.groups_at("Medium")
    assert max(len(line) for line in typing.screen.lines) <= 80


@pytest.mark.parametrize("size", [(80, 24), (80, 12), (40, 24)])
def test_the_project_of_a_file_is_told_where_it_is_another(
    typing: Nvim, broker: FakeBroker, size: tuple[int, int]
) -> None:
    typing.resize(*size)
    typing.wait_screen(lambda screen: screen.columns == size[0])
    ask(typing, broker, target="vendor/lib/app.py", project="vendor/lib")
    text = typing.wait_screen("[1] Allow once")
    assert "write  vendor/lib/app.py" in text
    assert "in the project vendor/lib" in text


def test_it_takes_no_focus_from_typing(typing: Nvim, broker: FakeBroker) -> None:
    typing.feed("Goa 1")
    ask(typing, broker)
    typing.wait_screen(WAITS)
    typing.feed("23d <Esc>")
    typing.settle()
    assert typing.lines()[-1] == "a 123d "
    assert not focused(typing)
    assert not broker.seen("consent.answer")
    enter(typing)
    typing.feed("2")
    assert broker.expect("consent.answer") == {"prompt": "p1", "choice": "session"}
    typing.wait_gone("GhostWarden")
    assert typing.lua("return vim.fn.expand('%:t')") == "app.py"


def test_a_pending_operator_or_count_is_left_alone(typing: Nvim, broker: FakeBroker) -> None:
    typing.feed("gg2d")
    ask(typing, broker)
    typing.wait_screen(WAITS)
    typing.feed("d")
    typing.settle()
    assert len(typing.lines()) == 6
    assert not broker.seen("consent.answer")


def test_after_the_persons_own_act_it_is_focused(acting: Nvim, broker: FakeBroker) -> None:
    ask(acting, broker)
    acting.wait_screen(READY)
    assert focused(acting)
    acting.feed("1")
    assert broker.expect("consent.answer") == {"prompt": "p1", "choice": "once"}
    acting.wait_gone("GhostWarden")
    assert acting.lua("return vim.fn.expand('%:t')") == "app.py"


def test_keys_before_the_guard_ends_do_nothing(acting: Nvim, broker: FakeBroker) -> None:
    ask(acting, broker, guard_ms=60_000)
    acting.wait_screen("keys count in an instant")
    assert focused(acting)
    acting.feed("1d3<Esc>:q<CR>ix<C-w>c")
    acting.settle()
    assert focused(acting)
    assert acting.lua("return vim.api.nvim_get_mode().mode") == "n"
    assert not broker.seen("consent.answer")
    broker.send("consent.closed", prompt="p1", outcome="withdrawn")
    acting.wait_gone("GhostWarden")
    assert "x" not in acting.lines()[0]


def test_typed_ahead_is_drained(acting: Nvim, broker: FakeBroker) -> None:
    # While Neovim is busy, the question and then keys pile up; the question comes first.
    acting.lua("vim.schedule(function() vim.uv.sleep(150) end)")
    broker.send("consent.asked", **{**ASK, "guard_ms": 60_000})
    acting.feed("111ddd")
    acting.wait_screen("GhostWarden")
    acting.settle()
    assert not broker.seen("consent.answer")


@pytest.mark.parametrize(
    ("key", "choice"), [("1", "once"), ("2", "session"), ("3", "project"), ("d", "deny")]
)
def test_the_four_keys(acting: Nvim, broker: FakeBroker, key: str, choice: str) -> None:
    ask(acting, broker)
    acting.wait_screen(READY)
    acting.feed(key)
    assert broker.expect("consent.answer") == {"prompt": "p1", "choice": choice}


@pytest.mark.parametrize("keys", ["<Esc>", ":q<CR>", ":close<CR>", "<C-w>c", "<C-w>q", ":only<CR>"])
def test_whatever_closes_it_denies(acting: Nvim, broker: FakeBroker, keys: str) -> None:
    ask(acting, broker)
    acting.wait_screen(READY)
    if keys == ":only<CR>":
        acting.feed("<C-w>p")
        acting.wait_screen(WAITS)
    acting.feed(keys)
    assert broker.expect("consent.answer") == {"prompt": "p1", "choice": "deny"}
    acting.wait_gone("GhostWarden")


def test_every_other_key_does_nothing(acting: Nvim, broker: FakeBroker) -> None:
    acting.command("nnoremap x <Cmd>let g:hit = 1<CR>")
    acting.lua("vim.keymap.set('n', 'y', function() vim.g.hit = 2 end)")
    acting.lua("vim.keymap.set('n', 'd2', function() vim.g.hit = 3 end)")
    before = acting.lines()
    ask(acting, broker)
    acting.wait_screen(READY)
    acting.feed('xyiaIAoOsScCDJpPuv<C-v>Rr.@q"a4567890/?gGZZ<CR><Tab><Space><F5><M-x><C-o><C-z>')
    acting.settle()
    assert focused(acting)
    assert acting.lua("return vim.api.nvim_get_mode()") == {"mode": "n", "blocking": False}
    assert acting.lua("return vim.g.hit") is None
    assert not broker.seen("consent.answer")
    acting.feed("d")
    broker.expect("consent.answer")
    assert acting.lines() == before


def test_a_choice_that_is_not_offered_is_no_answer(acting: Nvim, broker: FakeBroker) -> None:
    ask(acting, broker, choices=["once", "deny"])
    text = acting.wait_screen(READY)
    assert "[1] Allow once  [d] Deny" in text
    acting.feed("23")
    acting.settle()
    assert not broker.seen("consent.answer")
    acting.feed("1")
    assert broker.expect("consent.answer")["choice"] == "once"


def test_leaving_it_keeps_it_waiting(acting: Nvim, broker: FakeBroker) -> None:
    ask(acting, broker)
    acting.wait_screen(READY)
    acting.feed("<C-w>w")
    acting.wait_screen(WAITS)
    acting.feed("1Gdd")
    acting.wait_for("vim.fn.line('$') == 7 or vim.fn.bufname() ~= ''")
    assert not broker.seen("consent.answer")
    enter(acting)
    acting.feed("3")
    assert broker.expect("consent.answer")["choice"] == "project"


def test_gaining_focus_raises_the_guard_again(acting: Nvim, broker: FakeBroker) -> None:
    ask(acting, broker, guard_ms=60_000)
    acting.wait_screen("keys count in an instant")
    acting.lua("vim.cmd.wincmd('p')")
    acting.wait_screen(WAITS)
    acting.feed("<C-w>p")
    acting.wait_screen("keys count in an instant")
    acting.feed("1")
    acting.settle()
    assert not broker.seen("consent.answer")


def test_one_at_a_time_first_come_first_shown(acting: Nvim, broker: FakeBroker) -> None:
    ask(acting, broker)
    ask(acting, broker, prompt="p2", target="other.py", position=2)
    text = acting.wait_screen(READY)
    assert "src/app.py" in text
    assert "other.py" not in text
    acting.feed("1")
    acting.wait_screen("other.py")
    acting.wait_screen(READY)
    acting.feed("d")
    assert broker.expect("consent.answer")["prompt"] == "p1"
    assert broker.expect("consent.answer") == {"prompt": "p2", "choice": "deny"}


def test_closed_by_the_broker(typing: Nvim, broker: FakeBroker) -> None:
    ask(typing, broker)
    typing.wait_screen("GhostWarden")
    broker.send("consent.closed", prompt="p1", outcome="expired")
    typing.wait_screen("Nobody answered, so GhostWarden denied: write")
    assert "[1] Allow once" not in typing.screen.text
    assert not broker.seen("consent.answer")


def test_a_dead_broker_takes_its_question_along(typing: Nvim, broker: FakeBroker) -> None:
    ask(typing, broker)
    typing.wait_screen("[1] Allow once")
    broker.die()
    typing.wait_gone("[1] Allow once")


def test_leaving_neovim_denies(typing: Nvim, broker: FakeBroker) -> None:
    ask(typing, broker)
    typing.wait_screen("GhostWarden")
    assert typing.quit() == 0
    assert broker.expect("consent.answer") == {"prompt": "p1", "choice": "deny"}


def test_a_long_diff_is_folded_and_a_long_path_is_whole(typing: Nvim, broker: FakeBroker) -> None:
    path = "/".join(["a-rather-long-directory"] * 9) + "/the-end.py"
    diff = [f"+line {number}" for number in range(200)]
    ask(typing, broker, target=path, diff=diff)
    text = typing.wait_screen(WAITS)
    assert "⋯ 200 lines" in text
    enter(typing)
    text = typing.wait_screen("more lines")
    assert "+line 0" in text
    assert "+line 199" in text
    assert "end.py" in text
    assert "[1] Allow once" in text
    assert "Risk: Medium" in text


def test_the_list_is_not_said_to_show_what_the_broker_left_out(
    typing: Nvim, broker: FakeBroker
) -> None:
    mark = "…(7 more lines are not shown)…"
    ask(typing, broker, diff=[*(f"+line {number}" for number in range(200)), mark])
    assert "<CR> shows more, not all" in typing.wait_screen(WAITS)
    enter(typing)
    text = typing.wait_screen(mark)
    assert "more lines; `:ZekeConsents`, <CR> shows more, not all" in text


@pytest.mark.parametrize("size", [(80, 12), (40, 24), (200, 50)])
def test_other_screens(typing: Nvim, broker: FakeBroker, size: tuple[int, int]) -> None:
    typing.resize(*size)
    typing.wait_screen(lambda screen: screen.columns == size[0])
    ask(typing, broker, diff=[f"+line {number}" for number in range(40)])
    text = typing.wait_screen("GhostWarden")
    assert "[1] Allow once" in text
    assert "src/app.py" in text


def test_it_stays_readable_over_other_floats(typing: Nvim, broker: FakeBroker) -> None:
    typing.lua("""
      local b = vim.api.nvim_create_buf(false, true)
      vim.api.nvim_open_win(b, false, {relative='editor', row=0, col=0, width=80, height=24,
        zindex=200})""")
    ask(typing, broker)
    typing.wait_screen("[1] Allow once")


def test_it_shows_while_a_command_is_typed(typing: Nvim, broker: FakeBroker) -> None:
    typing.feed(":let g:typed = 1")
    ask(typing, broker)
    typing.wait_screen("GhostWarden")
    typing.feed("23<CR>")
    typing.wait_for("vim.g.typed == 123")
    assert not broker.seen("consent.answer")


def test_it_shows_beside_the_command_line_window(typing: Nvim, broker: FakeBroker) -> None:
    typing.feed("q:")
    typing.wait_for("vim.fn.getcmdwintype() == ':'")
    ask(typing, broker)
    typing.wait_screen("To answer: leave this window by :q")
    typing.feed("1d3<Esc>:q<CR>")
    typing.wait_for("vim.fn.getcmdwintype() == ''")
    typing.wait_screen("To answer: :Zeke prompt")
    assert not broker.seen("consent.answer")
    enter(typing)


def test_it_closes_under_the_command_line_window(typing: Nvim, broker: FakeBroker) -> None:
    ask(typing, broker)
    typing.feed("q:")
    typing.wait_screen("To answer: leave this window by :q")
    broker.send("consent.closed", prompt="p1", outcome="withdrawn")
    typing.wait_gone("GhostWarden")


def test_another_tab_page_shows_it_too(typing: Nvim, broker: FakeBroker) -> None:
    ask(typing, broker)
    typing.wait_screen("GhostWarden")
    typing.feed(":tabnew<CR>")
    typing.wait_for(
        f"vim.api.nvim_win_get_tabpage({FLOATS}[1]) == vim.api.nvim_get_current_tabpage()"
    )
    assert not broker.seen("consent.answer")
    enter(typing)
    typing.feed("1")
    broker.expect("consent.answer")


def test_the_asker_cannot_speak_in_our_voice(typing: Nvim, broker: FakeBroker) -> None:
    ask(typing, broker, note="Risk: Low. " + "please " * 60)
    typing.wait_screen("Note: Risk: Low.")

    def apart(screen: Screen) -> bool:
        return "Comment" in screen.groups_at("Note:")

    typing.wait_screen(apart)
