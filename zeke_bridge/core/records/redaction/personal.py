"""E-mail addresses, telephone numbers, and numbers of cards and accounts that check out.

Numbers of cards are checked as ISO/IEC 7812-1 says (Luhn), those of accounts as ISO 13616 does
(mod 97), so that other long numbers stay. Addresses of machines stay: code is full of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from zeke_bridge.core.records.redaction.judge import Span

EMAIL = "email"
PHONE = "phone"
CARD = "card"
ACCOUNT = "account"

# Not: a remote of git, a file of an icon at a scale, the version of a package, an expression.
_EMAIL = re.compile(
    r"""
    (?<![\w.+%-])(?!git@[\w.-]{1,200}[:/])[\w.+%-]{1,64}@(?!\dx\.)(?!\d+\.\d)
    (?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,6}[^\W\d_]{2,24}(?![\w(\[-])
    """,
    re.VERBOSE,
)
_MATRICES = re.compile(r"\w@\w\.\w+")
_INTERNATIONAL = re.compile(
    r"(?<![\w+./=(-])(?:\+|\(\+)[1-9](?:[ ().-]{0,2}\d){7,13}(?![\w.-]?\d)(?!\w)"
)
_AMERICAN = re.compile(
    r"(?<![\w.(/-])(?:\([2-9]\d\d\)[ ]?|[2-9]\d\d[-.])[2-9]\d\d[-.]\d{4}(?![\w-]|\.\d)"
)
_CALLED = re.compile(
    r"""
    (?<![^\W_])(?:tele?phone|phone|mobile|cell|tel|fax|handy|telefon|telefono|teléfono|téléphone)
    (?:[ _-]?(?:number|nr|no|nummer))?\.?(?:["'`]\]?)?\s{0,3}[:=]?\s{0,3}["'`]?
    (?P<value>[+(]?\d(?:[ ()./-]{0,3}\d){6,14})(?!\w)
    """,
    re.IGNORECASE | re.VERBOSE,
)
_CARD = re.compile(
    r"(?<![\w.-])(?:\d{13,19}|\d{4}([ -])\d{4}\1\d{4}\1\d{1,7}|\d{4}([ -])\d{6}\2\d{4,5})"
    r"(?![\w-]|\.\d)"
)
_CARD_BEGINS = re.compile(
    r"4\d{12}(?:\d{3}){0,2}|5[1-5]\d{14}|2(?:2[2-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}"
    r"|3(?:0[0-5]|[68]\d)\d{11}|6(?:011|5\d\d|4[4-9]\d)\d{12}|35\d{14}"
)
_ACCOUNT = re.compile(
    r"(?<![^\W_])[A-Z]{2}\d{2}(?:[A-Z0-9]{11,30}|(?:[ ][A-Z0-9]{4}){2,7}(?:[ ][A-Z0-9]{1,3})?)"
)
# The lengths in the registry of ISO 13616 (https://www.swift.com/standards/data-standards/iban).
_LENGTHS = {
    country: length
    for length, countries in (
        (15, "NO"),
        (16, "BE"),
        (18, "DK FI FO GL NL SD"),
        (19, "MK SI"),
        (20, "AT BA EE KZ LT LU MN XK"),
        (21, "CH CR HR LI LV"),
        (22, "BG BH DE GB GE IE ME RS VA"),
        (23, "AE GI IL IQ OM SO TL"),
        (24, "AD CZ ES MD PK RO SA SE SK TN VG"),
        (25, "LY PT ST"),
        (26, "IS TR"),
        (27, "BI DJ FR GR IT MC MR SM"),
        (28, "AL AZ BY CY DO GT HU LB NI PL SV"),
        (29, "BR EG PS QA UA"),
        (30, "JO KW MU YE"),
        (31, "MT SC"),
        (32, "LC"),
        (33, "RU"),
    )
    for country in countries.split()
}


def spans(text: str) -> Iterator[Span]:
    """Where they are."""
    if "@" in text:
        for found in _EMAIL.finditer(text):
            if not _MATRICES.fullmatch(found[0]):
                yield found.start(), found.end(), EMAIL
    yield from _phones(text)
    for found in _CARD.finditer(text):
        digits = re.sub(r"[ -]", "", found[0])
        if _CARD_BEGINS.fullmatch(digits) and _luhn(digits):
            yield found.start(), found.end(), CARD
    for found in _ACCOUNT.finditer(text):
        if end := _account_end(found[0]):
            yield found.start(), found.start() + end, ACCOUNT


def _phones(text: str) -> Iterator[Span]:
    if "+" in text:
        for found in _INTERNATIONAL.finditer(text):
            # A line of digits that a patch adds is no number to call.
            alone = found.start() == 0 or text[found.start() - 1] == "\n"
            if not (alone and found[0][1:].isdigit()):
                yield found.start(), found.end(), PHONE
    for found in _AMERICAN.finditer(text):
        yield found.start(), found.end(), PHONE
    for found in _CALLED.finditer(text):
        yield (*found.span("value"), PHONE)


def _luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _account_end(found: str) -> int:
    """How much of ``found`` is the number of an account; 0 when it is none."""
    length, taken = _LENGTHS.get(found[:2], 0), ""
    for end, letter in enumerate(found, 1):
        taken += "" if letter == " " else letter
        if len(taken) == length:
            whole = end == len(found) or found[end] == " "
            moved = taken[4:] + taken[:4]
            number = int("".join(str(int(one, 36)) for one in moved))
            return end if whole and number % 97 == 1 else 0
    return 0
