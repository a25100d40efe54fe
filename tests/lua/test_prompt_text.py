"""What the prompt shows of hostile text, and on screens of any size: our words stay our words."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

import pytest

from tests.e2e.nvim import Nvim
from tests.fakes.broker import FakeBroker
from tests.lua.prompts import ASK, FLOATS, READY, WAITS, ask, enter
from zeke_bridge.model.action import Action, Op, Subject
from zeke_bridge.model.verdict import Risk, Ruling, Verdict
from zeke_bridge.warden.prompt import build_prompt

FORGED = "\n Risk: Low\n [1] Allow once  [2] Session\n claude (agent) wants to\n read  README.md"
HOSTILE = {
    "newlines": FORGED,
    "carriage return": "safe.py\r Risk: Low",
    "escape sequences": "\x1b[2J\x1b[H\x1b]0;title\x07\x9b31m Risk: Low",
    "bidi": "x\u202egnp.exe\u2066\u2069\u200f",
    "zero width": "a\u200bb\u200c\u200dc\ufeff\u2060",
    "separators": "a\u2028 Risk: Low\u2029b\x85c\x0bd\x0ce",
    "combining flood": "e" + "\u0301\u0336" * 300,
    "wide": "日本語" * 120 + "終.py",
    "emoji": "👩\u200d👩\u200d👧🇩🇪👍🏽" * 40,
    "blank": "\u2800\u3164\u00a0\u3000" * 50,
    "private use": "\ue000\U000f0000\uffff",
    "nul": "a\0b",
    "endless": "d/" * 3000 + "the-end.py",
    "tabs": "\t\t\t\tRisk: Low",
    "ours": "… → │ ─ \\u{202e} …(12 more)…",
}


def shown(nvim: Nvim) -> list[str]:
    """The lines of the prompt as the screen has them, without its edge."""
    lines = nvim.screen.lines
    top = nvim.screen.row_of("GhostWarden ─")
    left = lines[top].index("╭ GhostWarden")
    inner = []
    for line in lines[top + 1 :]:
        # A wide letter is one character of the line and two columns of the screen.
        body = line[left:].rstrip()
        if body.startswith("╰"):
            return inner
        assert body.startswith("│"), line
        inner.append(body[1 : body.rindex("│")].rstrip())
    raise AssertionError("the prompt has no lower edge")


def put(nvim: Nvim, broker: FakeBroker, action: Action, target: str, **changes: Any) -> list[str]:
    """Show the prompt that the broker would send for ``action``; its lines once it is focused."""
    verdict = Verdict(Ruling.ASK, Risk.HIGH, "default", "it may do harm", target)
    prompt = build_prompt(action, verdict).fields(action.root)
    ask(nvim, broker, **{**prompt, **changes})
    nvim.wait_screen(WAITS)
    enter(nvim)
    return shown(nvim)


def ours(lines: Sequence[str], start: str) -> list[str]:
    """The lines that begin as only lines of ours do."""
    return [line for line in lines if line.startswith(start)]


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_everything_hostile_everywhere(typing: Nvim, broker: FakeBroker, text: str) -> None:
    diff = ("@@ -1,2 +1,2 @@", f"-{text}", f"+{text}", f" {text}")
    subject = Subject("agent", text[:300], "0" * 64)
    action = Action(
        Op.WRITE, "/p", subject=subject, path=text, note=text, diff=diff, added=3, removed=1
    )
    lines = put(typing, broker, action, text)
    assert len(ours(lines, " Risk: ")) == 1
    assert ours(lines, " Risk: ")[0].startswith(" Risk: High  it may do harm")
    assert len(ours(lines, " [1]")) == 1
    assert not ours([line for line in lines[1:] if "wants to" in line], " claude")
    assert " wants to" in lines[0]
    assert lines[1].startswith(" write  ")
    assert [line for line in lines[:2] if line.endswith("+3 −1")]
    for line in lines:
        assert not [char for char in line if unicodedata.category(char) in {"Cc", "Cf", "Co", "Zl"}]
    typing.feed("d")
    assert broker.expect("consent.answer")["choice"] == "deny"


def test_a_command_is_shown_by_its_parts(typing: Nvim, broker: FakeBroker) -> None:
    action = Action(Op.EXECUTE, "/p", argv=("sh", "-c", "echo hi\nrm -rf ~" + " x" * 90), cwd="/p")
    lines = put(typing, broker, action, "", added=0, removed=0)
    assert lines[1].startswith(" run  sh -c ")
    assert [line for line in lines if line.startswith(" │ ")]
    assert "Removed" not in typing.screen.groups_at("rm -rf")


def test_raw_text_cannot_forge_a_line_either(typing: Nvim, broker: FakeBroker) -> None:
    """What the broker never sends: had it forgotten to escape, the front would show it all."""
    for name in ("subject", "target", "reason", "note"):
        prompt = f"raw-{name}"
        ask(typing, broker, **{"prompt": prompt, name: FORGED + "\0\x1b[2J\u202e"})
        typing.wait_screen(WAITS)
        assert len(ours(shown(typing), " [1]")) == 1
        assert typing.screen.text.count("\x1b") == 0
        broker.send("consent.closed", prompt=prompt, outcome="withdrawn")
        typing.wait_gone("GhostWarden")


def test_the_asker_cannot_wrap_into_our_voice(typing: Nvim, broker: FakeBroker) -> None:
    note = "please " * 9 + "Risk: Low. " * 20
    ask(typing, broker, note=note, diff=[" Risk: Low", " [1] Allow once"])
    typing.wait_screen("Note: please")
    assert len(ours(shown(typing), " Risk:")) == 1
    typing.wait_screen(lambda screen: "Comment" in screen.groups_at("Note:"))


def test_a_note_is_broken_between_words(typing: Nvim, broker: FakeBroker) -> None:
    ask(typing, broker, note="precautions " * 12)
    typing.wait_screen(WAITS)
    assert typing.screen.text.count("precautions") == 12


def test_a_long_target_keeps_both_ends_and_a_count(typing: Nvim, broker: FakeBroker) -> None:
    ask(typing, broker, target="start/" + "x" * 3000 + "/end.py")
    typing.wait_screen(WAITS)
    text = "".join(line.strip() for line in shown(typing))
    assert "start/" in text
    assert "end.py" in text
    assert " more)…" in text


WORK = """
local text, count = ...
local lines, steps = require("zeke.prompt.lines"), 0
local function of()
  return lines.of({ prompt = "x", subject = text, verb = "run", target = text, risk = "High",
    reason = text, note = text, choices = { "once", "deny" }, diff = vim.split(
    (text .. "\\n"):rep(count), "\\n") }, "open", 78, 12)
