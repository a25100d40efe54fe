"""What is changed in modules as they are imported: the gate denies, and some of them tell more."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import FrameType, ModuleType
from typing import Any

from zeke_denied import canary
from zeke_denied.doer import product_chain
from zeke_denied.effects import renamed
from zeke_denied.notes import note

Change = Callable[[ModuleType], None]
_STARTING = "/zeke_bridge/broker/agents/starting.py"


def prepare(gate: str) -> None:
    """Have modules changed as soon as they are there; ``gate`` is denying, launching or open."""
    changes: dict[str, Change] = {
        "zeke_bridge.broker.consent.gate": lambda module: _change_gate(module, gate),
        "zeke_bridge.model.permit": _tell_permits,
        "zeke_bridge.workspace.files.libc": _tell_renames,
        "tests.fakes.house": canary.know_projects,
        "tests.fakes.provider": canary.hear_requests,
    }
    sys.meta_path.insert(0, _Changing(changes))


class _Changing(MetaPathFinder):
    def __init__(self, changes: dict[str, Change]) -> None:
        self._changes = changes

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        change = self._changes.get(fullname)
        spec = PathFinder.find_spec(fullname, path, target) if change is not None else None
        if change is not None and spec is not None and spec.loader is not None:
            _after(spec.loader, change)
        return spec


def _after(loader: Loader, change: Change) -> None:
    run = loader.exec_module

    def run_and_change(module: ModuleType) -> None:
        run(module)
        change(module)

    loader.exec_module = run_and_change  # type: ignore[method-assign]


def _change_gate(module: ModuleType, how: str) -> None:
    _tell_shown(module)
    if how != "open":
        _deny(module, launching=how == "launching")


def _deny(module: ModuleType, *, launching: bool) -> None:
    """Every answer of the gate is no; with ``launching``, an agent may be started and no more."""
    gate, error = module.ConsentGate, module.DeniedError
    real = gate.authorize

    async def authorize(self: Any, *arguments: Any, **options: Any) -> Any:
        if launching and _launches():
            return await real(self, *arguments, **options)
        raise error("Everything is denied in this run of the tests.")

    async def open_names(*_: Any, **__: Any) -> tuple[str, ...]:
        return ()

    gate.authorize, gate.open_names = authorize, open_names


def _tell_shown(module: ModuleType) -> None:
    """What a model is told without a permit: names, commits, lines that were searched for."""
    gate = module.ConsentGate
    real = gate.record_shown

    async def record_shown(self: Any, root: str, said: str, *arguments: Any) -> None:
        note("shown", said, product_chain())
        await real(self, root, said, *arguments)

    gate.record_shown = record_shown


def _launches() -> bool:
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if frame.f_code.co_filename.endswith(_STARTING):
            return True
        frame = frame.f_back
    return False


def _tell_permits(module: ModuleType) -> None:
    permit = module.Permit
    real = permit.__init__

    def make(self: Any, action: Any, *arguments: Any, **options: Any) -> None:
        real(self, action, *arguments, **options)
        if chain := product_chain():
            note("permit", f"{action.op} {action.path} {action.argv}", chain)

    permit.__init__ = make


def _tell_renames(module: ModuleType) -> None:
    real = module.call

    def call(name: str, *arguments: Any) -> int:
        if name == "renameat2":
            renamed(*arguments[:4])
        return int(real(name, *arguments))

    module.call = call  # type: ignore[attr-defined]
