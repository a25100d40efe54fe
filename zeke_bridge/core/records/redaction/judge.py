"""Whether a piece of text looks like a secret, a name, or something that only stands for one.

Guesses, made so that code stays as it is: what looks like an identifier is one. Pure.
"""

from __future__ import annotations

import re

Span = tuple[int, int, str]

_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
# A new run begins where letters turn into digits, or small ones into capitals.
_RUNS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[A-Z]|\d+|[^\w]|_")
_DOTTED = re.compile(r"[^\W\d]\w*(?:(?:\.|->|\?\.|::)\w+)*[!?]?")
_UPPER = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
_NUMBER = re.compile(r"[\d.,:/_eE+-]+")
_STANDS_FOR = re.compile(
    r"""
    [*x.•_?-]{2,} | X{3,} | \#+ | <.*>? | \[REDACTED.* | \[.*\] | \{.* | \$.* | %[sdrv(]\S* | %\w+%
    | :\w+ | @\w+ | \?\d* | !\w+
    | (?:your|insert|enter|replace|change|example|sample|dummy|fake|placeholder|redacted|todo|my)
      (?:$|[_\W].*|me\W*|this\W*|it\W*|key|token|secret|password|pass|pwd)
    | (?:none|null|nil|undefined|true|false|yes|no|on|off|n/a|nan|void|self|this|empty|unset|todo)
    | (?:env|file|vault|op|ref|arn|ssm|secretsmanager|https?|gs|s3):.*
    """,
    re.IGNORECASE | re.VERBOSE,
)
_TYPES = re.compile(
    r"""
    u?int(?:eger)?\d*(?:_t)? | [uif](?:8|16|32|64|128|size) | usize | isize | float\d* | double
    | str(?:ing)?\d* | text\d* | bytes?\d* | char\d* | n?varchar\d* | number | bool(?:ean)?
    | object | any | unknown | never | list | dict | map | array | option(?:al)?
    | secret(?:str|string)? | utf-?\d+ | base\d+ | sha-?\d+(?:[-_/]\d+)? | md\d | bcrypt | scrypt
    | argon2(?:id|i|d)? | hmac\w* | pbkdf2\w* | oauth2? | jwt | [reh]s256 | ed25519 | x509
    | aes-?\d+\S*
    | required | optional | hidden | visible | user(?:name)? | e?mail | basic | bearer
    | (?:current|new|old)-password
    """,
    re.IGNORECASE | re.VERBOSE,
)
_NAMES = re.compile(
    r"pass(?:w|phrase|code|_|$)|pwd|secret|token|key|credential|auth|login|user", re.IGNORECASE
)
_SYMBOL = re.compile(r"[!#%^*?$@&+=~]")


def stands_for(value: str) -> bool:
    """Whether ``value`` is no secret, but says where one goes, or that there is none."""
    return _STANDS_FOR.fullmatch(value) is not None


def is_type(value: str) -> bool:
    """Whether ``value`` is a type, an algorithm or another word of a schema."""
    return _TYPES.fullmatch(value) is not None


def is_name(value: str) -> bool:
    """Whether ``value`` looks like an identifier or a path of some."""
    return _DOTTED.fullmatch(value) is not None


def is_variable(value: str) -> bool:
    """Whether ``value`` looks like the name of an environment variable."""
    return _UPPER.fullmatch(value) is not None


def is_number(value: str) -> bool:
    """Whether ``value`` is a number, a date or a time."""
    return _NUMBER.fullmatch(value) is not None


def is_random(value: str) -> bool:
    """Whether ``value`` is as mixed as only a machine makes it; a UUID is."""
    if _UUID.fullmatch(value):
        return True
    if len(value) < 12 or not has_digit(value) or not has_letter(value):
        return False
    runs = sum(1 for run in _RUNS.findall(value) if run.isalnum())
    return runs >= len(value) / 5 and not _NUMBER.fullmatch(value)


def is_key_like(value: str) -> bool:
    """Whether ``value`` may be a key though it has dashes in it as a name has."""
    longest = max(re.split(r"[-_]", value), key=len)
    if len(longest) >= 16 and has_digit(longest):
        return True
    mixed = any(letter.isupper() for letter in value) and any(one.islower() for one in value)
    return mixed and has_digit(value)


def mentions_itself(value: str) -> bool:
    """Whether ``value`` speaks of passwords or keys, as labels and names of fields do."""
    return _NAMES.search(value) is not None


def has_digit(value: str) -> bool:
    """Whether there is any."""
    return any(letter.isdigit() for letter in value)


def has_letter(value: str) -> bool:
    """Whether there is any."""
    return any(letter.isalpha() for letter in value)


def has_symbol(value: str) -> bool:
    """Whether there is a sign that people put into passwords."""
    return _SYMBOL.search(value) is not None
