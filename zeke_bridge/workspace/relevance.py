"""Which files of a project a question is likely about, by their names alone. Pure.

What a file is called is all that is known here; what is in it is for others to read, if they may.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

_WORD = re.compile(r"[A-Za-z][a-z0-9]+|[A-Z]+(?![a-z])|[^\W\d_]{2,}")
_MENTION = re.compile(r"[\w.@+-]+(?:/[\w.@+-]+)*")
_COMMON = frozenset(
    """
    a an and are as at be by can do does for from has have how i if in into is it its me my no not
    of on or our so that the their them there this to up us was we what when where which who why
    will with you your about all any file files code project work works working use used uses
    show tell find explain get make
    """.split()  # noqa: SIM905 - words read better as a text
)
_READMES = ("readme", "readme.md", "readme.rst", "readme.txt", "readme.adoc")
_MANIFESTS = frozenset(
    """
    pyproject.toml setup.py setup.cfg requirements.txt package.json cargo.toml go.mod makefile
    cmakelists.txt build.gradle build.gradle.kts pom.xml gemfile composer.json mix.exs
    build.zig deno.json meson.build dockerfile stack.yaml pubspec.yaml
    """.split()  # noqa: SIM905 - as above
)
_NO_TEXT = frozenset(
    """
    .png .jpg .jpeg .gif .ico .webp .bmp .svg .pdf .zip .gz .xz .bz2 .zst .7z .tar .whl .jar .class
    .so .o .a .dll .dylib .exe .pyc .bin .gguf .onnx .pt .npy .parquet .sqlite .db .mp3 .mp4 .ogg
    .wav .mov .woff .woff2 .ttf .otf .lock .map
    """.split()  # noqa: SIM905 - as above
)
_NO_USE = frozenset({"package-lock.json", "pnpm-lock.yaml", "go.sum"})


def relevant(question: str, paths: Iterable[str], most: int) -> tuple[str, ...]:
    """At most ``most`` of ``paths``, what fits ``question`` best first.

    A file that the question names comes before one whose name shares words with it, and that
    before the README and the manifest. One of these is always among them, because it says
    something of any project.
    """
    words = _words(question)
    mentions = {mention.lower().strip(".") for mention in _MENTION.findall(question)}
    scored = [(_score(path, words, mentions), path) for path in paths]
    ranked = sorted(
        (row for row in scored if row[0] > 0), key=lambda row: (-row[0], row[1].count("/"), row[1])
    )
    chosen = [path for _, path in ranked[:most]]
    about = next((path for _, path in ranked if _of_all(path)), "")
    if chosen and about and about not in chosen:
        chosen[-1] = about
    return tuple(chosen)


def _score(path: str, words: frozenset[str], mentions: set[str]) -> int:
    whole, name = path.lower(), PurePosixPath(path).name.lower()
    if PurePosixPath(name).suffix in _NO_TEXT or name in _NO_USE or name.endswith(".min.js"):
        return 0
    depth = path.count("/")
    if whole in mentions:
        return 1000
    if any("/" in mention and f"/{whole}".endswith(f"/{mention}") for mention in mentions):
        return 800 - depth
    if "." in name and name in mentions:
        return 500 - depth
    stem = name.partition(".")[0]
    score = 60 if stem in words else 0
    score += 20 * len(words & _words(PurePosixPath(path).stem))
    score += 4 * len(words & _words(str(PurePosixPath(path).parent)))
    if score == 0:
        score += 3 * any(len(word) > 3 and word in stem for word in words)
    return score + (12 if name in _READMES else 10) * _of_all(path)


def _of_all(path: str) -> bool:
    """Whether ``path`` says something of the project as a whole."""
    name = path.lower()
    return name in _READMES or name in _MANIFESTS


def _words(text: str) -> frozenset[str]:
    """Its words in lower case, those of ``camelCase`` and ``snake_case`` apart, in the singular."""
    found = (word.lower() for word in _WORD.findall(text))
    return frozenset(_singular(word) for word in found if word not in _COMMON and len(word) > 1)


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def tree(paths: Sequence[str], *, whole: bool) -> str:
    """``paths`` as a text, one a line; the last says when there are more."""
    return "\n".join(paths) + ("" if whole else "\n… and more")
