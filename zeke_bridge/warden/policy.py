"""GhostWarden's decision: one action, everything known about it, one verdict.

The steps run in the order of the specification; the first that has an opinion decides, and its
name is in the verdict. Whatever goes wrong inside a step is a deny. Pure: the same values give
the same verdict, and nothing is looked up outside of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from zeke_bridge.model.action import CHANGING_OPS, FILE_OPS, Action, Op
from zeke_bridge.model.target import Facts, Target
from zeke_bridge.model.verdict import Risk, Ruling, Verdict
from zeke_bridge.warden.command.known import known
from zeke_bridge.warden.escape import shorten
from zeke_bridge.warden.form import malformed
from zeke_bridge.warden.grants import Denies, Deny, Grants, endpoint, family, target_text
from zeke_bridge.warden.lists import Forms, is_below, is_consent_file, is_protected, is_secret
from zeke_bridge.warden.rulebook import Rulebook
from zeke_bridge.warden.spelling import disguises

_HIGH_OPS = frozenset({Op.DELETE, Op.EXECUTE, Op.NETWORK, Op.MCP})
_AUTO_OPS = frozenset({Op.READ, Op.WRITE, Op.CREATE})
# A deny such as ``git push origin`` names so many words of a command.
_MOST_NAMED = 8
_SENTENCES = {
    "protected": "It changes a file that an editor, git, a shell or an agent obeys.",
    "secret": "It looks like a place for keys or passwords.",
    "outside": "It is outside the project.",
    "link": "A link on the way leads out of the project, or the entry is itself a link.",
    "hardlink": "The file has other names (hard links), which would not change with it.",
    "unread": "The project forbids commands, and not all of this one could be read.",
}
# What a tool would do to a path that it is asked for with is not known.
_NAMED = {
    "protected": "It names a file that an editor, git, a shell or an agent obeys.",
    "secret": "It names what looks like a place for keys or passwords.",
    "outside": "It names something outside the project.",
    "link": "It names something by a link that leads elsewhere.",
    "hardlink": "It names a file that has other names (hard links).",
    "unresolved": "It names a path that could not be followed.",
}


@dataclass(slots=True)
class _Case:
    """One decision under way."""

    action: Action
    facts: Facts
    book: Rulebook
    grants: Grants
    denies: Denies
    now: float
    aims: tuple[tuple[Target, Forms, Forms], ...] = ()
    """Each path of the action, its disguises, and those of its absolute form."""
    named: tuple[tuple[Target, Forms, Forms], ...] = ()
    """The same of the paths that a tool is asked for with."""
    key: str = ""
    """The target as grants name it."""


@dataclass(frozen=True, slots=True)
class _Finding:
    """What a step has to say."""

    ruling: Ruling
    step: str
    reason: str
    grant: str = ""


def decide(
    action: Action,
    facts: Facts,
    book: Rulebook,
    grants: Grants,
    denies: Denies,
    *,
    now: float,
) -> Verdict:
    """Judge ``action``. Never raises: an exception inside is a deny of the step ``error``."""
    case = _Case(action, facts, book, grants, denies, now)
    try:
        for step in _STEPS:
            finding = step(case)
            if finding is not None:
                return _verdict(case, finding)
    except Exception as error:
        reason = f"GhostWarden failed while judging this ({type(error).__name__}), so it is denied."
        return Verdict(Ruling.DENY, Risk.HIGH, "error", reason, "")
    return _verdict(case, _Finding(Ruling.ASK, "default", "No rule or grant covers it."))


def _check_form(case: _Case) -> _Finding | None:
    problem = malformed(case.action, case.facts)
    if problem:
        return _Finding(Ruling.DENY, "malformed", problem)
    case.key = target_text(case.action, case.facts)
    paths = (case.facts.target, case.facts.to, case.facts.cwd)
    case.aims = tuple(_looked_at(aim) for aim in paths if aim is not None)
    case.named = tuple(_looked_at(aim) for aim in case.facts.named)
    return None


def _check_never(case: _Case) -> _Finding | None:
    changing = case.action.op in CHANGING_OPS
    for aim, forms, absolutes in case.aims:
        if aim.kernel:
            return _deny("never", "Nothing under /proc, /sys or /dev is read or written.")
        if aim.unreadable or is_below(absolutes, case.book.unreadable):
            return _deny("never", "Keys and tokens of Zeke are never given out.")
        if case.action.op not in FILE_OPS:
            continue
        if changing and (
            aim.never or is_consent_file(forms) or is_below(absolutes, case.book.never)
        ):
            return _deny("never", "GhostWarden's own files are never touched for anybody.")
        if aim.kind not in ("regular", "missing") and not (
            aim.kind == "link" and case.action.op in (Op.DELETE, Op.RENAME)
        ):
            return _deny("not_regular", "Only regular files are read or written.")
    for aim, _, absolutes in case.named:
        if aim.unreadable or is_below(absolutes, case.book.unreadable):
            return _deny("never", "Keys and tokens of Zeke are never given out.")
    return None


def _check_denies(case: _Case) -> _Finding | None:
    op = case.action.op
    if case.denies.remembered:
        # Who refused any change of a file refused to have it renamed as well.
        paths = [aim.path for aim, _, _ in case.aims] if op in FILE_OPS else []
        if any((family(op), key) in case.denies.remembered for key in (case.key, *paths)):
            return _deny("remembered_deny", "You have refused this for the session.")
    for deny in case.denies.project:
        if _is_covered(case, deny):
            text = shorten(deny.pattern.text, 80)
            return _deny("project_deny", f"The project's consent file denies {text}.", text)
    return None


def _check_danger(case: _Case) -> _Finding | None:
    op = case.action.op
    for aim, forms, absolutes in case.aims:
        found = ""
        if op in CHANGING_OPS and (
            is_protected(forms, on_runtimepath=case.book.on_runtimepath)
            or is_below(absolutes, case.book.git_dirs)
            or aim.in_repository
        ):
            found = "protected"
        elif op in FILE_OPS and is_secret(forms):
            found = "secret"
        elif not aim.inside:
            found = "outside"
        elif aim.left_root or aim.kind == "link":
            found = "link"
        elif op in CHANGING_OPS and aim.nlink > 1:
            found = "hardlink"
        if found:
            return _Finding(Ruling.ASK_ONCE, found, _SENTENCES[found])
    # What the project forbids may hide in what could not be read.
    forbids = op is Op.EXECUTE and any(deny.op is op for deny in case.denies.project)
    if forbids and not known(case.action.argv).is_sure():
        return _Finding(Ruling.ASK_ONCE, "unread", _SENTENCES["unread"])
    for named in case.named:
        danger = _danger_of(case, *named)
        if danger:
            return _Finding(Ruling.ASK_ONCE, danger, _NAMED[danger])
    return None


def _danger_of(case: _Case, aim: Target, forms: Forms, absolutes: Forms) -> str:
    """The step that a path is asked about at whatever is done to it, else ``""``."""
    book = case.book
    if aim.problem:
        return "unresolved"
    if is_secret(forms):
        return "secret"
    if (
        is_protected(forms, on_runtimepath=book.on_runtimepath)
        or is_below(absolutes, (*book.git_dirs, *book.never))
        or is_consent_file(forms)
        or aim.in_repository
        or aim.never
    ):
        return "protected"
    if aim.kernel or not aim.inside:
        return "outside"
    if aim.left_root or aim.kind == "link":
        return "link"
    return "hardlink" if aim.kind == "regular" and aim.nlink > 1 else ""


def _check_consent_off(case: _Case) -> _Finding | None:
    if case.book.rules.enable_consent is False:
        return _allow("consent_off", "Consent is switched off (enable_consent = false).")
    return None


def _check_rules(case: _Case) -> _Finding | None:
    rules, op = case.book.rules, case.action.op
    if op not in _AUTO_OPS or len(case.aims) != 1 or case.book.is_no_project:
        return None
    if op is Op.READ and rules.auto_approve_read is True:
        return _allow("auto_read", "Reading files of the project needs no question.")
    if op is not Op.READ and rules.auto_approve_write is True:
        return _allow("auto_write", "Writing files of the project needs no question.")
    rule = case.book.patterns.allows(case.aims[0][0].path)
    if rule:
        return _allow("auto_pattern", f"The pattern {shorten(rule, 80)} covers it.", rule)
    return None


def _check_grants(case: _Case) -> _Finding | None:
    subject = case.action.subject.key()
    for scope, index in (("session", case.grants.session), ("project", case.grants.project)):
        grant = index.find(case.action.op, subject, case.key, case.now)
        if grant is not None:
            return _allow(f"{scope}_grant", f"You allowed it for the {scope}.", grant.id)
    return None


_STEPS: tuple[Callable[[_Case], _Finding | None], ...] = (
    _check_form,
    _check_never,
    _check_denies,
    _check_danger,
    _check_consent_off,
    _check_rules,
    _check_grants,
)


def _looked_at(aim: Target) -> tuple[Target, Forms, Forms]:
    absolutes = [spelling for spelling in aim.spellings if spelling.startswith("/")]
    return aim, disguises((aim.path, *aim.spellings)), disguises((aim.absolute, *absolutes))


def _is_covered(case: _Case, deny: Deny) -> bool:
    action, pattern = case.action, deny.pattern
    if action.op in FILE_OPS:
        return any(
            deny.covers_op(_ops_on(action.op, aim, is_goal=number > 0))
            and pattern.covers_path(forms)
            for number, (aim, forms, _) in enumerate(case.aims)
        )
    if not deny.covers_op(frozenset({action.op})):
        return False
    if action.op is Op.NETWORK:
        return pattern.covers_host(*endpoint(action.url))
    if action.op is Op.EXECUTE:
        return pattern.covers_name(_command_names(case))
    return pattern.covers_name((action.tool,))


def _command_names(case: _Case) -> tuple[str, ...]:
    """Return what a deny may name of a command: its programs, and its first words."""
    argv = case.action.argv
    programs = (argv[0], case.facts.program, *known(argv).programs)
    plain = tuple(name.rpartition("/")[2] for name in programs)
    beginnings = tuple(
        " ".join((first, *argv[1:count]))
        for first in (argv[0], plain[0])
        for count in range(2, _MOST_NAMED + 1)
    )
    return (*programs, *plain, *beginnings)


def _ops_on(op: Op, aim: Target, *, is_goal: bool) -> frozenset[Op]:
    """Return all that ``op`` does to one of its paths: a rename makes one name and removes one."""
    if op is Op.RENAME:
        return frozenset({op, Op.CREATE if is_goal else Op.DELETE})
    if op is Op.WRITE and aim.kind == "missing":
        return frozenset({op, Op.CREATE})
    return frozenset({op})


def _verdict(case: _Case, finding: _Finding) -> Verdict:
    action = case.action
    if finding.step == "malformed":
        asked = action.path or " ".join(action.argv) or action.url or action.tool
        target, to = shorten(asked, 200), shorten(action.to, 200)
    elif action.op in FILE_OPS:
        target = case.aims[0][0].path
        to = case.aims[1][0].path if len(case.aims) > 1 else ""
    else:
        target, to = case.key, ""
    risk = _risk(case, finding)
    return Verdict(finding.ruling, risk, finding.step, finding.reason, target, finding.grant, to)


def _risk(case: _Case, finding: _Finding) -> Risk:
    op = case.action.op
    if op in _HIGH_OPS or finding.step in ("malformed", "never", "not_regular"):
        return Risk.HIGH
    if finding.ruling is Ruling.ASK_ONCE:
        return Risk.HIGH
    if finding.ruling is Ruling.DENY and _check_danger(case) is not None:
        return Risk.HIGH
    return Risk.LOW if op is Op.READ else Risk.MEDIUM


def _deny(step: str, reason: str, grant: str = "") -> _Finding:
    return _Finding(Ruling.DENY, step, reason, grant)


def _allow(step: str, reason: str, grant: str = "") -> _Finding:
    return _Finding(Ruling.ALLOW, step, reason, grant)
