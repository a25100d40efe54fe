"""A project, its files, and permits without the gate."""

from __future__ import annotations

import hashlib
from pathlib import Path

from zeke_bridge.model.action import Action, Op
from zeke_bridge.model.permit import Permit
from zeke_bridge.model.target import Places, Target
from zeke_bridge.model.verdict import Risk, Ruling, Verdict
from zeke_bridge.workspace.files import Files, Resolver

YES = Verdict(Ruling.ALLOW, Risk.MEDIUM, "person", "Yes.", "x")
CHANGES = (Op.WRITE, Op.CREATE, Op.DELETE, Op.RENAME)


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def open_handles() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


class Bench:
    """``base`` is the content (or a link's text) that an approval is for; None: none yet."""

    def __init__(self, root: Path, kernel: bool = True, places: Places | None = None) -> None:
        self.root = root
        self.now = 100.0
        self.resolver = Resolver(places or Places(), kernel=kernel)
        self.files = Files(self.resolver)

    def permit(
        self, op: Op, path: str, content: bytes = b"", base: bytes | None = None, to: str = ""
    ) -> Permit:
        action = Action(
            op,
            str(self.root),
            path=path,
            to=to,
            content_sha256=sha(content) if op in (Op.WRITE, Op.CREATE) else "",
            base_sha256="" if base is None else sha(base),
        )
        facts, held = self.resolver.hold(action)
        return Permit(action, facts, YES, held, lambda: self.now)

    def act(self, permit: Permit, content: bytes = b"") -> None:
        """Perform a change that was permitted."""
        match permit.action.op:
            case Op.DELETE:
                self.files.delete(permit)
            case Op.RENAME:
                self.files.rename(permit)
            case _:
                self.files.write(permit, content)

    def target(self, path: str) -> Target:
        target, spot = self.resolver.resolve(str(self.root), path)
        if spot is not None:
            spot.close()
        return target

    def left_over(self) -> list[str]:
        return [path.name for path in self.root.parent.rglob(".zeke-*.tmp")]
