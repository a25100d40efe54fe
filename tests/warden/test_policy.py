"""What holds for every decision, whatever the action."""

from __future__ import annotations

import json
import statistics
from dataclasses import replace
from time import perf_counter

from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.model.action import CHANGING_OPS, FILE_OPS, Action, Op
from zeke_bridge.model.grant import Grant, Rules
from zeke_bridge.model.target import Facts, Places, Target
from zeke_bridge.model.verdict import Ruling, Verdict
from zeke_bridge.warden.grants import Denies, Deny, GrantIndex, Grants, family, target_text
from zeke_bridge.warden.match import DenyPattern
from zeke_bridge.warden.policy import decide
from zeke_bridge.warden.rulebook import compile_rules

ROOT = "/home/u/project"
STRICTNESS = [Ruling.ALLOW, Ruling.ASK, Ruling.ASK_ONCE, Ruling.DENY]
NAMES = st.sampled_from(
    ["src", "a.py", ".git", ".env", "b.md", "x.pem", "lua", ".zeke-consents.json"]
)
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)


@st.composite
def targets(draw: st.DrawFn) -> Target:
    path = draw(PATHS)
    inside = draw(st.booleans())
    absolute = f"{ROOT}/{path}" if inside else f"/out/{path}"
    return Target(
        path=path if inside else absolute,
        absolute=absolute,
        inside=inside,
        kind=draw(st.sampled_from(["regular", "regular", "missing", "directory", "link", "other"])),
        spellings=tuple(draw(st.lists(PATHS, max_size=2))),
        left_root=draw(st.sampled_from([False, False, True])),
        kernel=draw(st.sampled_from([False, False, True])),
        nlink=draw(st.integers(1, 2)),
        problem=draw(st.sampled_from(["", "", "", "Broken."])),
    )


@st.composite
def situations(draw: st.DrawFn) -> tuple[Action, Facts, Rules, list[Grant], Denies]:
    op = draw(st.sampled_from(list(Op)))
    target = draw(targets())
    facts = Facts(target, draw(targets()), draw(targets()), draw(st.sampled_from(["", "/bin/ls"])))
    action = Action(
        op, ROOT, path=target.path, to="x", argv=("ls",), url="https://example.com", tool="t"
    )
    rules = Rules(
        draw(st.booleans()),
        draw(st.booleans()),
        draw(st.booleans()),
        tuple(draw(st.lists(st.sampled_from(["*.py", "src/", "!b.md", "[", "!/x"]), max_size=3))),
    )
    key = target_text(action, facts)
    grants = [
        Grant(f"g{number}", scope, op, "assistant", key, 0.0, expires)
        for number, (scope, expires) in enumerate(
            draw(
                st.lists(
                    st.tuples(
                        st.sampled_from(["session", "project"]), st.sampled_from([None, 5.0, 50.0])
                    ),
                    max_size=3,
                )
            )
        )
    ]
    patterns = draw(st.lists(st.sampled_from(["src/", "*.md", "a.py"]), max_size=1))
    denies = Denies(project=tuple(Deny(op, DenyPattern(text)) for text in patterns))
    return action, facts, rules, grants, denies


def judge(
    action: Action, facts: Facts, rules: Rules, grants: list[Grant], denies: Denies
) -> Verdict:
    split = Grants(
        GrantIndex(grant for grant in grants if grant.scope == "session"),
        GrantIndex(grant for grant in grants if grant.scope == "project"),
    )
    return decide(action, facts, compile_rules(rules), split, denies, now=10.0)


def strictness(verdict: Verdict) -> int:
    return STRICTNESS.index(verdict.ruling)


@given(situations())
def test_allow_means_inside_regular_and_unprotected(situation: tuple) -> None:
    verdict = judge(*situation)
    action, facts = situation[0], situation[1]
    if verdict.ruling is Ruling.ALLOW and action.op in FILE_OPS:
        for aim in (facts.target, facts.to) if action.op is Op.RENAME else (facts.target,):
            assert aim.inside
            assert aim.kind in ("regular", "missing")
            assert (aim.left_root, aim.kernel, aim.problem) == (False, False, "")
            parts = {part for path in (aim.path, *aim.spellings) for part in path.split("/")}
            assert not parts & {".env", "x.pem"}
            if action.op in CHANGING_OPS:
                assert not parts & {".git", ".zeke-consents.json"}
                assert aim.nlink < 2


@given(situations(), st.sampled_from(["*", "src/", "a.py"]))
def test_adding_a_deny_is_never_milder(situation: tuple, pattern: str) -> None:
    action, facts, rules, grants, denies = situation
    before = judge(*situation)
    more = (*denies.project, Deny(action.op, DenyPattern(pattern)))
    assert strictness(judge(action, facts, rules, grants, replace(denies, project=more))) >= (
        strictness(before)
    )
    refused = frozenset({(family(action.op), target_text(action, facts))})
    after = judge(action, facts, rules, grants, replace(denies, remembered=refused))
    assert after.ruling is Ruling.DENY


