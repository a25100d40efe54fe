"""The inbox `:ZekeConsents`: what is shown, and what each key does."""

from __future__ import annotations

import json

import pytest

from tests.fakes.broker import FakeBroker
from tests.lua.inbox import (
    ANSWERS,
    DECISION,
    FOOT,
    JUST_CHANGED,
    OPENED,
    Inbox,
    grant,
    question,
    state,
)
from tests.lua.prompts import ASK


def test_what_is_seen(inbox: Inbox) -> None:
    inbox.open(
        waiting=[
            question("p1", "src/app.py", shown=True),
            question("p2", ".env", risk="High", choices=["once", "deny"]),
            question("p3", "b.py", here=False),
        ],
        session=[grant(1, "a.py")],
        project=[grant(2, "b.py", subject=f"agent:x:{'0' * 64}", expires=1702592000.0)],
        refused=[{"id": "refused-1", "op": "write", "target": "no.py", "count": 2}],
        denies=[{"op": "read", "pattern": "secret/**"}],
        local_only=True,
        trust="untrusted",
        hash="abc",
        notice="It came with the repository.",
        git="untracked",
        decisions=[DECISION],
    )
    text = inbox.text()
    headings = (
        "Waiting (3)",
        "This session",
        "This project",
        "Refused",
        "What the project forbids",
        "Recent decisions",
    )
    places = [text.index(heading) for heading in headings]
    assert places == sorted(places)
    for part in (
        "write  src/app.py  Medium risk · claude (agent) · +2 −1 · shown ·  12 s",
        "write  .env  High risk · claude (agent) · +2 −1 · queued",
        "· another Neovim",
        "write  a.py  by Zeke since 2023-11-14, until this Neovim ends",
        "write  b.py  by x (agent) since 2023-11-14, until 2023-12-14",
        "none of its grants counts",
        "It came with the repository.",
        "e keeps it out of git",
        "no.py  refused 2 times",
        "read  secret/**  by the project",
        "nothing of this project leaves this machine",
        "allowed write c.py",
        "<Space> marks",
        "q closes",
    ):
        assert part in text, part


def test_another_project_is_told(inbox: Inbox) -> None:
    place = "vendor/lib"
    inbox.open(waiting=[question("p1", "vendor/lib/a.py", project=place, note="", diff=[])])
    assert "+2 −1 · in vendor/lib · queued" in inbox.text()
    inbox.on("vendor/lib/a.py")
    inbox.nvim.feed("<CR>")
    inbox.nvim.wait_screen("Project  vendor/lib")


def test_a_command_and_a_tool_read_as_one_says_them(inbox: Inbox) -> None:
    run = {"argv": ["sh", "-c", "ls | wc"], "cwd": "src", "env": [["A", "b"]], "program": "/bin/sh"}
    kept = [json.dumps(run), '{"sha256":"0a","tool":"time/now"}', '{"argv":["a…(9 more)…b"]']
    inbox.open(
        session=[
            grant(number, target, op="execute", scope="session")
            for number, target in enumerate(kept)
        ]
    )
    text = inbox.text()
    assert "sh -c 'ls | wc'  in src  sets A" in text
    assert "execute  time/now  by" in text
    assert 'execute  {"argv":["a…(9 more)…b"]' in text
    inbox.on("time/now")
    inbox.nvim.feed("<CR>")
    inbox.nvim.wait_screen('{"sha256":"0a","tool":"time/now"}')


def test_the_keys_stand_at_the_foot(inbox: Inbox) -> None:
    text = inbox.open(waiting=[question("p1", "a.py")], decisions=[DECISION] * 30)
    assert "1 2 3 d answer" in text
    inbox.on("a.py")
    text = inbox.nvim.wait_screen(ANSWERS)
    assert text.index(ANSWERS) > text.index("a.py")


@pytest.mark.parametrize("size", [(80, 24), (40, 12), (160, 50)])
@pytest.mark.parametrize("background", ["light", "dark"])
def test_other_screens(
    inbox: Inbox, broker: FakeBroker, size: tuple[int, int], background: str
) -> None:
    inbox.nvim.resize(*size)
    inbox.nvim.wait_screen(lambda screen: screen.columns == size[0])
    inbox.nvim.command(f"set background={background}")
    long = "a-long-directory/" * 20 + "日本" * 30 + "end.py"
    inbox.open(waiting=[question("p1", long)], session=[grant(1, long)])
    width = inbox.nvim.lua("return vim.api.nvim_win_get_width(0)")
    lines = inbox.nvim.lines()
    foot = inbox.nvim.lua("return #require('zeke.consents.lines').KEYS")
    assert max(inbox.nvim.lua("return vim.fn.strdisplaywidth(...)", x) for x in lines[:-foot]) <= (
        width
    )
    shown = [line for line in lines if "a-long" in line]
    assert len(shown) == 2
    assert all("end.py" in line and "…" in line for line in shown)


