"""What matters in one call, by the tables of ``programs`` and by what its arguments name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from zeke_bridge.warden.command.effect import Effect
from zeke_bridge.warden.command.programs import (
    AWKS,
    BY_NAME,
    INTERPRETERS,
    OPTIONS,
    SAME_AS,
    SUBCOMMANDS,
    SWAPPING_NAMES,
    SWAPPING_STARTS,
    VALUE_BEFORE,
)
from zeke_bridge.warden.command.word import Call, Word, program_name
from zeke_bridge.warden.lists import is_consent_file, is_protected, is_secret
from zeke_bridge.warden.spelling import disguises

_VERSION = re.compile(r"[-.\d]+$")
_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)\+?=")
_DECLARES = frozenset({"export", "declare", "typeset", "local", "readonly", "unset"})
_RUNS_TEXT = frozenset({"eval", "source", "."})
# What is written to here is gone, and nobody's.
_NOWHERE = frozenset({"/dev/null", "/dev/stdout", "/dev/stderr", "/dev/tty", "/dev/full"})
_SOCKETS = ("/dev/tcp/", "/dev/udp/")
_REDIRECTION = re.compile(r"\s*(?:\d+|\{\w+\})?\s*(&>>|&>|>>|>\||>&|<>|<&|>|<)\s*(.*)", re.DOTALL)


def call_effects(call: Call, own: int) -> set[Effect]:
    """Return what matters in ``call`` by its name and its first ``own`` words."""
    first, words = call.words[0], call.words[1:own]
    if not first.sure:
        return {Effect.OUTPUT if first.substituted else Effect.DYNAMIC} | _named(words)
    name = _family(program_name(first))
    found = set(BY_NAME.get(name, ())) | _by_subcommand(name, words) | _by_option(name, words)
    if name in INTERPRETERS:
        found |= _interpreter(call, words, *INTERPRETERS[name])
    if name in AWKS and any(_awk_runs(word.value) for word in words):
        found.add(Effect.CODE)
    if name in _RUNS_TEXT:
        found |= _doubt(words)
    if name.startswith(("mkfs.", "fsck.")):
        found.add(Effect.DELETES)
    if "/" in first.value and not first.value.startswith("/"):
        found.add(Effect.FILE)
    if name in _DECLARES or own < len(call.words):
        found |= _assigned(words)
    return found | _named((first, *words))


def variable_effects(name: str) -> set[Effect]:
    """Return what matters in setting the variable ``name``."""
    upper = name.upper()
    swaps = upper in SWAPPING_NAMES or upper.startswith(SWAPPING_STARTS)
    return {Effect.SWAPS} if swaps else set()


def assignment_effects(text: str) -> set[Effect]:
    """Return what matters in ``NAME=…`` of a shell text."""
    match = _ASSIGNMENT.match(text)
    return variable_effects(match[1]) if match else set()


def redirection_effects(text: str) -> set[Effect]:
    """Return what matters in a redirection; the text is as it was written."""
    match = _REDIRECTION.match(text)
    if match is None:
        return {Effect.UNREAD}
    operator, target = match[1], match[2].strip("'\" ")
    if target.startswith(_SOCKETS):
        return {Effect.NETWORK}
    found = _named((Word(target, target),))
    copies = operator in (">&", "<&") and re.fullmatch(r"\d*-?", target)
    if operator not in ("<", "<&") and not copies and target not in _NOWHERE:
        found.add(Effect.WRITES)
    return found


def _family(name: str) -> str:
    """Return the name that the tables have: ``python3.12`` is python."""
    if name in BY_NAME or name in SUBCOMMANDS or name in OPTIONS:
        return name
    if name in SAME_AS:
        return SAME_AS[name]
    bare = _VERSION.sub("", name)
    return SAME_AS.get(bare, bare) or name


def _by_subcommand(name: str, words: Sequence[Word]) -> set[Effect]:
    table = SUBCOMMANDS.get(name)
    if table is None:
        return set()
    at = 0
    while at < len(words) and words[at].value.startswith("-"):
        at += 2 if words[at].value in VALUE_BEFORE else 1
    if at >= len(words):
        return set()
    if not words[at].sure:
        return {Effect.DYNAMIC}
    verb = words[at].value
    return {effect for effect, verbs in table.items() if verb in verbs.split()}


def _by_option(name: str, words: Sequence[Word]) -> set[Effect]:
    table: Mapping[Effect, tuple[str, str]] = OPTIONS.get("awk" if name in AWKS else name, {})
    found: set[Effect] = set()
    for at, word in enumerate(words):
        value = word.value
        # tar takes its letters without a dash as well.
        bundled = name == "tar" and at == 0 and not value.startswith("-")
        letters = value if bundled else value[1:] if _is_short(value) else ""
        for effect, (short, long) in table.items():
            if any(letter in letters for letter in short) or _bare(value) in long.split():
                found.add(effect)
    return found


def _is_short(value: str) -> bool:
    return value.startswith("-") and not value.startswith("--")


def _bare(value: str) -> str:
    return value.partition("=")[0]


def _interpreter(call: Call, words: Sequence[Word], short: str, long: str) -> set[Effect]:
    for at, word in enumerate(words):
        value = word.value
        if (_is_short(value) and any(letter in value for letter in short)) or (
            _bare(value) in long.split()
        ):
            return {Effect.CODE} | _doubt(words[at : at + 2])
        if value == "-m" and at + 1 < len(words):
            return _module(words[at + 1 :])
        if value in ("-", "/dev/stdin"):
            break
        if not value.startswith("-"):
            return {Effect.FILE} | _doubt((word,))
    if call.stdin is not None:
        return {Effect.CODE}
    if call.piped:
        return {Effect.OUTPUT}
    return {Effect.FILE} if call.from_file else set()


def _module(words: Sequence[Word]) -> set[Effect]:
    """``python -m NAME …``."""
    name = words[0].value
    if name == "http.server":
        return {Effect.NETWORK}
    return {Effect.FILE} | _by_subcommand(_family(name), words[1:])


def _awk_runs(text: str) -> bool:
    return "system(" in text.replace(" ", "") or "getline" in text or '| "' in text


def _doubt(words: Sequence[Word]) -> set[Effect]:
    if any(word.substituted for word in words):
        return {Effect.OUTPUT}
    return set() if all(word.sure for word in words) else {Effect.DYNAMIC}


def _assigned(words: Sequence[Word]) -> set[Effect]:
    found: set[Effect] = set()
    for word in words:
        found |= variable_effects(_bare(word.value).removesuffix("+"))
    return found


def _named(words: Sequence[Word]) -> set[Effect]:
    """What the arguments name: secrets, and files that others obey."""
    found: set[Effect] = set()
    # Options carry paths behind a ``=``, headers and assignments as well.
    texts = {piece for word in words for piece in (word.value, word.value.rpartition("=")[2])}
    for text in texts:
        if not text or len(text) > 4096:
            continue
        forms = disguises((text,))
        if is_secret(forms):
            found.add(Effect.SECRET)
        if is_consent_file(forms):
            found.add(Effect.WARDEN)
        if is_protected(forms, on_runtimepath=False):
            found.add(Effect.PROTECTED)
    return found
