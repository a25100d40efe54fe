"""``fs/*``: files that an agent reads and writes through us."""

from __future__ import annotations

from typing import Any

from zeke_bridge.agents.acp.refusals import Need, Refusals
from zeke_bridge.agents.acp.sdk import RequestError, schema
from zeke_bridge.agents.acp.work import REFUSED, StoppedError, Work
from zeke_bridge.agents.effects import Effects, FileText, Written
from zeke_bridge.agents.refusal import of_written
from zeke_bridge.model.errors import StoreError

_NOT_FOUND = -32002


class Files:
    """Those of one session."""

    def __init__(self, effects: Effects, work: Work, refusals: Refusals) -> None:
        self._effects = effects
        self._work = work
        self._refusals = refusals

    async def read(self, wanted: schema.ReadTextFileRequest) -> dict[str, Any]:
        """The text, or ``limit`` lines of it from ``line`` on, which counts from 1."""
        path = absolute(wanted.path, "path")
        try:
            text = await self._work.do(lambda: self._effects.read(path))
        except StoreError as error:
            if isinstance(error.__cause__, FileNotFoundError):
                # Agents ask like this whether a file is there.
                raise RequestError(_NOT_FOUND, error.message, {"uri": path}) from None
            raise
        if wanted.line is None and wanted.limit is None:
            return {"content": text}
        *whole, rest = text.split("\n")
        lines = [f"{line}\n" for line in whole] + [rest]
        first = max((wanted.line or 1) - 1, 0)
        last = len(lines) if wanted.limit is None else first + wanted.limit
        return {"content": "".join(lines[first:last])}

    async def write(self, wanted: schema.WriteTextFileRequest) -> dict[str, Any]:
        """Have the file hold the text; an error says what became of it, if that is not all."""
        file = FileText(absolute(wanted.path, "path"), wanted.content)
        known: list[Written] = []
        try:
            await self._work.do(
                lambda: self._effects.write([file], lambda _, written: known.append(written))
            )
        except StoppedError:
            # What was being written then is there all the same.
            if not known:
                raise
        (written,) = known
        if written.state in ("written", "same"):
            return {}
        self._refusals.add(Need(path=file.path), of_written(written))
        raise RequestError(REFUSED, written.words, {"state": written.state})


def absolute(path: str, name: str) -> str:
    """Return ``path``, which ACP demands to be absolute. Raises ``RequestError``."""
    if not path.startswith("/"):
        raise RequestError(-32602, f"Invalid params: {name} has to be an absolute path.")
    if "\0" in path:
        raise RequestError(-32602, f"Invalid params: {name} has a NUL in it.")
    return path