@pytest.mark.parametrize(
    ("key", "choice"), [("1", "once"), ("2", "session"), ("3", "project"), ("d", "deny")]
)
def test_the_item_under_the_cursor(inbox: Inbox, broker: FakeBroker, key: str, choice: str) -> None:
    inbox.open(waiting=[question("p1", "a.py"), question("p2", "b.py")])
    inbox.on("b.py")
    inbox.nvim.feed(key)
    sent = broker.expect("consent.answer")
    assert (sent["prompts"], sent["choice"]) == (["p2"], choice)


def test_what_is_marked(inbox: Inbox, broker: FakeBroker) -> None:
    inbox.open(waiting=[question(f"p{n}", f"{n}.py") for n in range(1, 5)])
    inbox.on("1.py")
    inbox.nvim.feed("<Space>")
    inbox.on("4.py")
    inbox.nvim.feed("<Space>")
    inbox.on("3.py")
    inbox.nvim.wait_screen(lambda screen: screen.text.count("* write") == 2)
    inbox.nvim.feed("d")
    sent = broker.expect("consent.answer")
    assert (sent["prompts"], sent["choice"]) == (["p1", "p4"], "deny")
    inbox.nvim.wait_gone("* write")


def test_a_range_is_marked_and_unmarked(inbox: Inbox, broker: FakeBroker) -> None:
    inbox.open(waiting=[question(f"p{n}", f"{n}.py") for n in range(1, 5)])
    inbox.on("2.py")
    inbox.nvim.feed("Vj<Space>")
    inbox.nvim.wait_screen(lambda screen: screen.text.count("* write") == 2)
    assert inbox.nvim.lua("return vim.api.nvim_get_mode().mode") == "n"
    inbox.nvim.feed("<Space>")
    inbox.nvim.wait_screen(lambda screen: screen.text.count("* write") == 1)
    inbox.nvim.feed("1")
    assert broker.expect("consent.answer")["prompts"] == ["p2"]


def test_a_choice_that_is_not_offered(inbox: Inbox) -> None:
    inbox.open(waiting=[question("p1", ".env", choices=["once", "deny"])])
    inbox.on(".env")
    inbox.nvim.feed("3")
    inbox.nvim.wait_screen("`.env` can only be allowed once.")
    inbox.nothing_was_sent()


def test_one_of_several_does_not_offer_it(inbox: Inbox, broker: FakeBroker) -> None:
    waiting = [question("p1", "a.py"), question("p2", ".env", choices=["once", "deny"])]
    inbox.open(waiting=waiting)
    inbox.on("a.py")
    inbox.nvim.feed("Vj<Space>2")
    inbox.nvim.wait_screen("Nothing was sent.")
    inbox.nothing_was_sent()
    inbox.nvim.feed("1")
    assert broker.expect("consent.answer")["prompts"] == ["p1", "p2"]


def test_a_question_of_another_neovim_is_only_denied_here(inbox: Inbox, broker: FakeBroker) -> None:
    inbox.open(waiting=[question("p1", "a.py", here=False)])
    inbox.on("a.py")
    inbox.nvim.feed("1")
    inbox.nvim.wait_screen("waits in another Neovim")
    inbox.nothing_was_sent()
    inbox.nvim.feed("d")
    assert broker.expect("consent.answer")["choice"] == "deny"


def test_nothing_under_the_cursor(inbox: Inbox) -> None:
    inbox.open()
    inbox.nvim.feed("1d3rw<CR><Space>")
    inbox.nvim.wait_screen("1 2 3 d answer a waiting question")
    inbox.nvim.feed("te")
    inbox.nvim.wait_screen("There is no .zeke-consents.json")
    inbox.nothing_was_sent()


def test_keys_typed_before_the_list_is_there(inbox: Inbox, broker: FakeBroker) -> None:
    broker.states["consents"] = state(waiting=[question("p1", "a.py")])
    inbox.guard(60_000)
    inbox.nvim.feed(":ZekeConsents<CR>111ddd")
    inbox.nvim.wait_screen("Waiting (1)")
    inbox.nvim.feed("jd1")
    inbox.nvim.wait_screen(JUST_CHANGED)
    inbox.nvim.wait_for(f"{FOOT}:find('One moment', 1, true)")
    inbox.nothing_was_sent()


def test_the_guard_ends(inbox: Inbox, broker: FakeBroker) -> None:
    broker.states["consents"] = state(waiting=[question("p1", "a.py")])
    inbox.nvim.feed(":ZekeConsents<CR>")
    inbox.nvim.wait_screen("Waiting (1)")
    assert inbox.nvim.lua("return require('zeke.consents.inbox').guard_ms") == 400
    inbox.on("a.py")
    inbox.nvim.feed("1")
    assert broker.expect("consent.answer")["prompts"] == ["p1"]


