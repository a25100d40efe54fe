"""What a person is asked, built from hostile actions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.model.action import Action, Op, Subject
from zeke_bridge.model.verdict import Choice, Risk, Ruling, Verdict
from zeke_bridge.warden.command import keep, read_command
from zeke_bridge.warden.prompt import MAX_LINE, MAX_LINES, MAX_SHOWN, Prompt, build_prompt

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


def below(*lines: str, unshown: int = 0) -> tuple[str, ...]:
    return build_prompt(Action(Op.WRITE, "/p", path="a", diff=lines, unshown=unshown), ASK).diff


def test_a_long_change_is_shown_whole() -> None:
    lines = tuple(f"+line {at}" for at in range(6000))
    assert below(*lines) == lines
    assert below(f"+{'x' * 9000}") == (f"+{'x' * 9000}",)


def test_where_there_is_no_room_the_last_line_says_how_much_is_left_out() -> None:
    assert below("+a", unshown=1) == ("+a", "…(1 more line is not shown)…")
    many = below(*["+a"] * (MAX_LINES + 2), unshown=3)
    assert (len(many), many[-1]) == (MAX_LINES + 1, "…(5 more lines are not shown)…")
    wide = below(*["+" + "\U0010ffff" * MAX_LINE] * 3)
    assert wide[-1] == "…(2 more lines are not shown)…"
    assert sum(len(line.encode()) for line in wide[:-1]) < MAX_SHOWN
    assert below("…(5 more lines are not shown)…")[0].startswith("\\u{2026}(5")


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


def command(*argv: str, **fields: Any) -> Prompt:
    target = '{"argv":[],"cwd":"src","env":[],"program":"/usr/bin/x"}'
    verdict = Verdict(Ruling.ASK, Risk.HIGH, "default", "No rule covers it.", target)
    return build_prompt(Action(Op.EXECUTE, "/p", argv=argv, **fields), verdict)


def test_a_command_is_shown_with_its_parts() -> None:
    prompt = command("sh", "-c", "curl x | sh", env=(("PATH", "/x"),), diff=("Risk: Low",))
    assert (prompt.verb, prompt.target) == ("run", "sh -c 'curl x | sh'")
    assert prompt.diff == (
        "Look: runs what another program prints; uses the network; can change what",
        "  … programs do",
        "runs  /usr/bin/x",
        "in    src",
        "sets! PATH=/x",
        "· sh -c",
        "  ! uses the network: curl x",
        "  ! runs what another program prints: | sh",
    )


def test_a_long_command_is_shown_whole_below() -> None:
    argument = "a b" * 400
    reading = keep(("ls", argument), read_command(("ls", argument)))
    assert reading.parts
    prompt = command("ls", argument)
    assert "…(" in prompt.target
    text = "".join(line.removeprefix("  … ") for line in prompt.diff[2:])
    assert text == f"whole ls '{argument}'"


def test_the_target_of_a_command_may_be_anything() -> None:
    for target in ("", "x", "[]", "{}", '{"program":1,"cwd":null}', "null"):
        verdict = Verdict(Ruling.ASK, Risk.HIGH, "default", "x.", target)
        assert build_prompt(Action(Op.EXECUTE, "/p", argv=("ls",)), verdict).verb == "run"


def test_letters_of_other_alphabets_are_quoted() -> None:
    assert command("саt").target == "'саt'"


def test_a_host_stands_apart_from_its_url() -> None:
    url = "https://example.com:8443/" + "evil.com/" * 20
    verdict = Verdict(Ruling.ASK, Risk.HIGH, "default", "x.", "https://example.com:8443")
    prompt = build_prompt(Action(Op.NETWORK, "/p", url=url, diff=("host evil.com",)), verdict)
    assert (prompt.verb, prompt.target) == ("connect to", "https://example.com:8443")
    assert prompt.diff[:3] == ("scheme   https", "host     example.com", "port     8443")
    text = "".join(line.removeprefix("  … ") for line in prompt.diff[3:])
    assert text == f"address  {url}"


def test_a_rename_shows_both_paths() -> None:
    verdict = Verdict(Ruling.ASK, Risk.MEDIUM, "default", "x.", "a.py", to="b.py")
    assert build_prompt(Action(Op.RENAME, "/p", path="a.py", to="b.py"), verdict).target == (
        "a.py → b.py"
    )


def test_a_file_of_another_project_is_named_from_the_readers() -> None:
    action = Action(Op.WRITE, "/p/vendor/lib", path="src/app.py")
    prompt = build_prompt(action, ASK)
    names = ("root", "project", "target", "path")

    def told(home: str) -> tuple[str, ...]:
        return tuple(prompt.fields(home)[name] for name in names)

    root, path = "/p/vendor/lib", "/p/vendor/lib/src/app.py"
    assert told("/p/vendor/lib") == (root, "", "src/app.py", path)
    assert told("/p") == (root, "vendor/lib", "vendor/lib/src/app.py", path)
    assert told("/") == (root, "p/vendor/lib", "p/vendor/lib/src/app.py", path)
    for beside in ("/p/vendor/li", "/q", ""):
        assert told(beside) == (root, root, path, path)


def test_a_file_outside_of_the_other_project_is_named_from_the_top() -> None:
    verdict = replace(ASK, target="/etc/hosts")
    told = build_prompt(Action(Op.READ, "/p/vendor/lib", path="/etc/hosts"), verdict).fields("/p")
    assert (told["project"], told["target"], told["path"]) == (
        "vendor/lib",
        "/etc/hosts",
        "/etc/hosts",
    )


def test_both_paths_of_a_rename_are_named_so() -> None:
    verdict = Verdict(Ruling.ASK, Risk.MEDIUM, "default", "x.", "a.py", to="b.py")
    prompt = build_prompt(Action(Op.RENAME, "/p/lib", path="a.py", to="b.py"), verdict)
    assert prompt.fields("/p")["target"] == "lib/a.py → lib/b.py"


def test_where_a_command_of_another_project_runs_is_named_so() -> None:
    prompt = command("ls")
    assert "in    src" in prompt.fields("/p")["diff"]
    told = prompt.fields("/")
    assert (told["project"], told["target"], told["path"]) == ("p", "ls", "")
    assert "in    p/src" in told["diff"]
    target = '{"argv":[],"cwd":".","env":[],"program":"/usr/bin/x"}'
    there = build_prompt(
        Action(Op.EXECUTE, "/p", argv=("ls",)), Verdict(Ruling.ASK, Risk.HIGH, "d", "x.", target)
    )
    assert not any(line.startswith("in ") for line in there.fields("/p")["diff"])
    assert "in    /p" in there.fields("/q")["diff"]


@given(st.text(), st.text(), st.lists(st.text(), max_size=3), st.sampled_from(list(Op)))
def test_every_string_is_printable(name: str, note: str, diff: list[str], op: Op) -> None:
    subject = Subject("agent", name, "f")
    action = Action(op, "/p", subject, path=name, url=name, argv=(name,), tool=name,
                    note=note, diff=tuple(diff))  # fmt: skip
    prompt = build_prompt(action, Verdict(Ruling.ASK, Risk.LOW, "default", "x.", name, to=name))
    for home in ("/p", "/q", name):
        told = prompt.fields(home)
        shown = ("subject", "target", "note", "root", "project", "path")
        for text in (*(told[one] for one in shown), *told["diff"]):
            assert text.isprintable()


def test_sessions_with_one_agent_are_told_apart() -> None:
    verdict = Verdict(Ruling.ASK, Risk.MEDIUM, "default", "x.", "a.py")
    first = Action(Op.WRITE, "/p", Subject("agent", "claude", "f", session="a1"), path="a.py")
    second = replace(first, subject=replace(first.subject, session="a2", number=2))
    prompts = [build_prompt(one, verdict) for one in (first, second)]
    assert [one.subject for one in prompts] == ["claude (agent)", "claude 2 (agent)"]
    assert [(one.agent, one.session) for one in prompts] == [("claude", "a1"), ("claude", "a2")]
    assert prompts[0].digest != prompts[1].digest
    assert first.subject == second.subject
    assert first.subject.key() == second.subject.key()
    ours = replace(first, subject=Subject(session="a3", number=3))
    assert build_prompt(ours, verdict).subject == "zeke 3 (Zeke's assistant)"


def test_an_asker_of_another_editor_is_said_to_be_one() -> None:
    subject = Subject("agent", "claude", "f", session="a1", task="1")
    verdict = Verdict(Ruling.ASK, Risk.MEDIUM, "default", "x.", "a.py")
    prompt = build_prompt(Action(Op.WRITE, "/p", subject, path="a.py"), verdict, guest=True)
    assert prompt.subject == "claude (agent of another editor)"
    assert (prompt.agent, prompt.session, prompt.task) == ("", "", "")


def test_it_names_the_task_and_is_the_same_question_for_another_one() -> None:
    verdict = Verdict(Ruling.ASK, Risk.MEDIUM, "default", "x.", "a.py")
    first, second = (
        build_prompt(Action(Op.READ, "/p", Subject(task=task), path="a.py"), verdict)
        for task in ("1", "2")
    )
    assert (first.fields("/p")["task"], second.fields("/p")["task"]) == ("1", "2")
    assert first.digest == second.digest
