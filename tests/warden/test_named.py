"""A tool that is asked for with paths: none of them is ever judged laxer than without it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.model.action import Action, Op
from zeke_bridge.model.grant import Grant, Rules
from zeke_bridge.model.target import Facts, Places, Target
from zeke_bridge.model.verdict import Choice, Ruling, Verdict
from zeke_bridge.warden.grants import Denies, GrantIndex, Grants, target_text
from zeke_bridge.warden.policy import decide
from zeke_bridge.warden.prompt import build_prompt
from zeke_bridge.warden.rulebook import compile_rules

ROOT = "/home/u/project"
PLACES = Places(
    never=("/home/u/state",),
    unreadable=("/home/u/keys",),
    git_dirs=("/home/u/repos/p",),
    on_runtimepath=True,
)
TOOL = Action(Op.MCP, ROOT, tool="codex/declared/other", tool_sha256="a" * 64)
NO_RULES = Rules()
STRICTNESS = [Ruling.ALLOW, Ruling.ASK, Ruling.ASK_ONCE, Ruling.DENY]


def target(path: str, **facts: Any) -> Target:
    absolute = path if path.startswith("/") else f"{ROOT}/{path}"
    fields = {"inside": not path.startswith("/"), "kind": "regular", "nlink": 1, **facts}
    return Target(path, absolute, **fields)


def judge(*named: Target, rules: Rules = NO_RULES, granted: bool = True) -> Verdict:
    aim = target_text(TOOL, Facts())
    grants = [
        Grant(scope, scope, Op.MCP, "assistant", aim, 0.0)  # type: ignore[arg-type]
        for scope in ("session", "project")
        if granted
    ]
    return decide(
        TOOL,
        Facts(named=named),
        compile_rules(rules, PLACES),
        Grants(
            GrantIndex(one for one in grants if one.scope == "session"),
            GrantIndex(one for one in grants if one.scope == "project"),
        ),
        Denies(),
        now=1.0,
    )


@pytest.mark.parametrize(
    ("named", "step"),
    [
        (target("src/.env"), "secret"),
        (target("deploy/id_rsa", kind="missing", nlink=0), "secret"),
        (target(".aws", kind="directory", nlink=3), "secret"),
        (target(".git/config"), "protected"),
        (target(".github/workflows/ci.yml"), "protected"),
        (target("lua/init.lua"), "protected"),
        (target(".zeke-consents.json"), "protected"),
        (target("a.py", never=True), "protected"),
        (target("modules/x/config", in_repository=True), "protected"),
        (target("/home/u/repos/p/config"), "protected"),
        (target("/home/u/state/trust.json"), "protected"),
        (target("/etc/passwd"), "outside"),
        (target("/"), "outside"),
        (target("/dev/null", kernel=True), "outside"),
        (target("a.py", left_root=True), "link"),
        (target("a.py", kind="link"), "link"),
        (target("a.py", nlink=2), "hardlink"),
        (target("", problem="The path is empty."), "unresolved"),
    ],
)
@pytest.mark.parametrize("rules", [Rules(), Rules(enable_consent=False)])
def test_what_it_names_is_asked_about_each_time(named: Target, step: str, rules: Rules) -> None:
    verdict = judge(target("a.py"), named, rules=rules)
    assert (verdict.ruling, verdict.step) == (Ruling.ASK_ONCE, step)
    assert verdict.reason.startswith("It names ")
    assert build_prompt(TOOL, verdict).choices == (Choice.ONCE, Choice.DENY)


@pytest.mark.parametrize("named", [target("/home/u/keys/openai"), target("a", unreadable=True)])
def test_keys_are_never_given_out(named: Target) -> None:
    verdict = judge(named)
    assert (verdict.ruling, verdict.step) == (Ruling.DENY, "never")


@pytest.mark.parametrize(
    "named",
    [
        target("src/a.py"),
        target(".", kind="directory", nlink=9),
        target("new.py", kind="missing", nlink=0),
        target(".env.example"),
        target("pipe", kind="other"),
    ],
)
def test_what_is_ordinary_changes_nothing(named: Target) -> None:
    assert judge(named).step == "session_grant"
    assert judge(named, granted=False).ruling is Ruling.ASK


NAMES = st.sampled_from(["src", "a.py", ".git", ".env", "b.md", "x.pem", "lua", ".envrc"])


@st.composite
def targets(draw: st.DrawFn) -> Target:
    path = "/".join(draw(st.lists(NAMES, min_size=1, max_size=3)))
    return target(
        draw(st.sampled_from([path, path, f"/out/{path}"])),
        kind=draw(st.sampled_from(["regular", "missing", "directory", "link", "other"])),
        left_root=draw(st.booleans()),
        kernel=draw(st.sampled_from([False, False, True])),
        unreadable=draw(st.sampled_from([False, False, True])),
        nlink=draw(st.integers(0, 2)),
        problem=draw(st.sampled_from(["", "", "", "Broken."])),
    )


@given(st.lists(targets(), max_size=4), targets(), st.booleans(), st.booleans())
def test_naming_more_is_never_laxer(
    named: list[Target], more: Target, granted: bool, consent: bool
) -> None:
    rules = Rules(enable_consent=consent)
    before = judge(*named, rules=rules, granted=granted)
    after = judge(*named, more, rules=rules, granted=granted)
    assert STRICTNESS.index(after.ruling) >= STRICTNESS.index(before.ruling)
    assert judge(*named, more, granted=False).ruling is not Ruling.ALLOW