def test_only_fingers_answer(inbox: Inbox, broker: FakeBroker) -> None:
    inbox.open(waiting=[question("p1", "a.py")], hash="abc", trust="untrusted")
    inbox.on("a.py")
    inbox.nvim.lua("vim.fn.setreg('q', '1')")
    inbox.nvim.feed("@q")
    inbox.nvim.feed(":normal d<CR>")
    inbox.nvim.lua("vim.api.nvim_feedkeys('3t', 'm', false)")
    inbox.nothing_was_sent()
    inbox.nvim.feed("2")
    assert broker.expect("consent.answer")["choice"] == "session"


def test_details_below_the_line(inbox: Inbox, broker: FakeBroker) -> None:
    inbox.open(waiting=[question("p1", "a.py"), question("p2", "b.py")])
    inbox.on("a.py")
    inbox.nvim.feed("<CR>")
    text = inbox.nvim.wait_screen("│ +newer")
    for part in ("Because  an ordinary file", "│ Note: please", "│ -old", "1 once, 2 session"):
        assert part in text
    assert "a.py" in inbox.line()
    assert "Added" in inbox.nvim.screen.groups_at("+newer")
    inbox.nvim.feed("1")
    assert broker.expect("consent.answer")["prompts"] == ["p1"]
    inbox.nvim.feed("<CR>")
    inbox.nvim.wait_gone("│ +newer")


def test_why_was_this_allowed(inbox: Inbox) -> None:
    inbox.open(session=[grant(1, "a.py")], decisions=[DECISION])
    inbox.on("c.py")
    inbox.nvim.feed("w")
    inbox.nvim.wait_screen("Why      Your setting auto_approve_write allows it.")
    assert "Step     rule, by auto_approve_write" in inbox.text()
    inbox.on("a.py")
    inbox.nvim.feed("w")
    inbox.nvim.wait_screen("Why      You allowed it for the session.")


def test_revoking(inbox: Inbox, broker: FakeBroker) -> None:
    refused = [{"id": "refused-1", "op": "write", "target": "no.py", "count": 3}]
    inbox.open(session=[grant(1, "a.py")], project=[grant(2, "b.py")], refused=refused)
    inbox.on("b.py")
    inbox.nvim.feed("r")
    assert broker.expect("consent.revoke")["ids"] == ["g2"]
    inbox.nvim.feed("<Space>")
    inbox.on("no.py")
    inbox.nvim.feed("<Space>")
    inbox.nvim.wait_screen(lambda screen: screen.text.count("* write") == 2)
    inbox.nvim.feed("r")
    assert broker.expect("consent.revoke")["ids"] == ["g2", "refused-1"]


@pytest.mark.parametrize("key", ["q", "<Esc>"])
def test_closing_denies_nothing(inbox: Inbox, broker: FakeBroker, key: str) -> None:
    inbox.open(waiting=[question("p1", "a.py")])
    inbox.nvim.feed(key)
    inbox.nvim.wait_gone(OPENED)
    inbox.nothing_was_sent()
    broker.send("consent.changed")
    inbox.nvim.wait_event("ZekeConsentChanged")
    assert inbox.nvim.lua("return vim.v.errmsg") == ""


def test_it_is_opened_once(inbox: Inbox, broker: FakeBroker) -> None:
    inbox.open()
    inbox.open()
    assert inbox.nvim.screen.text.count(OPENED) == 1


def test_text_of_others_cannot_look_like_ours(inbox: Inbox) -> None:
    note = "x" * 68 + "1 once, 2 session"
    inbox.open(waiting=[question("p1", "a.py", note=note, diff=["  Because  it is safe"])])
    inbox.on("a.py")
    inbox.nvim.feed("<CR>")
    inbox.nvim.wait_for("vim.fn.search('it is safe', 'nw') > 0")
    theirs = [x.strip() for x in inbox.nvim.lines() if "safe" in x or "session" in x]
    behind = [x for x in theirs if x.startswith("│ ")]
    assert [x for x in theirs if x.startswith("Choices")]
    assert [x for x in behind if "it is safe" in x]
    assert [x for x in behind if "2 session" in x]


def test_where_there_is_no_room_for_both_the_list_is_seen(inbox: Inbox, broker: FakeBroker) -> None:
    inbox.nvim.resize(40, 12)
    inbox.open(waiting=[question("p1", "src/app.py", shown=True), question("p2", "k1.pem")])
    inbox.on("k1.pem")
    broker.send("consent.asked", **ASK)
    inbox.nvim.wait_event("ZekeConsentAsked")
    inbox.nvim.settle()
    inbox.nvim.wait_screen("k1.pem")
    inbox.nvim.wait_gone("GhostWarden")
    inbox.nvim.feed("q")
    inbox.nvim.wait_screen("GhostWarden")
