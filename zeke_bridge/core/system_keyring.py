"""The system's keyring (macOS Keychain, Secret Service, KWallet, Windows Credential Locker).

It may ask the person something, or hang on its bus, so it is asked in a thread of its own and for
three seconds only; what comes later counts from then on. A key is never in an error or a log. Does
not know what else keeps keys.
"""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, TypeVar

from zeke_bridge.model.errors import StoreError

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE = "ghostllm"
_LIMIT_S = 3.0
# Of keyring's own backends those that keep nothing, or keep it in the open, are below; see
# ``keyring.core.recommended``.
_RECOMMENDED = 1.0
_Result = TypeVar("_Result")


def real_backend() -> KeyringBackend | None:
    """The keyring that this system has or the user chose, None when that protects nothing.

    Loads the library and looks for services: call it in a thread.
    """
    import keyring
    from keyring.backends.chainer import ChainerBackend

    chosen = keyring.get_keyring()
    several = chosen.backends if isinstance(chosen, ChainerBackend) else [chosen]
    return next((backend for backend in several if _protects(backend)), None)


class SystemKeyring:
    """Keys of providers in the keyring. ``known`` holds what it said last.

    ``open_backend`` gives the backend, None when there is none; ``limit_s`` is how long to wait.
    Every method may be called in any thread, and raises ``StoreError`` when there is no keyring, or
    it does not answer, or refuses; ``trouble`` then says so until it works again.
    """

    def __init__(
        self,
        open_backend: Callable[[], KeyringBackend | None] = real_backend,
        limit_s: float = _LIMIT_S,
    ) -> None:
        self.known: Mapping[str, str] = {}
        self.trouble = ""
        self.absent = False
        self._open_backend = open_backend
        self._limit_s = limit_s
        self._backend: KeyringBackend | None = None
        self._turn = threading.Lock()
        self._hangs = False

    def load(self, names: Iterable[str]) -> None:
        """Bring ``known`` up to date for ``names``."""
        wanted = tuple(names)

        def look(backend: KeyringBackend) -> None:
            found = {name: backend.get_password(SERVICE, name) for name in wanted}
            rest = {name: key for name, key in self.known.items() if name not in found}
            self.known = rest | {name: key for name, key in found.items() if key}

        self._ask(look)

    def keep(self, name: str, key: str) -> None:
        """Keep ``key``, and see that it is really there."""

        def put(backend: KeyringBackend) -> None:
            backend.set_password(SERVICE, name, key)
            if backend.get_password(SERVICE, name) != key:
                raise LookupError
            self.known = {**self.known, name: key}

        self._ask(put)

    def drop(self, name: str) -> bool:
        """Forget the key of ``name``; False when there was none."""

        def take(backend: KeyringBackend) -> bool:
            if not backend.get_password(SERVICE, name):
                return False
            backend.delete_password(SERVICE, name)
            self.known = {kept: key for kept, key in self.known.items() if kept != name}
            return True

        return self._ask(take)

    def _ask(self, work: Callable[[KeyringBackend], _Result]) -> _Result:
        """What ``work`` returns, done in a thread that may be left behind."""
        # Who hangs is not asked a second time, and nobody waits for it again.
        if not self._turn.acquire(timeout=0 if self._hangs else self._limit_s):
            raise self._failed("does not answer")
        answers: queue.SimpleQueue[tuple[str, _Result | None]] = queue.SimpleQueue()

        def run() -> None:
            try:
                answers.put(("", self._done(work)))
            except Exception as error:  # a backend may raise anything; its text could hold a key
                answers.put((f"failed ({type(error).__name__})", None))
            finally:
                self._hangs = False
                self._turn.release()

        threading.Thread(target=run, name="keyring", daemon=True).start()
        with contextlib.suppress(queue.Empty):
            why, result = answers.get(timeout=self._limit_s)
            if self.absent:
                raise self._failed("does not exist on this machine")
            if why:
                raise self._failed(why)
            self.trouble = ""
            return result  # type: ignore[return-value]  # None only beside a reason
        self._hangs = True
        raise self._failed(f"did not answer within {self._limit_s:g} s")

    def _done(self, work: Callable[[KeyringBackend], _Result]) -> _Result | None:
        if self._backend is None:
            self._backend = self._open_backend()
        self.absent = self._backend is None
        return None if self._backend is None else work(self._backend)

    def _failed(self, why: str) -> StoreError:
        self.trouble = f"The system keyring {why}."
        return StoreError(self.trouble)


def _protects(backend: KeyringBackend) -> bool:
    """Whether ``backend`` keeps secrets from others: not none, not a file anybody could read."""
    plain = type(backend).__module__.startswith(("keyrings.alt.", "keyring.backends.null"))
    return not plain and backend.priority >= _RECOMMENDED