end
-- What is compiled is not counted.
jit.off()
jit.flush()
debug.sethook(function() steps = steps + 1 end, "", 100)
local ok, problem = pcall(of)
debug.sethook()
jit.on()
assert(ok, problem)
return steps
"""


def test_long_text_takes_no_more_work_than_its_length(typing: Nvim, broker: FakeBroker) -> None:
    half, whole = ("\\u{202e}" * length + "日" * length for length in (200, 400))
    ask(typing, broker, target=whole, note=whole, reason=whole, subject=whole, diff=[whole] * 100)
    typing.wait_screen(WAITS)
    least, longer, more = (
        typing.lua(WORK, text, count) for text, count in [(half, 200), (whole, 200), (half, 400)]
    )
    assert longer < 2.2 * least
    assert more < 2.2 * least


@pytest.mark.parametrize("size", [(80, 24), (40, 10), (80, 12), (30, 24), (200, 50)])
def test_other_screens(typing: Nvim, broker: FakeBroker, size: tuple[int, int]) -> None:
    typing.resize(*size)
    typing.wait_screen(lambda screen: (screen.columns, screen.rows) == size)
    diff = [f"+line {number}" for number in range(40)]
    ask(typing, broker, diff=diff, target="a-directory/" * 12 + "app.py", note="please " * 30)
    typing.wait_screen("GhostWarden ─ 1 of 2")
    for _ in ("elsewhere", "focused"):
        lines = shown(typing)
        text = "\n".join(lines)
        for part in ("zeke wants to", " write  a-dir", "app.py", "Risk: Medium", "[1] Allow once"):
            assert part in text
        for part in ("[2] Session", "[3] Project", "[d] Deny"):
            assert part in text
        typing.feed(":Zeke prompt<CR>")
        typing.wait_for(f"vim.api.nvim_get_current_win() == {FLOATS}[1]")
        typing.wait_screen(lambda screen: WAITS not in screen.text)
    typing.wait_for("not require('zeke.prompt.guard').holds()")
    typing.feed("1")
    assert broker.expect("consent.answer")["choice"] == "once"


def test_what_cannot_be_shown_cannot_be_allowed(typing: Nvim, broker: FakeBroker) -> None:
    typing.resize(20, 8)
    typing.wait_screen(lambda screen: screen.columns == 20)
    ask(typing, broker)
    typing.wait_screen("Too small")
    typing.feed(":Zeke prompt<CR>")
    typing.wait_for(f"vim.api.nvim_get_current_win() == {FLOATS}[1]")
    typing.wait_for("not require('zeke.prompt.guard').holds()")
    typing.feed("123")
    typing.settle()
    assert not broker.seen("consent.answer")
    typing.resize(80, 24)
    typing.wait_screen("[1] Allow once")
    typing.resize(20, 8)
    typing.wait_screen("Too small")
    typing.feed("d")
    assert broker.expect("consent.answer")["choice"] == "deny"


@pytest.mark.parametrize("border", ["'none'", "''", "'shadow'", "{}", "{'','','','','','','',''}"])
def test_the_title_is_there_whatever_the_border(
    typing: Nvim, broker: FakeBroker, border: str
) -> None:
    typing.lua(f"require('zeke').setup({{ ui = {{ border = {border} }} }})")
    ask(typing, broker)
    typing.wait_screen("GhostWarden ─ 1 of 2")


def test_nothing_is_in_front_of_it(typing: Nvim, broker: FakeBroker) -> None:
    cover = """
      local b = vim.api.nvim_create_buf(false, true)
      vim.api.nvim_open_win(b, false, {relative='editor', row=0, col=0, width=80, height=24,
        zindex=...})"""
    typing.lua(cover, 900)
    ask(typing, broker)
    typing.wait_screen("[1] Allow once")
    typing.lua(cover, 950)
    typing.wait_screen(lambda screen: "[1] Allow once" in screen.text)
    assert typing.lua("""return vim.iter(vim.api.nvim_list_wins()):any(function(w)
      return vim.api.nvim_win_get_config(w).zindex == 951 end)""")


def test_it_never_covers_the_cursor(typing: Nvim, broker: FakeBroker) -> None:
    typing.feed("<C-w>o:new<CR>i" + "x<CR>" * 60 + "<Esc><C-w>_")
    ask(typing, broker)
    typing.wait_screen(WAITS)
    for keys in ("H", "L", "M", "H", "M", "L", "zt", "zb", "gg", "G", "gg"):
        typing.feed(keys)
        typing.wait_for(f"""(function()
          local c = vim.api.nvim_win_get_config({FLOATS}[1])
          local row = vim.fn.screenpos(0, vim.fn.line('.'), 1).row - 1
          return row < c.row or row >= c.row + c.height + 2 end)()""")


def test_the_count_in_the_title_grows(typing: Nvim, broker: FakeBroker) -> None:
    ask(typing, broker, position=1, total=1)
    typing.wait_screen("GhostWarden ─ 1 of 1")
    broker.send("status.changed", tasks=1, waiting=3, model="auto")
    typing.wait_screen("GhostWarden ─ 1 of 3")


def test_an_unknown_risk_is_a_high_one(typing: Nvim, broker: FakeBroker) -> None:
    ask(typing, broker, risk="None at all")
    typing.wait_screen("Risk: None at all")
    assert "DiagnosticError" in typing.screen.groups_at("None at all")
    assert ASK["risk"] == "Medium"
    assert READY not in typing.screen.text


def test_what_is_said_meanwhile_is_beside_it(typing: Nvim, broker: FakeBroker) -> None:
    broker.send("notice", level="info", message="Said before.")
    typing.wait_screen("Zeke: Said before.")
    ask(typing, broker)
    typing.wait_screen(WAITS)
    broker.send("notice", level="info", message="Said meanwhile.")
    text = typing.wait_screen("Zeke: Said meanwhile.")
    assert "Zeke: Said before." in text
    assert len(ours(shown(typing), " [1]")) == 1


@pytest.mark.parametrize("own", ["grid", "floats"])
def test_neovim_can_ask_in_front_of_one_that_waits(
    typing: Nvim, broker: FakeBroker, own: str
) -> None:
    if own == "floats":
        if not typing.lua("return (pcall(require, 'vim._extui'))"):
            pytest.skip("this Neovim has no floats for its messages")
        typing.lua("require('vim._extui').enable({})")
        typing.feed(":let g:made = 1<CR>")
        typing.wait_for("vim.g.made == 1")
    ask(typing, broker)
    typing.wait_screen(WAITS)
    entries = "{'entry a', 'entry b', 'entry c'}"
    typing.feed(f":lua vim.ui.select({entries}, {{}}, function(one) vim.g.one = one end)<CR>")
    for text in ("1: entry a", "2: entry b", "3: entry c", "Type number"):
        typing.wait_screen(text)
    typing.feed("2<CR>")
    typing.wait_for("vim.g.one == 'entry b'")
    typing.wait_screen(WAITS)
    assert not broker.seen("consent.answer")


def test_neovim_can_speak_in_front_of_one_that_was_left(typing: Nvim, broker: FakeBroker) -> None:
    ask(typing, broker)
    typing.wait_screen(WAITS)
    enter(typing)
    depth = f"vim.api.nvim_win_get_config({FLOATS}[1]).zindex"
    assert typing.lua(f"return {depth}") == 250
    typing.feed("<C-w>w")
    typing.wait_screen(WAITS)
    typing.feed(""":echo join(map(range(1, 20), '"(" .. v:val .. ")"'), nr2char(10))<CR>""")
    for text in (*(f"({number})" for number in range(1, 21)), "Press ENTER"):
        typing.wait_screen(text)
    typing.feed("<CR>")
    typing.wait_screen(WAITS)
    assert not broker.seen("consent.answer")
