"""What each step says: the whole verdict, word for word."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from zeke_bridge.model.action import Action, Op
from zeke_bridge.model.grant import Grant, Rules
from zeke_bridge.model.target import Facts, Places, Target
from zeke_bridge.model.verdict import Risk, Ruling, Verdict
from zeke_bridge.warden.grants import Denies, Deny, GrantIndex, Grants
from zeke_bridge.warden.match import DenyPattern
from zeke_bridge.warden.policy import decide
from zeke_bridge.warden.rulebook import compile_rules

ROOT = "/home/u/project"
STRICT = Rules(auto_approve_read=False)
ALLOW, ASK, ONCE, DENY = Ruling.ALLOW, Ruling.ASK, Ruling.ASK_ONCE, Ruling.DENY
LOW, MEDIUM, HIGH = Risk.LOW, Risk.MEDIUM, Risk.HIGH
NOWHERE, NONE = Places(), Denies()
LONG = "x" * 100
SHORT = f"{'x' * 40}…(20 more)…{'x' * 40}"


def target(path: str, **facts: Any) -> Target:
    absolute = path if path.startswith("/") else f"{ROOT}/{path}"
    fields = {"inside": not path.startswith("/"), "kind": "regular", "nlink": 1, **facts}
    return Target(path, absolute, **fields)


CWD = target(".", kind="directory", nlink=2)
COMMAND = Action(Op.EXECUTE, ROOT, argv=("make", "test"))
COMMAND_FACTS = Facts(cwd=CWD, program="/usr/bin/make")
COMMAND_KEY = '{"argv":["make","test"],"cwd":".","env":[],"program":"/usr/bin/make"}'
NETWORK = Action(Op.NETWORK, ROOT, url="https://Example.com/x?y")
TOOL = Action(Op.MCP, ROOT, tool="search")


def file(op: Op, path: str = "a.py", **facts: Any) -> tuple[Action, Facts]:
    return Action(op, ROOT, path=path), Facts(target(path, **facts))


def rename(to: str = "b.py", **facts: Any) -> tuple[Action, Facts]:
    action = Action(Op.RENAME, ROOT, path="a.py", to=to)
    return action, Facts(target("a.py"), target(to, **{"kind": "missing", "nlink": 0, **facts}))


def judge(
    asked: tuple[Action, Facts],
    rules: Rules = STRICT,
    *,
    places: Places = NOWHERE,
    denies: Denies = NONE,
    grants: tuple[Grant, ...] = (),
) -> Verdict:
    return decide(
        *asked,
        compile_rules(rules, places),
        Grants(
            GrantIndex(grant for grant in grants if grant.scope == "session"),
            GrantIndex(grant for grant in grants if grant.scope == "project"),
        ),
        denies,
        now=10.0,
    )


def deny(op: Op, pattern: str) -> Denies:
    return Denies(project=(Deny(op, DenyPattern(pattern)),))


DEFAULT = "No rule or grant covers it."
KERNEL = "Nothing under /proc, /sys or /dev is read or written."
KEYS = "Keys and tokens of Zeke are never given out."
OWN = "GhostWarden's own files are never touched for anybody."
REGULAR = "Only regular files are read or written."
REFUSED = "You have refused this for the session."


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        (file(Op.READ), Verdict(ASK, LOW, "default", DEFAULT, "a.py")),
        (file(Op.WRITE), Verdict(ASK, MEDIUM, "default", DEFAULT, "a.py")),
        (file(Op.CREATE, kind="missing"), Verdict(ASK, MEDIUM, "default", DEFAULT, "a.py")),
        (file(Op.DELETE), Verdict(ASK, HIGH, "default", DEFAULT, "a.py")),
        (rename(), Verdict(ASK, MEDIUM, "default", DEFAULT, "a.py", "", "b.py")),
        ((COMMAND, COMMAND_FACTS), Verdict(ASK, HIGH, "default", DEFAULT, COMMAND_KEY)),
        ((NETWORK, Facts()), Verdict(ASK, HIGH, "default", DEFAULT, "https://example.com:443")),
        ((TOOL, Facts()), Verdict(ASK, HIGH, "default", DEFAULT, "search")),
        (file(Op.READ, kernel=True), Verdict(DENY, HIGH, "never", KERNEL, "a.py")),
        (file(Op.READ, unreadable=True), Verdict(DENY, HIGH, "never", KEYS, "a.py")),
        (file(Op.WRITE, never=True), Verdict(DENY, HIGH, "never", OWN, "a.py")),
        (file(Op.READ, kind="other"), Verdict(DENY, HIGH, "not_regular", REGULAR, "a.py")),
        (file(Op.READ, kind="directory"), Verdict(DENY, HIGH, "not_regular", REGULAR, "a.py")),
        (
            file(Op.WRITE, ".git/config"),
            Verdict(
                ONCE,
                HIGH,
                "protected",
                "It changes a file that an editor, git, a shell or an agent obeys.",
                ".git/config",
            ),
        ),
        (
            file(Op.READ, ".env"),
            Verdict(ONCE, HIGH, "secret", "It looks like a place for keys or passwords.", ".env"),
        ),
        (
            file(Op.READ, "/out/a"),
            Verdict(ONCE, HIGH, "outside", "It is outside the project.", "/out/a"),
        ),
        (
            file(Op.READ, left_root=True),
            Verdict(
                ONCE,
                HIGH,
                "link",
                "A link on the way leads out of the project, or the entry is itself a link.",
                "a.py",
            ),
        ),
        (
            file(Op.WRITE, nlink=2),
            Verdict(
                ONCE,
                HIGH,
                "hardlink",
                "The file has other names (hard links), which would not change with it.",
                "a.py",
            ),
        ),
    ],
)
def test_without_rules_and_grants(asked: tuple[Action, Facts], wanted: Verdict) -> None:
    assert judge(asked) == wanted


def test_an_exception() -> None:
    asked = file(Op.READ)
    broken = replace(asked[1].target, spellings=(7,))
    reason = "GhostWarden failed while judging this (AttributeError), so it is denied."
    assert judge((asked[0], Facts(broken))) == Verdict(DENY, HIGH, "error", reason, "")


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        (Action(Op.READ, ROOT, path="p\n", argv=("a",), url="u", tool="t"), ("p\\u{a}", "")),
        (Action("odd", ROOT, argv=("a", "b"), url="u", tool="t", to="c\n"), ("a b", "c\\u{a}")),  # type: ignore[arg-type]
        (Action("odd", ROOT, url="u", tool="t"), ("u", "")),  # type: ignore[arg-type]
        (Action("odd", ROOT, tool="t"), ("t", "")),  # type: ignore[arg-type]
        (
            Action("odd", ROOT, path="p" * 201, to="t" * 201),  # type: ignore[arg-type]
            (f"{'p' * 100}…(1 more)…{'p' * 100}", f"{'t' * 100}…(1 more)…{'t' * 100}"),
        ),
        (Action("odd", ROOT, path="p" * 200, to="t" * 200), ("p" * 200, "t" * 200)),  # type: ignore[arg-type]
    ],
)
def test_what_is_malformed_is_shown_escaped(asked: Action, shown: tuple[str, str]) -> None:
    verdict = judge((asked, Facts()))
    assert (verdict.ruling, verdict.risk, verdict.step) == (DENY, HIGH, "malformed")
    assert (verdict.target, verdict.to) == shown


def test_a_refusal_of_the_person() -> None:
    denies = Denies(frozenset({("change", "a.py")}))
    wanted = Verdict(DENY, MEDIUM, "remembered_deny", REFUSED, "a.py")
    assert judge(file(Op.WRITE), denies=denies) == wanted
    assert judge(file(Op.READ), denies=denies).ruling is ASK
    danger = replace(wanted, risk=HIGH, target=".git/config")
    denies = Denies(frozenset({("change", ".git/config")}))
    assert judge(file(Op.WRITE, ".git/config"), denies=denies) == danger


@pytest.mark.parametrize(
    ("pattern", "shown"), [("*.py", "*.py"), (LONG, SHORT), (LONG[20:], LONG[20:])]
)
def test_a_deny_of_the_project(pattern: str, shown: str) -> None:
    name = "a.py" if pattern == "*.py" else pattern
    reason = f"The project's consent file denies {shown}."
    wanted = Verdict(DENY, LOW, "project_deny", reason, name, shown)
    assert judge(file(Op.READ, name), denies=deny(Op.READ, pattern)) == wanted


@pytest.mark.parametrize(
    ("asked", "pattern", "covered"),
    [
        ((COMMAND, COMMAND_FACTS), "make", True),
        ((COMMAND, replace(COMMAND_FACTS, program="/opt/a/gmake")), "gmake", True),
        ((COMMAND, replace(COMMAND_FACTS, program="/opt/a/gmake")), "a*", False),
        ((COMMAND, COMMAND_FACTS), "usr*", False),
        ((replace(COMMAND, argv=("/opt/a/rm",)), COMMAND_FACTS), "rm", True),
        ((NETWORK, Facts()), "example.com", True),
        ((NETWORK, Facts()), "*.com", True),
        ((NETWORK, Facts()), "https", False),
        ((TOOL, Facts()), "SEARCH", True),
        ((TOOL, Facts()), "sear", False),
    ],
)
def test_a_deny_covers_programs_hosts_and_tools(
    asked: tuple[Action, Facts], pattern: str, covered: bool
) -> None:
    verdict = judge(asked, denies=deny(asked[0].op, pattern))
    assert verdict.step == ("project_deny" if covered else "default")
    assert verdict.risk is HIGH


def test_every_aim_is_looked_at() -> None:
    asked = (COMMAND, Facts(target("a.py"), cwd=replace(CWD, kernel=True), program="/bin/make"))
    assert judge(asked).reason == KERNEL
    assert judge(rename("b.py", kernel=True)).reason == KERNEL
    assert judge(rename(".git/x")).step == "protected"
    assert judge(rename("x"), denies=deny(Op.RENAME, "x")).step == "project_deny"


@pytest.mark.parametrize("spelling", ["/state/x", "/STATE/x", "/state./x"])
def test_places_count_by_every_absolute_spelling(spelling: str) -> None:
    places = Places(never=("/state",), unreadable=("/keys",))
    for path, wanted in ((spelling, OWN), (spelling.lower().replace("state", "keys"), KEYS)):
        asked = file(Op.WRITE, "a.py", spellings=("b", path))
        assert judge(asked, places=places).reason == wanted
    relative = file(Op.WRITE, "a.py", spellings=("state/x",))
    assert judge(relative, places=places).step == "default"


@pytest.mark.parametrize(
    ("asked", "rules", "step", "reason", "by"),
    [
        (
            file(Op.WRITE),
            Rules(enable_consent=False),
            "consent_off",
            "Consent is switched off (enable_consent = false).",
            "",
        ),
        (
            file(Op.READ),
            Rules(),
            "auto_read",
            "Reading files of the project needs no question.",
            "",
        ),
        (
            file(Op.WRITE),
            Rules(auto_approve_write=True),
            "auto_write",
            "Writing files of the project needs no question.",
            "",
        ),
        (
            file(Op.WRITE),
            Rules(auto_approve_patterns=("*.py",)),
            "auto_pattern",
            "The pattern *.py covers it.",
            "*.py",
        ),
        (
            file(Op.WRITE, LONG),
            Rules(auto_approve_patterns=(LONG,)),
            "auto_pattern",
            f"The pattern {SHORT} covers it.",
            LONG,
        ),
    ],
)
def test_rules(asked: tuple[Action, Facts], rules: Rules, step: str, reason: str, by: str) -> None:
    risk = LOW if asked[0].op is Op.READ else MEDIUM
    assert judge(asked, rules) == Verdict(ALLOW, risk, step, reason, asked[0].path, by)


@pytest.mark.parametrize("scope", ["session", "project"])
def test_grants(scope: Any) -> None:
    grant = Grant("g7", scope, Op.WRITE, "assistant", "a.py", 0.0)
    reason = f"You allowed it for the {scope}."
    wanted = Verdict(ALLOW, MEDIUM, f"{scope}_grant", reason, "a.py", "g7")
    assert judge(file(Op.WRITE), grants=(grant,)) == wanted


def test_the_session_comes_before_the_project() -> None:
    grants = [Grant(s, s, Op.WRITE, "assistant", "a.py", 0.0) for s in ("project", "session")]
    assert judge(file(Op.WRITE), grants=tuple(grants)).grant == "session"


@pytest.mark.parametrize("op", [Op.READ, Op.WRITE, Op.CREATE])
def test_no_rule_counts_where_there_is_no_project(op: Op) -> None:
    rules = Rules(auto_approve_write=True, auto_approve_patterns=("*",))
    action, facts = file(op)
    for places, ruling in ((Places(is_no_project=True), ASK), (NOWHERE, ALLOW)):
        book = compile_rules(rules, places)
        assert decide(action, facts, book, Grants(), NONE, now=1.0).ruling is ruling
