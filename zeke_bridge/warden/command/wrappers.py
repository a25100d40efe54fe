"""Programs that run another program which is named among their arguments.

Options that take a value are those of the manual pages of GNU coreutils, util-linux, findutils,
sudo and procps. An option that is not listed is taken to stand alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from zeke_bridge.warden.command.word import Call, Word, program_name, written

# Program: its short options that take a value, and how many arguments stand before the program.
_WRAPPERS: dict[str, tuple[str, int]] = {
    "busybox": ("", 0),
    "builtin": ("", 0),
    "caffeinate": ("tw", 0),
    "chroot": ("", 1),
    "chrt": ("TPD", 1),
    "command": ("", 0),
    "coproc": ("", 0),
    "doas": ("uC", 0),
    "env": ("uCS", 0),
    "exec": ("a", 0),
    "fakeroot": ("lsbi", 0),
    "firejail": ("", 0),
    "flock": ("wEc", 1),
    "gdb": ("", 0),
    "ionice": ("cnpPu", 0),
    "ltrace": ("eopnsu", 0),
    "nice": ("n", 0),
    "noglob": ("", 0),
    "nohup": ("", 0),
    "nsenter": ("tSG", 0),
    "parallel": ("jINnLP", 0),
    "pkexec": ("", 0),
    "prlimit": ("p", 0),
    "proxychains": ("f", 0),
    "proxychains4": ("f", 0),
    "run0": ("u", 0),
    "runuser": ("ugGcs", 0),
    "setpriv": ("", 0),
    "setsid": ("", 0),
    "stdbuf": ("ioe", 0),
    "strace": ("eopsuaEIOPSX", 0),
    "sudo": ("ugpChrtTUDR", 0),
    "systemd-run": ("pEtuMH", 0),
    "taskset": ("p", 1),
    "time": ("fo", 0),
    "timeout": ("sk", 1),
    "torsocks": ("", 0),
    "toybox": ("", 0),
    "unshare": ("SGRw", 0),
    "watch": ("nq", 0),
    "xargs": ("InPdLsaE", 0),
    "xvfb-run": ("enfpsw", 0),
}
_LONG_WITH_VALUE = frozenset(
    """
    --user --group --host --prompt --chdir --chroot --role --type --signal --kill-after --unset
    --adjustment --max-args --max-procs --max-lines --max-chars --replace --delimiter --arg-file
    --output --format --class --classdata --input --error --split-string --command --timeout
    --conflict-exit-code --interval --jobs --property --setenv --unit --target
    """.split()  # noqa: SIM905 - a table is easier to review than a list of quoted words
)
_ASSIGNING = frozenset({"env", "sudo", "doas"})
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")
_EXEC = frozenset({"-exec", "-execdir", "-ok", "-okdir"})
# Option letters and long options whose value is shell text.
_TEXTS: dict[str, tuple[str, str]] = {
    "env": ("S", "--split-string"),
    "flock": ("c", "--command"),
    "runuser": ("c", "--command"),
    "script": ("c", "--command"),
    "su": ("c", "--command"),
}


@dataclass(frozen=True, slots=True)
class Wrapped:
    """``own`` words are the wrapper's; it runs ``calls`` and the shell text ``text``."""

    own: int
    calls: tuple[Call, ...] = ()
    text: Word | None = None


def wrapped(call: Call) -> Wrapped | None:
    """Return what ``call`` runs in turn; None when its program is not known to run others."""
    words = call.words
    name = program_name(words[0])
    if name in ("find", "fd", "fdfind"):
        return Wrapped(len(words), _found(call))
    if name in _TEXTS:
        text = _text_of(words, *_TEXTS[name])
        if text is not None or name not in _WRAPPERS:
            return Wrapped(len(words), text=text)
    if name == "eval" and len(words) > 1 and all(word.sure for word in words):
        return Wrapped(1, text=_joined(words[1:]))
    if name == "trap" and len(words) > 2 and words[1].sure:
        return Wrapped(len(words), text=words[1])
    if name not in _WRAPPERS:
        return None
    at = _program_at(words, *_WRAPPERS[name], assigning=name in _ASSIGNING)
    if at >= len(words):
        return Wrapped(len(words))
    if name == "watch":
        return Wrapped(at, text=_joined(words[at:]))
    return Wrapped(at, (call.after(at),))


def _joined(words: tuple[Word, ...]) -> Word:
    """Return the shell text that a program makes of its arguments."""
    text = " ".join(word.value for word in words)
    return Word(written(words), text, all(word.sure for word in words))


def _program_at(words: tuple[Word, ...], short: str, before: int, *, assigning: bool) -> int:
    at = 1
    while at < len(words):
        text = words[at].value
        if text == "--":
            at += 1
            break
        if text.startswith("--"):
            at += 2 if text in _LONG_WITH_VALUE else 1
        elif text.startswith("-"):
            at += 2 if _wants_next(text, short) else 1
        elif assigning and _ASSIGNMENT.match(text):
            at += 1
        elif before:
            before -= 1
            at += 1
        else:
            break
    return at + before


def _wants_next(option: str, short: str) -> bool:
    """Say whether the value of a letter in ``option`` is the next word."""
    for place, letter in enumerate(option[1:], start=2):
        if letter in short:
            return place == len(option)
    return False


def _text_of(words: tuple[Word, ...], letter: str, long: str) -> Word | None:
    for at, word in enumerate(words[1:], start=1):
        option = word.value
        following = words[at + 1] if at + 1 < len(words) else None
        if option == long:
            return following
        if option.startswith(f"{long}="):
            return Word(word.text, option.partition("=")[2], word.sure, word.substituted)
        if option.startswith("-") and not option.startswith("--") and letter in option:
            attached = option.partition(letter)[2]
            if attached:
                return Word(word.text, attached, word.sure, word.substituted)
            return following
    return None


def _found(call: Call) -> tuple[Call, ...]:
    """The programs of ``-exec … ;``."""
    calls, words, at = [], call.words, 1
    while at < len(words):
        # fd has the same as -x and -X, up to the end.
        if words[at].value in _EXEC or words[at].value in ("-x", "-X", "--exec", "--exec-batch"):
            end = at + 1
            while end < len(words) and words[end].value not in (";", "+"):
                end += 1
            if end > at + 1:
                calls.append(Call(words[at + 1 : end]))
            at = end
        at += 1
    return tuple(calls)
