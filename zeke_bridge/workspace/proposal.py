"""Reading a model's answer to ``create``: which files, and what is in them.

Pure. The answer is JSON of the shape ``SCHEMA``, or, from models that do not keep to it, fenced
blocks that each name a path. A path is only made plain here (relative, no ``..``, nothing
invisible); whether anything may be written there is for GhostWarden to judge.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from zeke_bridge.model.errors import BadAnswerError, PatchError
from zeke_bridge.workspace.patch.fence import Fence, fences

MAX_FILES = 50

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "files": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"path": {"type": "string"}, "content": {"type": "string"}},
                "required": ["path", "content"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["files"],
    "additionalProperties": False,
}

_MAX_PATH = 1024
_MAX_NAME = 255
# How a path looks where no JSON says that it is one: a slash, an extension, or like Makefile.
_PATH = re.compile(r"[\w.@+-]*/[\w.@+/-]*\w|[\w.@+-]*\.[A-Za-z]\w{0,15}|[A-Z][a-z]+file")
_MARKED = re.compile(r"[`*\"']([^`*\"'\s]+)[`*\"']")
_BETWEEN = re.compile(r"[\s:=\"'`*(),#]+")
_FEW_WORDS = 3


@dataclass(frozen=True, slots=True)
class ProposedFile:
    """``path`` is relative to the project, ``content`` the whole file with its final newline.

    With a ``problem`` it can be no file, and ``path`` is as the model has it.
    """

    path: str
    content: str
    problem: str = ""


def parse_proposal(answer: str) -> tuple[ProposedFile, ...]:
    """The files that ``answer`` proposes, in its order.

    One that cannot be a file of a project has a ``problem``, and the others stand. Raises
    ``BadAnswerError`` when there is none without.
    """
    found = _from_json(answer) or _from_fences(answer)
    if not found and '"files"' in answer:
        raise BadAnswerError("The model's list of files is cut off or malformed; ask for less.")
    if not found:
        raise BadAnswerError("The model proposed no files; say more exactly what to create.")
    if len(found) > MAX_FILES:
        raise BadAnswerError(f"The model proposed more than {MAX_FILES} files; ask for fewer.")
    files = _apart([_file(path, content) for path, content in found])
    if all(file.problem for file in files):
        raise BadAnswerError(files[0].problem)
    return files


def _from_json(text: str) -> list[tuple[Any, Any]]:
    """Paths and contents, unchecked; none when the text is no JSON of any such shape."""
    import orjson  # not at the top, because an editor waits for the broker's first answer

    for candidate in (text, text[text.find("{") : text.rfind("}") + 1]):
        try:
            answer = orjson.loads(candidate)
        except orjson.JSONDecodeError:
            continue
        if isinstance(answer, dict):
            answer = answer.get("files", [answer] if {"path", "content"} <= answer.keys() else None)
        if isinstance(answer, dict) and all(isinstance(each, str) for each in answer.values()):
            return list(answer.items())
        if isinstance(answer, list) and all(isinstance(each, dict) for each in answer):
            return [(each.get("path"), each.get("content")) for each in answer]
    return []


def _from_fences(answer: str) -> list[tuple[Any, Any]]:
    """The JSON in the first block that holds it, else the blocks that name a path."""
    lines = [line.removesuffix("\r") for line in answer.split("\n")]
    try:
        blocks = fences(lines)
    except PatchError as error:
        raise BadAnswerError(
            "The model's answer breaks off in the middle of a file; ask for less at a time."
        ) from error
    inside = (_from_json("\n".join(block.lines)) for block in blocks)
    return next(filter(None, inside), None) or list(_from_blocks(blocks, lines))


def _from_blocks(blocks: Iterable[Fence], lines: list[str]) -> Iterator[tuple[str, str]]:
    """Blocks that name a path, in their info string or in the line of text before them."""
    end = 0
    for block in blocks:
        before = next((line for line in reversed(lines[end : block.at]) if line.strip()), "")
        path = _path_in(_BETWEEN.split(block.info)) or _path_before(before)
        if path:
            yield path, "\n".join(block.lines)
        end = block.at + len(block.lines) + 2


def _path_before(line: str) -> str:
    """The path that a heading or a sentence names; in a sentence it has to be marked as one."""
    words = [word for word in _BETWEEN.split(line) if word]
    return _path_in(_MARKED.findall(line)) or _path_in(words if len(words) <= _FEW_WORDS else ())


def _path_in(words: Sequence[str]) -> str:
    return next((word for word in reversed(words) if _PATH.fullmatch(word)), "")


def _file(path: Any, content: Any) -> ProposedFile:
    if not isinstance(path, str) or not isinstance(content, str):
        raise BadAnswerError("The model proposed a file without a path or content; ask again.")
    if "\0" in content or not _is_writable(content):
        return ProposedFile(path, "", "The model proposed a file that is no text; ask again.")
    whole = content if content.endswith("\n") or not content else f"{content}\n"
    try:
        return ProposedFile(_plain(path), whole)
    except BadAnswerError as error:
        return ProposedFile(path, "", error.message)


def _is_writable(text: str) -> bool:
    return not any("\ud800" <= char <= "\udfff" for char in text)


def _plain(path: str) -> str:
    """``path`` without ``./`` and doubled slashes; raises for one that is no relative file path."""
    parts = [part for part in path.split("/") if part not in {"", "."}]
    sizes = [len(part.encode("utf-8", "replace")) for part in parts]
    odd = any(unicodedata.category(char) in {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"} for char in path)
    away = path.startswith(("/", "~")) or ".." in parts or re.match(r"[A-Za-z]:", path)
    long = sum(sizes) + len(sizes) > _MAX_PATH or max(sizes, default=0) > _MAX_NAME
    blank = any(part != part.strip() for part in parts)
    if not parts or odd or away or long or blank or "\\" in path or path.endswith(("/", "/.")):
        shown = ascii(path if len(path) < 80 else f"{path[:79]}…")
        raise BadAnswerError(
            f"The model proposed a file at {shown}, which is no path inside the project; ask again."
        )
    return "/".join(parts)


def _apart(files: Sequence[ProposedFile]) -> tuple[ProposedFile, ...]:
    """Without a path twice (not even but for case), or one that is a directory of another: the
    later one, and the one inside, have a problem.
    """
    named = {file.path.casefold() for file in files if not file.problem}
    seen: set[str] = set()
    found: list[ProposedFile] = []
    for file in files:
        name = file.path.casefold()
        parts = name.split("/")
        problem = file.problem
        if not problem and name in seen:
            problem = f"The model proposed {file.path} twice; ask again."
        elif not problem and any("/".join(parts[:size]) in named for size in range(1, len(parts))):
            problem = f"The model proposed {file.path} inside something that is a file; ask again."
        if not problem:
            seen.add(name)
        found.append(replace(file, problem=problem))
    return tuple(found)
