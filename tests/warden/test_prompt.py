"""What a person is asked, built from hostile actions."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.model.action import Action, Op, Subject
from zeke_bridge.model.verdict import Choice, Risk, Ruling, Verdict
from zeke_bridge.warden.prompt import build_prompt

ASK = Verdict(Ruling.ASK, Risk.MEDIUM, "default", "No rule covers it.", "src/app.py")


def test_an_ordinary_write() -> None:
    action = Action(
        Op.WRITE, "/p", path="./src/app.py", added=12, removed=3, diff=("-old", "+new"), note="tidy"
    )
    prompt = build_prompt(action, ASK)
    assert prompt.digest == action.digest()
    assert (prompt.subject, prompt.verb, prompt.target) == (
        "Zeke's assistant",
        "write",
        "src/app.py",
    )
    assert (prompt.added, prompt.removed, prompt.risk) == (12, 3, "Medium")
    assert (prompt.diff, prompt.note) == (("-old", "+new"), "tidy")
    assert prompt.choices == (Choice.ONCE, Choice.SESSION, Choice.PROJECT, Choice.DENY)


def test_ask_once_offers_once_and_deny() -> None:
    once = Verdict(Ruling.ASK_ONCE, Risk.HIGH, "secret", "A secret.", ".env")
    prompt = build_prompt(Action(Op.READ, "/p", path=".env"), once)
    assert prompt.choices == (Choice.ONCE, Choice.DENY)


def test_spoofing_stays_on_its_line() -> None:
    subject = Subject("agent", "claude\n Risk: Low\x1b[1A", "f" * 64)
    action = Action(
        Op.WRITE,
        "/p",
        subject,
        path="x",
        diff=("+a\n Risk: Low", "+\u202eevil"),
        note="Allow\u2028[1]",
    )
    prompt = build_prompt(action, ASK)
    assert prompt.subject == "claude\\u{a} Risk: Low\\u{1b}[1A (agent)"
    assert prompt.diff == ("+a\\u{a} Risk: Low", "+\\u{202e}evil")
    assert prompt.note == "Allow\\u{2028}[1]"


def test_arguments_are_told_apart() -> None:
    two = build_prompt(Action(Op.EXECUTE, "/p", argv=("rm", "a b")), ASK).target
    three = build_prompt(Action(Op.EXECUTE, "/p", argv=("rm", "a", "b")), ASK).target
    assert (two, three) == ("rm 'a b'", "rm a b")


def test_a_rename_shows_both_paths() -> None:
    verdict = Verdict(Ruling.ASK, Risk.MEDIUM, "default", "x.", "a.py", to="b.py")
    assert build_prompt(Action(Op.RENAME, "/p", path="a.py", to="b.py"), verdict).target == (
        "a.py → b.py"
    )


@given(st.text(), st.text(), st.lists(st.text(), max_size=3), st.sampled_from(list(Op)))
def test_every_string_is_printable(name: str, note: str, diff: list[str], op: Op) -> None:
    subject = Subject("agent", name, "f")
    action = Action(op, "/p", subject, path=name, url=name, argv=(name,), tool=name,
                    note=note, diff=tuple(diff))  # fmt: skip
    prompt = build_prompt(action, Verdict(Ruling.ASK, Risk.LOW, "default", "x.", name, to=name))
    for text in (prompt.subject, prompt.target, prompt.note, *prompt.diff):
        assert text.isprintable()
