"""What holds for every decision, whatever the action."""

from __future__ import annotations

import json
import sys
from dataclasses import replace

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


RULES = ("auto_read", "auto_write", "auto_pattern")
GRANTED = ("session_grant", "project_grant")
# Spelled out here as warden.md has them, apart from the code's own lists.
PROTECTED = (
    ".git", ".gitmodules", ".gitattributes", ".nvim.lua", ".nvimrc", ".exrc", ".vimrc", ".vscode",
    ".idea", ".zed", ".cursor", ".claude", ".gemini", ".codex", ".mcp.json", ".envrc", ".husky",
    ".pre-commit-config.yaml", ".github/workflows", ".bashrc", ".zshrc", ".profile", ".ssh",
    ".config",
)  # fmt: skip
SECRET = (
    ".env", ".env.local", "x.pem", "x.key", "id_rsa", "id_ed25519", "x.p12", "x.kdbx", ".netrc",
    ".npmrc", ".pypirc", ".git-credentials", "credentials", "credentials.json", ".aws", ".gnupg",
    ".kube", ".ssh",
)  # fmt: skip
OPEN = Rules(True, True, True, ("*", "**/*", "**", ".*", "*/"))


@st.composite
def disguised(draw: st.DrawFn, names: tuple[str, ...]) -> str:
    """One of the names, somewhere in a path, spelled as some file system would take it for it."""
    name = draw(st.sampled_from(names))
    change = draw(
        st.sampled_from([
            str,
            str.upper,
            str.title,
            lambda text: text + ". .",
            lambda text: text.replace("/", ". /") + "  ",
            lambda text: text + "::$DATA",
            lambda text: text[:2] + "\u200d" + text[2:],
            lambda text: text[:1] + "\ufeff" + text[1:] + "\u2060",
            lambda text: "".join(chr(ord(c) + 0xFEE0) if c.isalpha() else c for c in text),
            lambda text: text.replace("s", "\u017f").replace("k", "\u212a"),
        ])
    )  # fmt: skip
    before = draw(st.sampled_from(["", "src/", "a/b/"]))
    after = draw(st.sampled_from(["", "/x", "/a/b.py"]))
    return f"{before}{change(name)}{after}"


@given(st.sampled_from([Op.WRITE, Op.CREATE, Op.DELETE]), disguised(PROTECTED))
def test_no_rule_and_no_grant_opens_what_is_protected(op: Op, path: str) -> None:
    assert_closed(op, path, "protected")


@given(st.sampled_from([Op.READ, Op.WRITE, Op.CREATE, Op.DELETE]), disguised(SECRET))
def test_no_rule_and_no_grant_opens_what_is_secret(op: Op, path: str) -> None:
    assert_closed(op, path, "secret")


def assert_closed(op: Op, path: str, step: str) -> None:
    facts = Facts(Target(path, f"{ROOT}/{path}", True, "regular", (path,), nlink=1))
    action = Action(op, ROOT, path=path)
    grants = [Grant("g", scope, op, "assistant", path, 0.0) for scope in ("session", "project")]
    for rules in (OPEN, replace(OPEN, enable_consent=False)):
        verdict = judge(action, facts, rules, grants, Denies())
        assert verdict.ruling is Ruling.ASK_ONCE
        assert verdict.step == step or op is not Op.READ
        assert verdict.risk.value == "high"


@given(situations())
def test_rules_cover_reading_and_writing_of_plain_files_inside(situation: tuple) -> None:
    action, facts, _, grants, denies = situation
    verdict = judge(action, facts, OPEN, grants, denies)
    if verdict.step in RULES:
        assert action.op in (Op.READ, Op.WRITE, Op.CREATE)
        assert facts.target.inside
        assert facts.target.kind in ("regular", "missing")
        assert not facts.target.left_root


@given(situations(), st.floats(0, 100), st.floats(0, 100))
def test_an_expired_grant_never_allows(situation: tuple, expires: float, later: float) -> None:
    action, facts, rules, grants, denies = situation
    ended = [replace(grant, expires=expires) for grant in grants]
    index = GrantIndex(ended)
    verdict = decide(
        action, facts, compile_rules(rules), Grants(index, index), denies, now=expires + later
    )
    assert verdict.step not in GRANTED


@given(situations(), st.sampled_from(list(Op)), st.sampled_from(["assistant", "agent:x:y"]))
def test_a_grant_is_for_its_operation_and_its_subject(
    situation: tuple, op: Op, subject: str
) -> None:
    action, facts, rules, grants, denies = situation
    moved = [replace(grant, op=op, subject=subject) for grant in grants]
    verdict = judge(action, facts, rules, moved, denies)
    if verdict.step in GRANTED:
        assert (op, subject) == (action.op, "assistant")


@given(situations(), st.lists(PATHS, max_size=3))
def test_another_spelling_is_never_milder(situation: tuple, spellings: list[str]) -> None:
    action, facts, rules, grants, denies = situation
    more = replace(facts.target, spellings=(*facts.target.spellings, *spellings))
    after = judge(action, replace(facts, target=more), rules, grants, denies)
    assert strictness(after) >= strictness(judge(*situation))


TEXT = st.text(st.characters(codec=None), max_size=20) | st.sampled_from(
    ["\0", "/", "..", "a" * 300]
)
ANY_TARGET = st.none() | st.builds(
    Target, TEXT, TEXT, st.booleans(), st.sampled_from(["regular", "missing", "directory", "odd"]),
    st.lists(TEXT | st.none(), max_size=2).map(tuple), st.booleans(), st.booleans(),
    nlink=st.integers(), problem=st.sampled_from(["", "It cannot be resolved."]),
)  # fmt: skip
ANY_ACTION = st.builds(
    Action, st.sampled_from([*Op, "chmod", None, 7]), TEXT, path=TEXT, to=TEXT,
    argv=st.lists(TEXT | st.none(), max_size=3).map(tuple), cwd=TEXT,
    env=st.lists(st.tuples(TEXT, TEXT), max_size=2).map(tuple), url=TEXT | st.none(), tool=TEXT,
)  # fmt: skip


@given(ANY_ACTION, st.builds(Facts, ANY_TARGET, ANY_TARGET, ANY_TARGET, TEXT))
def test_no_input_raises_and_none_is_told_without_a_reason(action: Action, facts: Facts) -> None:
    verdict = judge(action, facts, OPEN, [], Denies(project=(Deny(Op.READ, DenyPattern("*a")),)))
    assert verdict.reason.endswith(".")
    assert verdict.step
    if not isinstance(action.op, Op):
        assert verdict.ruling is Ruling.DENY


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


def test_the_work_does_not_grow_with_the_grants() -> None:
    patterns = tuple(f"lib{number}/**/*.py" for number in range(50))
    book = compile_rules(Rules(auto_approve_patterns=patterns))
    facts = Facts(Target("src/7.py", f"{ROOT}/src/7.py", True, "regular", nlink=1))
    action = Action(Op.WRITE, ROOT, path="src/7.py")

    def calls(count: int) -> int:
        grants = Grants(
            project=GrantIndex(
                Grant(f"g{number}", "project", Op.WRITE, "assistant", f"src/{number}.py", 0.0)
                for number in range(count)
            )
        )
        seen = 0

        def one(*_: object) -> None:
            nonlocal seen
            seen += 1

        before = sys.getprofile()
        sys.setprofile(one)
        try:
            verdict = decide(action, facts, book, grants, Denies(), now=1.0)
        finally:
            sys.setprofile(before)
        assert verdict.grant == "g7"
        return seen

    calls(10)  # what is remembered of a path is made once
    assert calls(10) == calls(10_000)
