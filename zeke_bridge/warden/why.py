"""Why a verdict was as it was, in a sentence for a person who asks later.

One sentence for each step of the policy and of the gate; the audit log keeps the step and what
decided (``by``), not the words. Knows nothing of the action itself.
"""

from __future__ import annotations

from zeke_bridge.warden.escape import shorten

_SHOWN = 80

_STEPS = {
    "malformed": "The request was malformed: no path, command or address that could be judged.",
    "never": (
        "It is on the never-list: GhostWarden's own files, keys and tokens, and everything under "
        "/proc, /sys and /dev are out of bounds for everybody."
    ),
    "not_regular": "Only regular files are read or written, and this is something else.",
    "remembered_deny": "You refused it three times, and that holds until Neovim is closed.",
    "project_deny": "The project's .zeke-consents.json denies it{by}.",
    "protected": (
        "An editor, git, a shell or an agent obeys this file, so it is asked about each time."
    ),
    "secret": "It looks like a place for keys or passwords, so it is asked about each time.",
    "outside": "It is outside the project, so it is asked about each time.",
    "link": "A link on the way leads elsewhere, so it is asked about each time.",
    "hardlink": "The file has other names (hard links), so it is asked about each time.",
    "unresolved": "It names a path that could not be followed, so it is asked about each time.",
    "unread": "The project forbids some commands, and not all of this one could be read.",
    "consent_off": "Consent is switched off in your configuration (enable_consent = false).",
    "auto_read": "Your configuration lets files of the project be read (auto_approve_read).",
    "auto_write": "Your configuration lets files of the project be written (auto_approve_write).",
    "auto_pattern": "Your configuration allows it by a pattern (auto_approve_patterns){by}.",
    "session_grant": "You allowed exactly this for the session{by}.",
    "project_grant": "You allowed exactly this for the project{by}.",
    "names": "Your rules let what it names be read without a question, so the names were shown.",
    "unmediated": "It says it has changed this by itself, and nobody was asked.",
    "default": "No rule and no approval covers it, so you are asked.",
    "error": "GhostWarden failed while judging it, and a failure never allows anything.",
    "expired": "You were asked and nobody answered in time, so it was denied.",
    "unshown": "The question could not be shown in Neovim, so it was denied.",
    "gone": "The Neovim that was asked went away, so it was denied.",
    "withdrawn": "Whoever asked for it went away before there was an answer.",
    "quiet": "You had to be asked, and what happens while you type never asks.",
    "no_person": "You had to be asked, and no Neovim was there to ask in.",
    "busy": "Too many questions of the same asker were waiting already, so it was denied.",
    "changed": "It changed between your answer and the effect, so the answer no longer counted.",
    "exists": "A file of that name was there already, and a new one does not replace it.",
    "missing": "There was no such file any more, so there was nothing to change.",
    "no_program": "No such program was found on the clean search path, so nothing could run.",
}
_PERSON = {
    "once": "You allowed it once.",
    "session": "You allowed it for the session.",
    "project": "You allowed it for the project.",
    "declared": "You allowed it once, when it was declared.",
}
_MARKS = {
    "protected": "protected",
    "secret": "secret",
    "outside": "outside the project",
    "link": "through a link",
    "hardlink": "hard links",
}
STEPS = (*_STEPS, "person")
"""Every step that has a sentence of its own."""


def sentence(verdict: str, step: str, by: str) -> str:
    """Return why ``step`` decided ``verdict``; ``by`` names the rule, grant or answer, or is empty.

    All three may come from anywhere; what is shown of them is escaped. Always one sentence.
    """
    if step == "person":
        return _person(verdict, by)
    known = _STEPS.get(step)
    if known is None:
        shown = shorten(step, _SHOWN) or "without a name"
        return f"This version of Zeke does not know the step {shown}."
    return known.replace("{by}", f": {shorten(by, _SHOWN)}" if by else "")


def mark(step: str) -> str:
    """Return what to put beside a file that ``step`` asks about each time; else ``""``."""
    return _MARKS.get(step, "")


def _person(verdict: str, by: str) -> str:
    if verdict != "allow":
        return "You said no."
    return _PERSON.get(by, "You allowed it.")
