"""What a short question says, apart from how it is said. Pure.

Two questions have one gist only if they are the same word for word, in order and case, after a few
closed lists of rewritings that cannot change what is asked: ``please``, ``how do I`` for ``how
to``, ``don't`` for ``do not``, the case of a first word, the last question mark. Everything else
counts: numbers, negations, opposites, directions, names, articles, whatever is quoted. No list of
dangerous words could be long enough (enable and disable, heap and the heap, sort and sort!), so
there is none: what is not known to be harmless is a difference.
"""

from __future__ import annotations

import re

from zeke_bridge.core.cache.prose import is_about_space, normal

_LONGEST = 500
# Words cut at single spaces, with whatever is quoted in one piece.
_WORD = re.compile(r"""(?:[^\s`"]|`[^`\n]*`|"[^"\n]*")+""")
# Quotes of other forms, which may stand around several words.
_QUOTES = re.compile(r"[“”«»„‹›‘]|(?:^|[^\w])['’]|['’](?:[^\w]|$)")
# Who asks about words may mean the very ones that would be rewritten.
_ABOUT_WORDS = re.compile(
    r"\b(?:translat|word|phras|sentence|spell|mean|pronounc|gramma|synonym|polite|rhym|letter"
    r"|character|string|quot|rewrit|reword|contraction|apostrophe|punctuat|capital|case\b|casing"
    r"|lowercase|uppercase|verb|noun|prefix|suffix|regex|match|say|said|write|echo|repeat|print"
    r"|text|name|call|label|title|difference|compar|versus|vs\b)",
    re.IGNORECASE,
)


def _list(words: str) -> frozenset[str]:
    return frozenset(words.split())


# What can be done to something, and is therefore asked for with ``how to``.
_DEEDS = _list(
    "add append build call cancel change check clone close commit compile configure connect "
    "convert copy create debug declare define delete deploy disable download enable export extract "
    "filter find fix generate handle implement import initialize insert install iterate join kill "
    "list load log loop make merge mock move open optimize parse print profile pull push read "
    "rebase refactor remove rename replace reset resolve restart retry reverse revert run save "
    "search send serialize set sort split squash stop store sum swap test throw undo uninstall "
    "update upgrade upload use validate write"
)
_EXPLAIN = _list("explain describe summarize")
_OPENERS = _EXPLAIN | _list("compare what why when where which who how is are does can should")
_BEFORE_MARK = _OPENERS | _list("please could tell show what's what’s")
_SPELLINGS = {
    "initialise": "initialize",
    "optimise": "optimize",
    "serialise": "serialize",
    "summarise": "summarize",
}
_CONTRACTIONS = {
    "don't": ("do", "not"),
    "doesn't": ("does", "not"),
    "didn't": ("did", "not"),
    "isn't": ("is", "not"),
    "aren't": ("are", "not"),
    "wasn't": ("was", "not"),
    "can't": ("cannot",),
    "I'm": ("I", "am"),
    "I've": ("I", "have"),
}
_ARTICLES = _list("a an the")
# Languages that are no words of their own when written small.
_LANGUAGES = {
    name.lower(): name
    for name in _list("Bash CSS Haskell HTML JavaScript Kotlin Perl PHP Python SQL TypeScript")
}


def gist(text: str) -> str | None:
    """The gist of ``text``; None when it is too long, has lines, or is quoted in odd ways."""
    tidy = normal(text).strip()
    if not tidy or len(tidy) > _LONGEST or _QUOTES.search(tidy):
        return None
    if tidy != text and is_about_space(text):
        return None
    words = _WORD.findall(tidy)
    # Anything between words but one space, and a quote that is not closed, count too.
    if " ".join(words) != tidy:
        return None
    if not _ABOUT_WORDS.search(tidy):
        words = _expanded(_without_courtesy(_without_mark(words, tidy)))
    return " ".join(_opened(_without_preface(words)))


def _without_mark(words: list[str], text: str) -> list[str]:
    """Without the last full stop or question mark, when it is nothing but the end.

    In some languages the names of functions end with ``?``, hence only behind what is certainly an
    English noun or the name of a language.
    """
    *before, last = words
    word, mark = last[:-1], last[-1]
    if not (word.isalpha() and len(word) > 1 and text.count(mark) == 1):
        return words
    if mark not in ".?" or words[0].lower() not in _BEFORE_MARK:
        return words
    previous = before[-1] if before else ""
    noun = previous in _ARTICLES or (previous == "in" and word.lower() in _LANGUAGES)
    return [*before, word] if mark == "." or noun else words


def _without_courtesy(words: list[str]) -> list[str]:
    if len(words) > 2 and words[-1] == "please" and words[-2].endswith(","):
        return [*words[:-2], words[-2][:-1]]
    return words


def _expanded(words: list[str]) -> list[str]:
    """With contractions written out, and a language at the end as it writes itself."""
    new: list[str] = []
    for place, word in enumerate(words):
        following = words[place + 1] if place + 1 < len(words) else ""
        plain = word.replace("’", "'")
        if plain in {"what's", "What's"} and following in _ARTICLES:
            new += [plain[:-2], "is"]
        else:
            new += _CONTRACTIONS.get(plain, (word,))
    if new[-2:-1] == ["in"]:
        new[-1] = _LANGUAGES.get(new[-1], new[-1])
    return new


def _without_preface(words: list[str]) -> list[str]:
    """Without what only asks for an answer: ``please``, ``can you explain``, ``tell me how to``."""
    if len(words) > 2 and words[0] in {"Please", "please", "Please,", "please,"}:
        words = words[1:]
    if len(words) > 3 and _first(words) in {"can", "could"} and words[1] == "you":
        rest = words[3:] if words[2] == "please" else words[2:]
        if rest and (_first(rest) in _EXPLAIN or _is_tell(rest)):
            words = rest
    return words[2:] if _is_tell(words) else words


def _is_tell(words: list[str]) -> bool:
    """Whether it begins with ``tell me how to`` or ``show me how to``."""
    return _first(words) in {"tell", "show"} and words[1:4] == ["me", "how", "to"]


def _opened(words: list[str]) -> list[str]:
    """With the beginning in one form."""
    first = _first(words)
    if first in _OPENERS:
        words = [first, *words[1:]]
    if first in _EXPLAIN and words[1:3] == ["to", "me"] and len(words) > 3:
        words = [first, *words[3:]]
    if first == "how":
        asked = words[1:3] in (["do", "I"], ["can", "I"], ["do", "i"], ["can", "i"])
        rest = words[3:] if asked else words[2:] if words[1:2] == ["to"] else []
        if rest and _spelled(rest[0]) in _DEEDS:
            return ["how", "to", _spelled(rest[0]), *rest[1:]]
    return words


def _first(words: list[str]) -> str:
    """The first word as it is within a sentence; ``WHO`` is not ``who``."""
    word = words[0]
    return _spelled(word.lower() if word == word.capitalize() else word)


def _spelled(word: str) -> str:
    return _SPELLINGS.get(word, word)