@given(situations())
def test_removing_a_grant_never_allows(situation: tuple) -> None:
    action, facts, rules, grants, denies = situation
    before = judge(*situation)
    for left_out in range(len(grants)):
        fewer = grants[:left_out] + grants[left_out + 1 :]
        assert strictness(judge(action, facts, rules, fewer, denies)) >= strictness(before)


@given(situations())
def test_consent_off_leaves_the_first_three_steps(situation: tuple) -> None:
    action, facts, rules, grants, denies = situation
    on = judge(action, facts, replace(rules, enable_consent=True), grants, denies)
    off = judge(action, facts, replace(rules, enable_consent=False), grants, denies)
    if on.ruling in (Ruling.DENY, Ruling.ASK_ONCE):
        assert (off.ruling, off.step) == (on.ruling, on.step)
    else:
        assert off.ruling is Ruling.ALLOW


@given(situations())
def test_only_known_grants_allow_by_grant(situation: tuple) -> None:
    verdict = judge(*situation)
    if verdict.step in ("session_grant", "project_grant"):
        grant = next(grant for grant in situation[3] if grant.id == verdict.grant)
        assert grant.expires is None or grant.expires > 10.0


def test_an_exception_inside_is_a_deny() -> None:
    target = Target("a.py", f"{ROOT}/a.py", True, "regular", nlink=1)
    broken = replace(target, spellings=(7,))  # type: ignore[arg-type]
    verdict = judge(Action(Op.READ, ROOT, path="a.py"), Facts(broken), Rules(), [], Denies())
    assert (verdict.ruling, verdict.step) == (Ruling.DENY, "error")


def test_an_operation_that_is_not_known_is_a_deny() -> None:
    verdict = judge(Action("chmod", ROOT, path="a"), Facts(), Rules(), [], Denies())  # type: ignore[arg-type]
    assert verdict.ruling is Ruling.DENY


def test_a_rule_that_is_not_a_boolean_widens_nothing() -> None:
    rules = Rules(enable_consent=0, auto_approve_read="yes", auto_approve_write=1)  # type: ignore[arg-type]
    facts = Facts(Target("a.py", f"{ROOT}/a.py", True, "regular", nlink=1))
    for op in (Op.READ, Op.WRITE):
        assert judge(Action(op, ROOT, path="a.py"), facts, rules, [], Denies()).step == "default"


def test_execute_grants_name_everything() -> None:
    cwd = Target(".", ROOT, True, "directory", nlink=2)
    facts = Facts(cwd=cwd, program="/usr/bin/make")
    action = Action(Op.EXECUTE, ROOT, argv=("make", "test"), env=(("A", "1"),))
    key = target_text(action, facts)
    assert json.loads(key) == {
        "argv": ["make", "test"], "cwd": ".", "env": [["A", "1"]], "program": "/usr/bin/make",
    }  # fmt: skip
    grant = Grant("g", "session", Op.EXECUTE, "assistant", key, 0.0)
    assert judge(action, facts, Rules(), [grant], Denies()).step == "session_grant"
    for other, found in (
        (
            replace(
                action,
                argv=("make", "test "),
            ),
            facts,
        ),
        (replace(action, argv=("make test",)), facts),
        (replace(action, env=()), facts),
        (action, replace(facts, program="/opt/make")),
        (action, replace(facts, cwd=replace(cwd, path="sub"))),
    ):
        assert judge(other, found, Rules(), [grant], Denies()).ruling is Ruling.ASK


def test_git_directories_of_worktrees_are_protected() -> None:
    target = Target("bare/hooks/x", f"{ROOT}/bare/hooks/x", True, "missing")
    places = Places(git_dirs=(f"{ROOT}/bare",))
    action = Action(Op.CREATE, ROOT, path="bare/hooks/x")
    book = compile_rules(Rules(), places)
    verdict = decide(action, Facts(target), book, Grants(), Denies(), now=0.0)
    assert verdict.step == "protected"


def test_cost_with_many_grants_and_patterns() -> None:
    patterns = tuple(f"lib{number}/**/*.py" for number in range(50))
    book = compile_rules(Rules(auto_approve_patterns=patterns))
    grants = Grants(
        project=GrantIndex(
            Grant(f"g{number}", "project", Op.WRITE, "assistant", f"src/{number}.py", 0.0)
            for number in range(10_000)
        )
    )
    facts = Facts(Target("src/7.py", f"{ROOT}/src/7.py", True, "regular", nlink=1))
    action = Action(Op.WRITE, ROOT, path="src/7.py")
    times = []
    for _ in range(300):
        start = perf_counter()
        verdict = decide(action, facts, book, grants, Denies(), now=1.0)
        times.append(perf_counter() - start)
    assert verdict.grant == "g7"
    # The goal is 50 µs (`make bench` measures it); a busy machine gets ten times that.
    assert statistics.median(times) < 500e-6
