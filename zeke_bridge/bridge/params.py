"""Reading what an editor sends: plain maps in, frozen values out.

Every wrong field is an ``InputError`` that names it. Knows the shapes only, not what is done
with them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast, get_args

from zeke_bridge.model.errors import InputError
from zeke_bridge.model.exchange import ANALYSIS_KINDS, AnalysisKind, TerminalTask
from zeke_bridge.model.task import (
    Attachment,
    AttachmentKind,
    Buffer,
    Edit,
    Gap,
    Opened,
    Picture,
    Shell,
    TaskKind,
    TaskRequest,
    Turn,
)

MAX_INSTRUCTION = 16_384
# As many questions and grants as a person might mark in a window, and more.
MAX_NAMES, MAX_NAME = 10_000, 100
MAX_OPENED = 64
MAX_OUTPUT = 262_144
MAX_ATTACHMENTS, MAX_LABEL = 100, 1_000
# More of a file than any model is shown around the cursor.
MAX_AROUND = 65_536
MAX_LINES, MAX_ALTERNATIVE = 1_000, 100
# Base64 of pictures, of all together: a screenshot has about 1 MB.
MAX_IMAGES, MAX_PICTURE = 8, 8 * 1024 * 1024

_BUFFER = frozenset(
    {TaskKind.EXPLAIN, TaskKind.EDIT, TaskKind.ANALYZE, TaskKind.TEST, TaskKind.REFACTOR}
)
_TASKS = frozenset(TaskKind)
_TALK = frozenset({TaskKind.CHAT, TaskKind.AGENT})
_USAGE = {
    TaskKind.EDIT: "Say what to do, as in `:Zeke edit add a docstring`.",
    TaskKind.CREATE: "Say what to create, as in `:Zeke create a test for src/app.py`.",
    TaskKind.REFACTOR: "Say what to refactor, as in `:ZekeRefactor extract a function`.",
    TaskKind.CONTEXT: "Ask something about the project, as in `:ZekeContext what calls main?`.",
}

_T = TypeVar("_T")


def table(params: list[Any]) -> Mapping[str, Any]:
    """The one map every method takes; an empty Lua table counts as an empty map."""
    if len(params) != 1 or not isinstance(params[0], (dict, list)):
        raise InputError("A method takes one table.")
    only = params[0]
    if isinstance(only, list):
        if only:
            raise InputError("A method takes one table, not a list.")
        return {}
    return cast("Mapping[str, Any]", only)


def field(source: Mapping[str, Any], name: str, kind: type[_T], default: _T | None = None) -> _T:
    """``source[name]`` when it is a ``kind``; ``default`` (if any) when it is absent."""
    value = source.get(name, default)
    if value is None and default is not None:
        return default
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise InputError(f"The field {name} is missing or not of type {kind.__name__}.")
    return value


def text(source: Mapping[str, Any], name: str, default: str | None = None) -> str:
    """A string field that is valid Unicode (bytes that are not UTF-8 raise ``InputError``)."""
    value = field(source, name, str, default)
    if _is_damaged(value):
        raise InputError(f"The field {name} is not UTF-8 text.")
    return value


def _is_damaged(value: str) -> bool:
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False


def texts(source: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """A list of strings; empty when the field is absent."""
    values = field(source, name, list, [])
    if not all(isinstance(value, str) for value in values):
        raise InputError(f"The field {name} must be a list of strings.")
    if any(_is_damaged(value) for value in values):
        raise InputError(f"The field {name} is not UTF-8 text.")
    return tuple(values)


def names(source: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """A list of ids, which has to be there; each once."""
    field(source, name, list)
    given = texts(source, name)
    if len(given) > MAX_NAMES or any(len(one) > MAX_NAME for one in given):
        raise InputError(f"The field {name} must be a list of at most {MAX_NAMES} ids.")
    return tuple(dict.fromkeys(given))


def place(source: Mapping[str, Any], name: str, default: str | None = None) -> str:
    """A path as the system takes it: absolute, or empty where the editor has none."""
    value = text(source, name, default)
    if "\0" in value or (value and not value.startswith("/")):
        raise InputError(f"The field {name} is not an absolute path.")
    return value


def places(source: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """A list of paths, of any bytes; what no system would take for one is left out."""
    values = field(source, name, list, [])
    return tuple(path for path in values if isinstance(path, str) and path and "\0" not in path)


def unsaved(source: Mapping[str, Any], name: str) -> frozenset[str] | None:
    """The paths of what is not saved; None where the editor does not tell them."""
    return frozenset(places(source, name)) if source.get(name) is not None else None


def integers(source: Mapping[str, Any], name: str) -> tuple[int, ...] | None:
    """A list of whole numbers, or None when the field is absent."""
    if source.get(name) is None:
        return None
    values = field(source, name, list)
    if not all(isinstance(value, int) and not isinstance(value, bool) for value in values):
        raise InputError(f"The field {name} must be a list of whole numbers.")
    return tuple(values)


def buffer(source: Mapping[str, Any]) -> Buffer:
    """The ``buffer`` table of a task."""
    given = field(source, "buffer", dict)
    found = Buffer(
        text=text(given, "text"),
        path=place(given, "path", ""),
        name=text(given, "name", ""),
        language=text(given, "language", ""),
        start_line=field(given, "start_line", int, 1),
        end_line=field(given, "end_line", int, 1),
        changedtick=field(given, "changedtick", int, 0),
        modified=field(given, "modified", bool, False),
        eol=text(given, "eol", "\n"),
        final_eol=field(given, "final_eol", bool, True),
        bom=field(given, "bom", bool, False),
        is_file=field(given, "is_file", bool, True),
    )
    if not 1 <= found.start_line <= found.end_line:
        raise InputError(f"There is no line range {found.start_line},{found.end_line}.")
    if found.eol not in ("\n", "\r\n", "\r"):
        raise InputError("The field eol is none of the three line endings.")
    return found


def said(method: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of what a person, or their editor, says about a change under review.

    Those that are absent stay so, but for ``reason``.
    """
    found: dict[str, Any] = {"reason": text(params, "reason", "").strip()}
    for name in ("file", "round", "version"):
        if params.get(name) is not None:
            found[name] = field(params, name, int)
    if method == "edit.accept":
        found["hunks"] = integers(params, "hunks")
    if method == "edit.reject":
        found["problem"] = text(params, "problem", "")
    if method == "edit.ready":
        found["fits"] = field(params, "fits", bool, False)
        found["modified"] = field(params, "modified", bool, False)
    if method == "edit.rebase" or (method == "edit.text" and params.get("buffer") is not None):
        found["buffer"] = buffer(params)
    return found


