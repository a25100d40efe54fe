"""GhostWarden for a person at the shell: the same policy, files and places, and no broker.

What only looks makes no directory, no file and no lock, and asks nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from zeke_bridge.app.clock import SystemClock
from zeke_bridge.app.places import own_places
from zeke_bridge.bridge.runtime import locate
from zeke_bridge.config.settings import config_file, parse, read_file
from zeke_bridge.model.action import Action, Op
from zeke_bridge.model.errors import ConfigError
from zeke_bridge.model.grant import Rules
from zeke_bridge.model.target import Places
from zeke_bridge.model.verdict import Risk, Ruling, Verdict
from zeke_bridge.store.audit import Audit
from zeke_bridge.store.consents import ConsentStore
from zeke_bridge.store.paths import state_dir
from zeke_bridge.warden.command import is_tangled, keep
from zeke_bridge.warden.grants import Denies, Grants
from zeke_bridge.warden.policy import decide
from zeke_bridge.warden.rulebook import compile_rules
from zeke_bridge.workspace.files.resolve import Resolver
from zeke_bridge.workspace.process.tangled import read_tangled
from zeke_bridge.workspace.project import consents_forbidden, project_places

_ANY_CONTENT = "0" * 64


def own_rules(config: Path | None = None) -> Rules:
    """The rules of the user's own configuration, or of the file ``config`` alone.

    Raises:
        ConfigError: it cannot be read or is wrong; ``config`` has to be there.
    """
    path = config_file() if config is None else config
    try:
        if config is not None:
            config.stat()
        return parse(read_file(path)).rules
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.") from error


def own_store() -> ConsentStore:
    """The consent files of all projects, as the user's trust ledger honours them."""
    return ConsentStore(state_dir(), consents_forbidden)


def own_audit() -> Audit:
    """The user's audit log."""
    return Audit(state_dir())


class Trial:
    """Judges actions in the project at ``root`` by ``rules`` and what the project remembers.

    Approvals and refusals of a session are not
    known here: they live in the broker.
    """

    def __init__(self, root: str, rules: Rules) -> None:
        self._root = root
        self._rules = rules
        self._own = own_places(locate())
        self._resolver = Resolver(self._own)
        self._store = own_store()
        self._clock = SystemClock()

    def warnings(self) -> tuple[str, ...]:
        """What a person should know first: rejected patterns, a consent file that counts not."""
        notice = self._store.load(self._root).notice
        patterns = compile_rules(self._rules, self._own).patterns.warnings
        return (*patterns, notice) if notice else patterns

    def judge(self) -> Callable[[Action], Verdict]:
        """Return the policy over the rules and the project's file of this moment.

        Paths are looked at anew for each action. Never raises: an exception is a deny.
        """
        try:
            project = self._store.load(self._root)
            rules = self._rules.asking() if project.doubtful else self._rules
            book = compile_rules(rules, self._places(self._root, ()))
        except Exception as error:
            failed = _failed(error)
            return lambda action: failed
        grants, denies = Grants(project=project.grants), Denies(project=project.denies)

        def verdict(action: Action) -> Verdict:
            try:
                facts = self._resolver.look(action)
                argv = action.argv
                # Held until it is judged: the policy itself reads nothing that may take long.
                reading = keep(argv, read_tangled(argv)) if is_tangled(argv) else None  # noqa: F841
                return decide(action, facts, book, grants, denies, now=self._clock.now())
            except Exception as error:
                return _failed(error)

        return verdict

    def foreseen(self, action: Action) -> Verdict:
        """Return what the broker's gate would say of a file action before it asks anybody.

        Beyond the policy it refuses what cannot happen, such as creating a file that is there.
        """
        from dataclasses import replace

        from zeke_bridge.broker.consent.judge import Judge
        from zeke_bridge.broker.consent.session import ConsentSession

        judge = Judge(self._resolver, self._store, self._clock, self._places)
        session = ConsentSession("shell", self._rules, lambda level, message: None)
        filled = replace(action, content_sha256=_ANY_CONTENT)
        if action.op in (Op.DELETE, Op.RENAME):
            filled = replace(filled, base_sha256=_ANY_CONTENT)
        return judge.judge(filled, session).verdict

    def _places(self, root: str, runtimepath: Sequence[str]) -> Places:
        return project_places(root, self._own, runtimepath)


def _failed(error: Exception) -> Verdict:
    reason = f"GhostWarden failed while looking at this ({type(error).__name__})."
    return Verdict(Ruling.DENY, Risk.HIGH, "error", reason, "")
