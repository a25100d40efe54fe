"""Keys and tokens that can be told by their form, wherever they stand.

The forms are those that their makers publish for secret scanners; most begin with a mark of their
own, which makes them quick to look for. What a key is called does not matter here (``assigned``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from zeke_bridge.core.records.redaction.judge import Span, is_key_like, is_random

KEY = "key"
TOKEN = "token"  # noqa: S105 - a word for a person
PRIVATE = "private-key"

_WORD = r"[A-Za-z0-9_-]"
_ALNUM = r"[A-Za-z0-9]"
_HEX = r"[0-9a-f]"
_AWS = rf"[0-9A-Z]{{16}}(?!{_ALNUM})(?:[\"']?[\s:,;|]{{1,3}}[\"']?[A-Za-z0-9/+]{{40}}(?![\w/+=]))?"

# The mark that a key begins with, and what follows. Where two fit, both are found.
_MARKED = (
    ("sk-ant-", rf"{_WORD}{{16,}}"),
    ("sk-proj-", rf"{_WORD}{{16,}}"),
    ("sk-svcacct-", rf"{_WORD}{{16,}}"),
    ("sk-admin-", rf"{_WORD}{{16,}}"),
    ("sk-or-", rf"{_WORD}{{16,}}"),
    ("sk-lf-", rf"{_WORD}{{16,}}"),
    ("gk-", rf"{_WORD}{{43}}(?!{_WORD})"),
    ("AIza", rf"{_WORD}{{35}}"),
    ("AQ.", rf"{_WORD}{{40,}}"),
    ("ya29.", rf"{_WORD}{{20,}}"),
    ("GOCSPX-", rf"{_WORD}{{20,}}"),
    ("1//0", rf"{_WORD}{{30,}}"),
    ("ghp_", rf"{_ALNUM}{{30,}}"),
    ("gho_", rf"{_ALNUM}{{30,}}"),
    ("ghu_", rf"{_ALNUM}{{30,}}"),
    ("ghs_", rf"{_ALNUM}{{30,}}"),
    ("ghr_", rf"{_ALNUM}{{30,}}"),
    ("github_pat_", r"\w{22,}"),
    ("glpat-", rf"{_WORD}{{16,}}"),
    ("gldt-", rf"{_WORD}{{16,}}"),
    ("glrt-", rf"{_WORD}{{16,}}"),
    ("glptt-", rf"{_WORD}{{16,}}"),
    ("glcbt-", rf"{_WORD}{{16,}}"),
    ("AKIA", _AWS),
    ("ASIA", _AWS),
    ("ABIA", _AWS),
    ("ACCA", _AWS),
    ("ABSK", r"[A-Za-z0-9+/]{60,}={0,2}"),
    ("xoxa-", r"[A-Za-z0-9-]{10,}"),
    ("xoxb-", r"[A-Za-z0-9-]{10,}"),
    ("xoxe-", r"[A-Za-z0-9-]{10,}"),
    ("xoxe.xoxp-", r"[A-Za-z0-9-]{10,}"),
    ("xoxo-", r"[A-Za-z0-9-]{10,}"),
    ("xoxp-", r"[A-Za-z0-9-]{10,}"),
    ("xoxr-", r"[A-Za-z0-9-]{10,}"),
    ("xoxs-", r"[A-Za-z0-9-]{10,}"),
    ("xapp-", r"[A-Za-z0-9-]{20,}"),
    ("hooks.slack.com/services/", r"[A-Za-z0-9/]{20,}"),
    ("discord.com/api/webhooks/", rf"\d{{10,}}/{_WORD}{{20,}}"),
    ("sk_live_", rf"{_ALNUM}{{10,}}"),
    ("sk_test_", rf"{_ALNUM}{{10,}}"),
    ("rk_live_", rf"{_ALNUM}{{10,}}"),
    ("rk_test_", rf"{_ALNUM}{{10,}}"),
    ("whsec_", r"[A-Za-z0-9+/]{20,}={0,2}"),
    ("hf_", rf"{_ALNUM}{{30,}}"),
    ("gsk_", rf"{_ALNUM}{{30,}}"),
    ("xai-", rf"{_ALNUM}{{40,}}"),
    ("r8_", rf"{_ALNUM}{{30,}}"),
    ("pplx-", rf"{_ALNUM}{{30,}}"),
    ("tgp_v1_", rf"{_WORD}{{30,}}"),
    ("csk-", rf"{_ALNUM}{{30,}}"),
    ("nvapi-", rf"{_WORD}{{40,}}"),
    ("fw_", rf"{_ALNUM}{{22,}}"),
    ("dapi", rf"{_HEX}{{32}}"),
    ("lsv2_pt_", r"\w{30,}"),
    ("lsv2_sk_", r"\w{30,}"),
    ("tvly-", rf"{_WORD}{{20,}}"),
    ("pcsk_", r"\w{30,}"),
    ("npm_", rf"{_ALNUM}{{36}}"),
    ("pypi-AgE", rf"{_WORD}{{40,}}"),
    ("rubygems_", rf"{_HEX}{{40,}}"),
    ("dckr_pat_", rf"{_WORD}{{20,}}"),
    ("dop_v1_", rf"{_HEX}{{60,}}"),
    ("shpat_", r"[0-9a-fA-F]{32}"),
    ("shpss_", r"[0-9a-fA-F]{32}"),
    ("SG.", rf"{_WORD}{{16,32}}\.{_WORD}{{16,64}}"),
    ("SK", rf"{_HEX}{{32}}(?!{_ALNUM})"),
    ("key-", rf"{_HEX}{{32}}(?!{_ALNUM})"),
    ("sq0atp-", rf"{_WORD}{{20,}}"),
    ("sq0csp-", rf"{_WORD}{{20,}}"),
    ("hvs.", rf"{_WORD}{{24,}}"),
    ("hvb.", rf"{_WORD}{{24,}}"),
    ("dp.pt.", rf"{_ALNUM}{{40,}}"),
    ("lin_api_", rf"{_ALNUM}{{30,}}"),
    ("ntn_", rf"{_ALNUM}{{40,}}"),
    ("figd_", rf"{_WORD}{{30,}}"),
    ("ATATT3", r"[A-Za-z0-9_=-]{40,}"),
    ("glsa_", r"\w{32,}"),
    ("NRAK-", r"[A-Z0-9]{27}"),
    ("sntrys_", r"[A-Za-z0-9+/=_]{40,}"),
    ("phx_", rf"{_ALNUM}{{32,}}"),
    ("sbp_", rf"{_HEX}{{40}}"),
    ("sb_secret_", rf"{_WORD}{{20,}}"),
    ("pscale_tkn_", rf"{_WORD}{{30,}}"),
    ("tskey-", rf"{_WORD}{{20,}}"),
    ("AGE-SECRET-KEY-1", r"[A-Z0-9]{50,}"),
    ("EAACEdEose0cBA", rf"{_ALNUM}{{10,}}"),
)
_PATTERNS = tuple(
    (mark, re.compile(f"{re.escape(mark)}(?<!{_ALNUM}{re.escape(mark)}){rest}"))
    for mark, rest in _MARKED
)
_JWT = re.compile(rf"eyJ(?<![\w-]eyJ){_WORD}{{6,}}(?:\.{_WORD}*){{2,4}}")
_COPILOT = re.compile(r"tid=(?<!\wtid=)[0-9a-f]{16,}(?:;[\w.-]{1,40}=[^\s;\"']{0,200}){2,40}")
_PLAIN_SK = re.compile(rf"sk-(?<!{_ALNUM}sk-){_WORD}{{16,}}")
_PEM = re.compile(
    r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
    r"(?P<body>(?:[^-]|-(?!----))*+)"
    r"(?P<end>-----END [^-]{0,60}-----)?"
)
_BASE64_LINE = re.compile(r"[A-Za-z0-9+/=]{16}")
_PEM_BODY = re.compile(
    r"(?:\s|\\[nr]|[\"'+,]|[A-Za-z0-9+/=]{12,}+|[A-Z][\w-]{2,20}: [\w,-]{2,60})*+"
)
# Forms without a mark of their own; the text that has to be there for them, and a check.
_UNMARKED: tuple[tuple[str, re.Pattern[str], Callable[[str], bool]], ...] = (
    (":AA", re.compile(rf"(?<!\w)\d{{8,10}}:AA{_WORD}{{33}}(?!{_WORD})"), bool),
    (
        ".",
        re.compile(rf"(?<!\w){_HEX}{{32}}\.{_ALNUM}{{16}}(?!\w)"),
        lambda found: is_random(found[33:]),
    ),
    ("-us", re.compile(rf"(?<!\w){_HEX}{{32}}-us\d{{1,2}}(?!\w)"), bool),
    (
        ".",
        re.compile(rf"(?<![\w.-])[MNO]{_WORD}{{23,27}}\.{_WORD}{{6}}\.{_WORD}{{27,40}}(?!{_WORD})"),
        is_random,
    ),
    (
        "$",
        re.compile(r"\$(?:2[aby]|5|6|y|apr1|argon2i?d?)\$[./A-Za-z0-9$,=+-]{20,}"),
        bool,
    ),
    ("sk-", _PLAIN_SK, lambda found: is_key_like(found[3:])),
)


def spans(text: str) -> Iterator[Span]:
    """Where keys, tokens and private keys are."""
    for mark, pattern in _PATTERNS:
        if mark in text:
            for found in pattern.finditer(text):
                yield found.start(), found.end(), KEY
    for mark, pattern, check in _UNMARKED:
        if mark in text:
            for found in pattern.finditer(text):
                if check(found[0]):
                    yield found.start(), found.end(), KEY
    if "eyJ" in text:
        for found in _JWT.finditer(text):
            yield found.start(), found.end(), TOKEN
    if "tid=" in text:
        for found in _COPILOT.finditer(text):
            yield found.start(), found.end(), TOKEN
    if "PRIVATE KEY" in text:
        yield from _private_keys(text)


def _private_keys(text: str) -> Iterator[Span]:
    for found in _PEM.finditer(text):
        end = found.end()
        if not found["end"]:
            # Cut off somewhere: as far as it looks like a key.
            body = _PEM_BODY.match(text, found.start("body"), found.end("body"))
            end = body.end() if body else found.start("body")
        if _BASE64_LINE.search(text, found.start("body"), end):
            yield found.start(), end, PRIVATE