def task(params: Mapping[str, Any]) -> TaskRequest:
    """The task that ``task.submit`` describes, checked as far as one can without doing it."""
    name = text(params, "kind")
    if name not in _TASKS:
        raise InputError(f"There is no task called {name}.")
    kind = TaskKind(name)
    request = TaskRequest(
        id=text(params, "id"),
        kind=kind,
        cwd=place(params, "cwd"),
        model=text(params, "model", ""),
        buffer=buffer(params) if "buffer" in params else None,
        instruction=text(params, "instruction", "").strip(),
        kinds=_kinds(params),
        messages=_messages(params),
        places=places(params, "places"),
        opened=_opened(params),
        shell=_shell(params) if kind is TaskKind.TERMINAL else None,
        gap=_gap(params) if kind is TaskKind.COMPLETE else None,
        path=place(params, "path", ""),
        text=_given(params, "text"),
        base=_given(params, "base"),
        edits=_edits(params),
        patch=_given(params, "patch"),
        session=text(params, "session", ""),
        images=_images(params),
    )
    _complete(request)
    return request


def _complete(request: TaskRequest) -> None:
    kind = request.kind
    read_here = kind is TaskKind.ANALYZE and request.buffer is None and request.path
    if (
        kind in _BUFFER
        and not read_here
        and (request.buffer is None or not request.buffer.text.strip())
    ):
        raise InputError("There is no text here to work on: the buffer or range is empty.")
    if kind is TaskKind.COMPLETE and request.buffer is None:
        raise InputError("The field buffer is missing: it says which file is completed.")
    if kind in _USAGE and not request.instruction:
        raise InputError(_USAGE[kind])
    if len(request.instruction) > MAX_INSTRUCTION:
        raise InputError(f"The instruction is over {MAX_INSTRUCTION} characters: shorten it.")
    if kind is TaskKind.ANALYZE and not request.kinds:
        raise InputError(f"Name what to analyze: {', '.join(ANALYSIS_KINDS)}.")
    proposed = request.text is not None or request.edits or request.patch is not None
    if kind is TaskKind.PROPOSE and not (proposed and (request.buffer or request.path)):
        raise InputError("A proposed change needs its text, and the buffer or path it is for.")
    if kind is TaskKind.REVIEW or (kind is TaskKind.AGENT and not request.session):
        raise InputError("A task of an agent needs its session, and a review begins by itself.")
    if kind in _TALK and not (request.messages and request.messages[-1].content.strip()):
        raise InputError("There is no question to send: write one below the last line `## You`.")
    if request.shell is not None and not (request.instruction or _has_output(request)):
        raise InputError("Say what it is about, as in `:ZekeTerminal suggest find large files`.")


def _has_output(request: TaskRequest) -> bool:
    """Whether there is something to find a fault in."""
    shell = request.shell
    return shell is not None and shell.job == "debug" and bool(shell.output or request.buffer)


def _kinds(params: Mapping[str, Any]) -> tuple[AnalysisKind, ...]:
    given = field(params, "kinds", list, [])
    for kind in given:
        if kind not in get_args(AnalysisKind):
            raise InputError(f"There is no analysis {kind}: {', '.join(ANALYSIS_KINDS)}.")
    return tuple(dict.fromkeys(given))


