"""The way of models that call no tools: each answer is one step, JSON that a schema holds in shape.

A step is ``{"tool": …, "arguments": {…}}``, and ``answer`` ends the turn. The tool comes first and
no thought before it: a small model thinks itself into a wrong one. Paths of files that exist are
an ``enum``, so that it cannot make them up. llama.cpp turns ``anyOf``, ``const``, ``enum`` and
``maxLength`` into its grammar.
"""

from __future__ import annotations

import json
import posixpath
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from zeke_bridge.agents.loop import manner, tools
from zeke_bridge.agents.loop.answer_text import AnswerText
from zeke_bridge.agents.loop.kit import ForeignTool, Kit
from zeke_bridge.agents.loop.tool import Tool, schema, text
from zeke_bridge.agents.loop.way import Said
from zeke_bridge.model.exchange import Answer, Audience, ChatAsk, Message, ToolCall

ANSWER = "answer"
MOST = 6_000
"""How many characters of a result such a model is given: its context is small."""
_NAMED_FILES = 60
_MOST_TOKENS = 2048


def kit(more: Sequence[ForeignTool], *, by_instruction: bool) -> Kit:
    """Fewer tools than others get; files are changed by instruction where that is possible."""
    edit = tools.EDIT_BY_INSTRUCTION if by_instruction else tools.EDIT_FILE
    own = (
        edit,
        tools.READ_FILE,
        tools.CREATE_FILE,
        tools.SEARCH,
        tools.RUN_COMMAND,
        tools.LIST_FILES,
        tools.DIAGNOSTICS,
        tools.GIT_DIFF,
    )
    return Kit(own, more)


class BySteps:
    """See ``Way``. ``files`` are the project's, ``settled`` those that need no further change."""

    def __init__(self, kit: Kit, files: Sequence[str], settled: Collection[str] = ()) -> None:
        self.kit = kit
        self._files = files
        self._settled = settled
        self._text = AnswerText()

    def ask(self, audience: Audience, messages: Sequence[Message]) -> ChatAsk:
        """See ``Way``."""
        files = _foremost(self._files, messages)
        own = [turn for turn in messages if turn.role != "system"]
        asked = (
            Message("system", _system(messages)),
            *_examples(),
            *_turns(own, files, len(self._files)),
        )
        shape = self._schema(files)
        return ChatAsk(audience, asked, schema=shape, max_tokens=_MOST_TOKENS, temperature=0.0)

    def hear(self, piece: str) -> str:
        """See ``Way``."""
        return self._text.feed(piece)

    def said(self, answer: Answer) -> Said:
        """See ``Way``. What is no step becomes a call that its round refuses with a sentence."""
        try:
            step = json.loads(answer.text)
            name, given = step["tool"], step["arguments"]
            if name == ANSWER:
                return Said(str(given["text"]))
            return Said("", (ToolCall("", str(name), json.dumps(given)),))
        except (ValueError, TypeError, KeyError, RecursionError):
            return Said("", (ToolCall("", "step", answer.text),))

    def _schema(self, files: Sequence[str]) -> dict[str, Any]:
        steps = []
        for tool in self.kit.tools.values():
            changed = tool.draft is not None and tool.name == tools.EDIT_FILE.name
            there = [path for path in files if path not in self._settled] if changed else files
            if _about_files(tool) and not there:
                continue
            steps.append(_step(tool.name, _arguments(tool, there)))
        steps.append(_step(ANSWER, schema(["text"], text=text("For the person."))))
        return {"anyOf": steps}


def _step(name: str, given: dict[str, Any]) -> dict[str, Any]:
    return schema(["tool", "arguments"], tool={"const": name}, arguments=given)


def _about_files(tool: Tool) -> bool:
    return tool.name in (tools.EDIT_FILE.name, tools.READ_FILE.name)


def _arguments(tool: Tool, files: Sequence[str]) -> dict[str, Any]:
    """The schema of its arguments, with less to choose from."""
    if tool.name == tools.READ_FILE.name:
        return schema(["path"], path={"enum": list(files)})
    if tool.name == tools.EDIT_FILE.name:
        properties = {**tool.parameters["properties"], "path": {"enum": list(files)}}
        return {**tool.parameters, "properties": properties}
    if tool.name == tools.RUN_COMMAND.name:
        return schema(["command"], command=text("", minLength=1, maxLength=300))
    if tool.name == tools.SEARCH.name:
        return schema(["pattern"], pattern=text("", minLength=1, maxLength=100))
    return tool.parameters


def _system(messages: Sequence[Message]) -> str:
    return "\n\n".join([manner.STEPS, *(t.content for t in messages if t.role == "system")])


def _examples() -> Iterator[Message]:
    for wish, name, given, result, answer in manner.EXAMPLES:
        yield Message("user", wish)
        yield Message("assistant", _json(name, given))
        yield Message("user", _result(name, result))
        yield Message("assistant", _json(ANSWER, {"text": answer}))


def _turns(messages: Sequence[Message], files: Sequence[str], number: int) -> Iterator[Message]:
    """``messages`` as steps and their results, the files named where the last turn begins."""
    begins = max((at for at, turn in enumerate(messages) if turn.role == "user"), default=-1)
    results = {turn.call_id: turn.content for turn in messages if turn.role == "tool"}
    for at, turn in enumerate(messages):
        if turn.role == "user":
            more = f" and {number - len(files)} more" if number > len(files) else ""
            named = f"This project's files: {', '.join(files)}{more}\n\n" if at == begins else ""
            yield Message("user", named + turn.content)
        elif turn.role == "assistant":
            for call in turn.calls:
                yield Message("assistant", _json(call.name, _object(call.arguments)))
                yield Message("user", _result(call.name, results.get(call.id, "")))
            if not turn.calls:
                yield Message("assistant", _json(ANSWER, {"text": turn.content}))


def _result(name: str, words: str) -> str:
    return f"Result of {name}: {words}"


def _json(name: str, given: Any) -> str:
    return json.dumps({"tool": name, "arguments": given}, ensure_ascii=False)


def _object(said: str) -> Any:
    try:
        return json.loads(said)
    except (ValueError, RecursionError):
        return {}


def _foremost(files: Sequence[str], messages: Sequence[Message]) -> list[str]:
    """The files that a model may choose from: those that were spoken of, then others."""
    spoken = "\n".join(turn.content for turn in messages if turn.role != "system")
    named = [path for path in files if path in spoken]
    known = set(named)
    near = [path for path in files if path not in known and posixpath.basename(path) in spoken]
    known.update(near)
    rest = [path for path in files if path not in known]
    return [*named, *near, *rest][:_NAMED_FILES]
