"""The consent engine and the effects, over the user's own directories."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from zeke_bridge.app.accounts import OwnAccounts
from zeke_bridge.app.clock import SystemClock
from zeke_bridge.app.cores import Cores
from zeke_bridge.app.places import own_places
from zeke_bridge.bridge.runtime import Runtime
from zeke_bridge.broker.consent.desk import ConsentDesk
from zeke_bridge.broker.consent.gate import ConsentGate
from zeke_bridge.broker.consent.tracking import Tracking
from zeke_bridge.broker.services import Services
from zeke_bridge.model.target import Places
from zeke_bridge.store.audit import Audit
from zeke_bridge.store.consents import ConsentStore
from zeke_bridge.store.paths import private_dir, state_dir
from zeke_bridge.workspace import git
from zeke_bridge.workspace.changes import Changes, changes, committed, worked_on
from zeke_bridge.workspace.files.effects import Files
from zeke_bridge.workspace.files.resolve import Resolver
from zeke_bridge.workspace.history import branch, history
from zeke_bridge.workspace.listing import Listing, list_files
from zeke_bridge.workspace.process.processes import Processes
from zeke_bridge.workspace.process.tangled import read_tangled
from zeke_bridge.workspace.project import (
    belongs,
    below,
    bound_by,
    consents_forbidden,
    find_root,
    project_id,
    project_places,
)


def log_file() -> Path:
    """The broker's log."""
    return state_dir() / "broker.log"


def services(runtime: Runtime, cores: Cores) -> Services:
    """The consent engine over the user's own directories, and what acts on files."""
    state = private_dir(state_dir())
    never = own_places(runtime)
    resolver = Resolver(never)
    store = ConsentStore(state, consents_forbidden)

    def places(root: str, runtimepath: Sequence[str]) -> Places:
        return project_places(root, never, runtimepath)

    audit, tracking = Audit(state), Tracking(git)
    gate = ConsentGate(
        resolver,
        store,
        audit,
        SystemClock(),
        tracking=tracking,
        places=places,
        read=read_tangled,
    )
    desk = ConsentDesk(store, audit, tracking)
    return Services(
        gate,
        desk,
        cores,
        Files(resolver),
        FoundProjects(),
        OwnAccounts(),
        Processes(resolver, never),
    )


class FoundProjects:
    """Projects as git and the file system have them."""

    def root(self, path: str, cwd: str) -> str:
        """The git root above ``path`` or ``cwd``, else ``cwd``."""
        return find_root(path, cwd)

    def opaque_id(self, root: str) -> str:
        """A hash of the root's path."""
        return project_id(root)

    def bound_by(self, paths: Iterable[str], cwd: str) -> frozenset[str]:
        """Every one with a consent file."""
        return bound_by(paths, cwd)

    def inside(self, root: str, path: str) -> str:
        """By where the path really leads."""
        return below(root, path)

    def belongs(self, root: str, path: str) -> bool:
        """By where the path really leads."""
        return belongs(root, path)

    def listing(self, root: str) -> Listing:
        """As git has them, else walked."""
        return list_files(root)

    def branch(self, root: str) -> str:
        """As git has it."""
        return branch(root)

    def history(self, root: str) -> tuple[str, ...]:
        """As git has it."""
        return history(root)

    def changes(self, root: str) -> Changes:
        """As git has them."""
        return changes(root)

    def worked_on(self, root: str) -> Changes:
        """As git has them."""
        return worked_on(root)

    def committed(self, root: str, blob: str, limit: int) -> bytes:
        """As git has it."""
        return committed(root, blob, limit)