def _opened(params: Mapping[str, Any]) -> tuple[Opened, ...]:
    found: list[Opened] = []
    for given in field(params, "opened", list, []):
        if not isinstance(given, dict):
            raise InputError("Each open file must be a table with path.")
        content = text(given, "text") if "text" in given else None
        found.append(Opened(place(given, "path"), content, text(given, "language", "")))
    return tuple(found[:MAX_OPENED])


def _shell(params: Mapping[str, Any]) -> Shell:
    given = field(params, "shell", dict)
    job = text(given, "job")
    if job not in get_args(TerminalTask):
        raise InputError(f"There is no help called {job}: {', '.join(get_args(TerminalTask))}.")
    output = text(given, "output", "")
    if len(output) > MAX_OUTPUT:
        raise InputError("The output is over 256 KiB: select its end.")
    name, system = text(given, "name", ""), text(given, "system", "")
    return Shell(cast("TerminalTask", job), output, name[:MAX_NAME], system[:MAX_NAME])


def _given(params: Mapping[str, Any], name: str) -> str | None:
    return text(params, name) if params.get(name) is not None else None


def _edits(params: Mapping[str, Any]) -> tuple[Edit, ...]:
    found: list[Edit] = []
    for given in field(params, "edits", list, []):
        if not isinstance(given, dict):
            raise InputError("Each edit must be a table with first, last and lines.")
        edit = Edit(field(given, "first", int), field(given, "last", int), texts(given, "lines"))
        if not 1 <= edit.first <= edit.last + 1:
            raise InputError(f"There is no line range {edit.first},{edit.last}.")
        found.append(edit)
    return tuple(found)


def _gap(params: Mapping[str, Any]) -> Gap:
    found = Gap(
        text(params, "prefix"),
        text(params, "suffix", ""),
        field(params, "max_lines", int, 0),
        field(params, "alternative", int, 0),
    )
    if max(len(found.prefix), len(found.suffix)) > MAX_AROUND:
        raise InputError("The text around the cursor is over 64 KiB: send less of it.")
    if not 0 <= found.max_lines <= MAX_LINES:
        raise InputError(f"The field max_lines is not a number from 0 to {MAX_LINES}.")
    if not 0 <= found.alternative <= MAX_ALTERNATIVE:
        raise InputError(f"There are no more than {MAX_ALTERNATIVE} alternatives.")
    return found


def _images(params: Mapping[str, Any]) -> tuple[Picture, ...]:
    found: list[Picture] = []
    for given in field(params, "images", list, []):
        if not isinstance(given, dict):
            raise InputError("Each image must be a table with mime and data.")
        found.append(Picture(text(given, "mime"), text(given, "data")))
    if len(found) > MAX_IMAGES or sum(len(one.data) for one in found) > MAX_PICTURE:
        raise InputError(f"A message takes {MAX_IMAGES} images of 8 MiB together.")
    if not all(one.mime.startswith("image/") for one in found):
        raise InputError("An image needs its MIME type, such as image/png.")
    return tuple(found)


def _messages(params: Mapping[str, Any]) -> tuple[Turn, ...]:
    turns: list[Turn] = []
    for given in field(params, "messages", list, []):
        if not isinstance(given, dict):
            raise InputError("Each message must be a table with role and content.")
        role = text(given, "role")
        if role not in ("system", "user", "assistant"):
            raise InputError(f"There is no role {role}.")
        attached = field(given, "attachments", list, [])
        if len(attached) > MAX_ATTACHMENTS:
            raise InputError(f"A message can mention {MAX_ATTACHMENTS} files and no more.")
        content = text(given, "content")
        turns.append(Turn(cast("Any", role), content, tuple(map(_attachment, attached))))
    return tuple(turns)


def _attachment(given: Any) -> Attachment:
    if not isinstance(given, dict):
        raise InputError("Each attachment must be a table with kind and label.")
    kind = text(given, "kind")
    if kind not in get_args(AttachmentKind):
        raise InputError(f"There is nothing called @{kind}: {', '.join(get_args(AttachmentKind))}.")
    found = Attachment(
        cast("AttachmentKind", kind),
        text(given, "label")[:MAX_LABEL],
        place(given, "path", ""),
        field(given, "first", int, 0),
        field(given, "last", int, 0),
        text(given, "language", ""),
        # Bytes that are not UTF-8 are no reason to refuse the question: it says which one has them.
        field(given, "text", str) if given.get("text") is not None else None,
        field(given, "is_file", bool, True),
    )
    if found.text is None and not (found.path and found.is_file) and kind != "diff":
        raise InputError(f"The attachment {found.label} has neither path nor text.")
    if (found.first or found.last) and not 1 <= found.first <= found.last:
        raise InputError(f"There is no line range {found.first},{found.last}.")
    return found
