"""With a gate that always denies, no hand moves: every service is watched."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from zeke_bridge.agents.child import Launch
from zeke_bridge.agents.effects import Command, Declared, Effects, FileText, ToolUse
from zeke_bridge.broker.agents.starting import Starting
from zeke_bridge.broker.consent.gate import ConsentGate
from zeke_bridge.model.errors import DeniedError, ZekeError
from zeke_bridge.model.permit import Permit

pytestmark = pytest.mark.anyio

Make = Callable[..., Any]
LOOKS = frozenset({"root", "inside", "belongs", "exists", "listing", "bound_by", "opaque_id"})
"""What tells where something is, and is told to nobody."""


class Denying(ConsentGate):
    """Says no, without a question, to everything."""

    def __init__(self, gate: ConsentGate) -> None:
        self.__dict__.update(gate.__dict__)

    def asks(self, *_: Any) -> bool:
        return False

    async def authorize(self, *_: Any, **__: Any) -> Permit:
        raise DeniedError("No.")

    async def open_names(self, *_: Any) -> tuple[str, ...]:
        return ()


class Watched:
    """Passes calls on and remembers their names."""

    def __init__(self, real: Any, calls: list[str]) -> None:
        self._real = real
        self._calls = calls

    def __getattr__(self, name: str) -> Any:
        if name not in LOOKS:
            self._calls.append(name)
        return getattr(self._real, name)


def asked(one: Any) -> dict[str, Callable[[], Any]]:
    """A call of every method of ``Effects``, and of ``Start``."""
    hands = one.hands
    edit = Declared("t", "edit", edits=(("a.py", "old\n", "new\n"),))
    run = Declared("t", "execute", argv=("touch", "made"))
    files = [FileText("a.py", "new\n"), FileText("made", "x\n")]
    start = Starting(one.session, str(one.street.project), one.owner.subject, {})
    return {
        "read": lambda: hands.read("a.py"),
        "write": lambda: hands.write(files),
        "names": lambda: hands.names(""),
        "search": lambda: hands.search("old"),
        "start": lambda: hands.start(Command(("touch", "made"))),
        "diagnostics": lambda: hands.diagnostics("a.py"),
        "changes": hands.changes,
        "unsaved": hands.unsaved,
        "commits": hands.commits,
        "declared": lambda: asyncio.gather(
            hands.declared(edit), hands.declared(run), hands.declared(Declared("t", "other"))
        ),
        "unmediated": lambda: hands.unmediated("a.py", 1, 1),
        "use_tool": lambda: hands.use_tool(ToolUse("s", "1", "t", "2", {})),
        "launch": lambda: start(Launch(("touch", "made"), str(one.street.project))),
    }


def test_every_method_is_tried(bench: Make) -> None:
    methods = {name for name in vars(Effects) if not name.startswith("_")}
    assert methods - {"turn_ended"} == asked(bench()).keys() - {"launch"}


@pytest.mark.parametrize("reviews", [True, False])
@pytest.mark.parametrize("allowed", [True, False])
async def test_nothing_happens(bench: Make, reviews: bool, allowed: bool) -> None:
    one = bench(reviews=reviews, settings={"ghostllm": {"enable_consent": not allowed}})
    one.buffers = [{"path": str(one.street.project / "a.py"), "modified": True}]
    calls: list[str] = []
    services = one.session.services
    one.session.services = replace(
        services,
        gate=Denying(services.gate),
        files=Watched(services.files, calls),
        processes=Watched(services.processes, calls),
        projects=Watched(services.projects, calls),
        cores=Watched(services.cores, calls),
    )
    results: dict[str, Any] = {}
    for name, call in asked(one).items():
        try:
            results[name] = await call()
        except ZekeError as error:
            results[name] = error
    one.hands.turn_ended()
    await one.hands.aclose()
    assert calls == []
    assert {path.name for path in one.street.project.iterdir()} == {".git", "a.py", "b.py"}
    assert (one.street.project / "a.py").read_text() == "old\n"
    assert {written.state for written in results.pop("write")} == {"denied"}
    assert results.pop("declared") == [False, False, False]
    assert results.pop("unmediated") is False
    assert (list(results.pop("names")), list(results.pop("search"))) == ([], [])
    assert results.pop("unsaved") == ""
    assert all(isinstance(result, DeniedError) for result in results.values())
    assert one.sink.named("task.started") == one.sink.named("consent.asked") == []
    assert "old" not in str(one.sink.events) + str(one.said)
