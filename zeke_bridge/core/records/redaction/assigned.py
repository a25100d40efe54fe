"""Secrets that only their name gives away: ``password = "…"``, ``API_KEY=…``, ``Passwort: …``.

In code, most of what is assigned to such a name is no secret but a variable, a type or a call, so
each value is judged (see ``judge``). A password of small letters alone, without quotes, is taken
for a variable unless the name is that of an environment variable.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from zeke_bridge.core.records.redaction import judge
from zeke_bridge.core.records.redaction.judge import Span

KIND = "secret"

_STRONG = r"""
    pass(?:word|wd|phrase|code|wort) | (?<![^\W_])pass(?![^\W_]) | pwd | pswd | kennwort | mnemonic
    | mot[ ]de[ ]passe | mdp | contrase(?:ñ|n)a | clave | senha | parola | has(?:ł|l)o
    | wachtwoord | l(?:ö|o)senord | adgangskode | passord | salasana | heslo | jelsz(?:ó|o)
    | (?:ş|s)ifre | пароль | パスワード | 密码 | 密碼 | 口令 | 비밀번호 | 암호 | mật[ ]khẩu
    | κωδικός | كلمة[ ]المرور | סיסמה | รหัสผ่าน | kata[ ]sandi
"""
_WEAK = r"""
    secret[_-]?access[_-]?key | shared[_-]?access[_-]?key | aws[_-]?secret
    | (?:api|access|private|secret|auth|encryption|signing|account|subscription|master|service|app
        |client|consumer|storage|admin|session)[_. -]?key
    | client[_-]?secret | secret | token | credential
"""
_NAME = rf"""
    (?:(?P<strong>{_STRONG})|(?P<weak>{_WEAK}))
    s?(?:[_-]?(?:\d{{1,3}}|base|value|prod|production|staging|dev|test|live|primary|secondary|old
        |new))?(?![^\W_])
"""
# How each of the names begins. Where two fit, both find the same.
_STEMS = (
    *("pass", "pwd", "pswd", "kennwort", "mnemonic", "mot de passe", "mdp", "contrase", "clave"),
    *("senha", "parola", "hasło", "haslo", "wachtwoord", "lösenord", "losenord", "adgangskode"),
    *(
        "salasana",
        "heslo",
        "jelsz",
        "şifre",
        "sifre",
        "пароль",
        "パスワード",
        "密码",
        "密碼",
        "口令",
    ),
    *("비밀번호", "암호", "mật khẩu", "κωδικός", "كلمة المرور", "סיסמה", "รหัสผ่าน", "kata sandi"),
    *("secret", "token", "credential", "api", "access", "private", "auth", "encryption", "signing"),
    *("account", "subscription", "master", "service", "app", "client", "consumer", "storage"),
    *("admin", "session", "shared", "aws"),
)
# What closes the name, a type that is declared with it, and what assigns.
_ASSIGNS = r"""
    (?:\\?["'`])?\]?
    (?:\s{0,3}:\s{0,3}[&*]?(?:'\w{1,10}[ ])?(?:\w{0,12}str(?:ing)?|text|optional\[str\])
        (?:\s?\|\s?(?:none|null|undefined)|\?)?(?=\s{0,3}=) | [ ]string(?=[ ]=))?
    (?:\s{0,4}(?:=>|===?|!==?|:=|<-|[=:：>])\s{0,4}
        | (?<=["'])\s?,\s?(?=["']) | \s{0,4}\((?=["']) | \s{1,4}(?=["'])
        | \s{1,3}(?:is|ist|lautet|est|es|é|jest)\s{1,3})
"""
_VALUE = r"""
    (?P<prefix>[a-z@$]{0,2})(?P<quote>\\?["'`]{1,3})(?P<quoted>(?:(?!(?P=quote))[^\r\n]){1,400})(?P=quote)
    | (?P<bare>[^\s"'`<>,;]{1,400})
"""
_ASSIGNED = re.compile(
    rf"(?P<name>{_NAME})(?P<assigns>{_ASSIGNS})(?=(?P<value>{_VALUE}))",
    re.IGNORECASE | re.VERBOSE,
)
_NEXT_PARAMETER = re.compile(r"&[\w.-]{1,40}=")
_CODE = re.compile(r"[(\[{|]|::|=>|\?\.|&&|://")
_WORDS = re.compile(r"passphrase|mnemonic", re.IGNORECASE)


def spans(text: str) -> Iterator[Span]:
    """Where the secrets are, without their names and quotes."""
    for found in _assigned(text):
        quoted = found["quoted"]
        if quoted is not None:
            if _quoted(found, quoted):
                yield (*found.span("quoted"), KIND)
            continue
        value = _trimmed(found["bare"])
        start = found.start("bare")
        if value and _bare(found, value):
            yield start, start + len(value), KIND


def _assigned(text: str) -> Iterator[re.Match[str]]:
    """Every assignment to a telling name.

    To look for how names begin first is ten times as fast as to let the pattern look for itself.
    """
    lower = text.lower()
    if len(lower) != len(text):
        lower = "".join(letter.lower()[0] for letter in text)
    for stem in _STEMS:
        at = lower.find(stem)
        while at >= 0:
            if found := _ASSIGNED.match(text, at):
                yield found
            at = lower.find(stem, at + 1)


def _quoted(found: re.Match[str], value: str) -> bool:
    """Whether a quoted ``value`` is a secret."""
    if judge.stands_for(value) or judge.is_type(value) or judge.is_variable(value):
        return False
    called = _called(found)
    if any(letter.isspace() for letter in value):
        words = value.count(" ") >= 2 and not called
        return words and bool(_WORDS.search(found["name"]))
    telling = judge.has_digit(value) or judge.has_symbol(value)
    if not telling and (judge.mentions_itself(value) or "." in value or "/" in value):
        return False
    if "{" in value and "}" in value:
        return False
    if found["strong"]:
        return len(value) >= 3 and (telling or not called) and not value.startswith(("/", "./"))
    if judge.is_random(value):
        return True
    if found["weak"].lower() == "token" or called:
        return False
    return len(value) >= 8 and judge.has_digit(value) and not judge.mentions_itself(value)


def _bare(found: re.Match[str], value: str) -> bool:
    """Whether ``value``, without quotes, is a secret and no expression."""
    if judge.stands_for(value) or judge.is_type(value) or judge.is_variable(value):
        return False
    if _called(found) or value.startswith(("/", "./", "~/", "-")):
        return False
    if _of_environment(found):
        named = judge.is_name(value) and "." in value
        shortest = 3 if found["strong"] else 8
        return len(value) >= shortest and not named and not value.isupper()
    if _CODE.search(value):
        return False
    if found["weak"]:
        return judge.is_random(value)
    if len(value) < 6 or judge.mentions_itself(value):
        return False
    if value.isdigit():
        return True
    if judge.is_number(value):
        return False
    return judge.has_digit(value) and not (judge.is_name(value) and "." in value)


def _called(found: re.Match[str]) -> bool:
    """Whether the value is an argument, or the next in a list; then its name says less."""
    return "(" in found["assigns"] or "," in found["assigns"]


def _trimmed(value: str) -> str:
    """``value`` without what ends a sentence, a call, or a parameter of an address."""
    cut = _NEXT_PARAMETER.search(value)
    value = value[: cut.start()] if cut else value
    return value.rstrip(").]}:\\")


def _of_environment(found: re.Match[str]) -> bool:
    """Whether it is written ``NAME=value``, as for a shell."""
    return found["name"].isupper() and found["assigns"] == "="
