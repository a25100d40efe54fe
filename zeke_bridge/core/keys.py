"""Keys of providers: from the environment, the settings, the system's keyring, or ``auth.json``.

A key is a secret: nothing here puts one into an error or a log. Does not know what a key opens.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from zeke_bridge.config.ghostllm import ProviderConfig
from zeke_bridge.core.private import PrivateFile, Stamp
from zeke_bridge.core.system_keyring import SystemKeyring
from zeke_bridge.model.errors import ConfigError, InputError, StoreError

KEYRING = "the system keyring"
_LONGEST = 4096
_IN_FILE = "file"
_IN_KEYRING = "keyring"


class _Texts:
    """A private file of names and texts, read again only when it has changed."""

    def __init__(self, path: Path, remedy: str) -> None:
        self.file = PrivateFile(path, remedy)
        self._stamp: Stamp = None
        self._texts: dict[str, str] = {}

    def read(self) -> Mapping[str, str]:
        """Everything in it."""
        stamp = self.file.stamp()
        if stamp is None:
            self._texts = {}
        elif stamp != self._stamp:
            self._stamp = None
            self._texts = self._parsed()
        self._stamp = stamp
        return self._texts

    def put(self, name: str, text: str | None) -> bool:
        """Let ``name`` be ``text``, or not be there; whether it was there."""
        with self.file.changing():
            texts = self._parsed()
            there = name in texts
            if text is not None:
                self.file.write({**texts, name: text})
            elif there:
                self.file.write({key: kept for key, kept in texts.items() if key != name})
        return there

    def _parsed(self) -> dict[str, str]:
        texts = self.file.read()
        if not all(isinstance(text, str) for text in texts.values()):
            raise self.file.damaged()
        return texts


class KeyFile:
    """``auth.json``: a JSON object from a provider's name to its key, readable by its owner only.

    Every method raises ``ConfigError`` when the file is not private or not of that shape.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._texts = _Texts(path, "remove it and set the keys again")

    def get(self, provider: str) -> str | None:
        """The key of ``provider``."""
        return self._texts.read().get(provider)

    def names(self) -> list[str]:
        """The providers that have a key here."""
        return sorted(self._texts.read())

    def set(self, provider: str, key: str) -> None:
        """Keep ``key``. Raises ``InputError`` when it cannot be one."""
        check_key(provider, key)
        self._texts.put(provider, key)

    def remove(self, provider: str) -> bool:
        """Forget the key of ``provider``; False when there was none."""
        return self.path.exists() and self._texts.put(provider, None)


class KeyStore:
    """What keeps keys: the keyring if there is one that answers, else the file.

    ``keyring.json`` beside the file says of each provider where its key was put last. So a running
    core learns of a change in the keyring, and a key that had to go into the file is not hidden by
    an older one. Methods raise ``ConfigError`` as ``KeyFile`` does.
    """

    def __init__(self, file: KeyFile, ring: SystemKeyring | None = None) -> None:
        self.file = file
        self._ring = ring
        self._places = _Texts(file.path.with_name("keyring.json"), "remove it")

    @property
    def trouble(self) -> str:
        """Why the keyring is not used, empty when it is; known after the first call to it."""
        return self._ring.trouble if self._ring is not None else ""

    def load(self, names: Iterable[str]) -> None:
        """Ask the keyring for the keys of ``names``. Takes three seconds at most."""
        if self._ring is not None:
            with contextlib.suppress(StoreError):
                self._ring.load(names)

    def changed(self) -> Stamp:
        """Another value after every change to the keyring that was made here."""
        return self._places.file.stamp() if self._ring is not None else None

    def get(self, provider: str) -> str:
        """The key, as far as it is loaded; empty when there is none. Does not wait."""
        return self._in_ring(provider) or self.file.get(provider) or ""

    def place(self, provider: str) -> str:
        """Where the key is: ``KEYRING``, the file's path, or empty for nowhere."""
        if self._in_ring(provider):
            return KEYRING
        return str(self.file.path) if self.file.get(provider) else ""

    def set(self, provider: str, key: str) -> str:
        """Keep ``key`` and say where. Raises ``InputError`` when it cannot be one."""
        check_key(provider, key)
        if self._ring is not None:
            with contextlib.suppress(StoreError):
                self._ring.keep(provider, key)
                self._places.put(provider, _IN_KEYRING)
                self.file.remove(provider)
                return KEYRING
        self.file.set(provider, key)
        if self._ring is not None and not self._ring.absent:
            # An older key may be in the keyring that did not answer.
            self._places.put(provider, _IN_FILE)
        return str(self.file.path)

    def remove(self, provider: str) -> bool:
        """Forget the key of ``provider`` wherever it is; False when there was none.

        Raises:
            ConfigError: the keyring does not answer, so that the key may still be in it.
        """
        gone = self.file.remove(provider)
        if self._ring is None:
            return gone
        try:
            gone = self._ring.drop(provider) or gone
        except StoreError as error:
            # The note stays: what an ill keyring may still hold must not count again.
            if not self._ring.absent and (provider in self._places.read() or not gone):
                raise ConfigError(
                    f"{error.message} The key of {provider} may still be in it: try again."
                ) from error
        self._places.put(provider, None)
        return gone

    def _in_ring(self, provider: str) -> str:
        key = self._ring.known.get(provider) if self._ring is not None else None
        if not key or self._places.read().get(provider) == _IN_FILE:
            return ""
        return key


class Keys:
    """Finds the key of a provider at the moment it is needed, so that a new one counts at once."""

    def __init__(
        self,
        file: KeyFile,
        extra: Mapping[str, str] = {},
        environ: Mapping[str, str] = os.environ,
        ring: SystemKeyring | None = None,
    ) -> None:
        self._store = KeyStore(file, ring)
        self._ring = ring
        self._extra = extra
        self._environ = environ
        self._seen: Stamp = None
        self._asked: set[str] = set()
        self._loading = asyncio.Lock()

    async def ready(self, names: Collection[str]) -> None:
        """Wait until the keyring has said what it has for ``names``, if that is not known yet.

        To be called before ``find``, which does not wait for the keyring. Takes three seconds at
        most, and nothing worth measuring when nothing has changed.
        """
        if self._ring is None or (self._fresh(names) and not self._loading.locked()):
            return
        async with self._loading:
            if not self._fresh(names):
                self._seen = self._store.changed()
                self._asked.update(names)
                await asyncio.to_thread(self._store.load, tuple(self._asked))

    def from_environment(self, provider: ProviderConfig) -> str:
        """The key in the environment, empty when there is none."""
        return self._environ.get(provider.api_key_env, "").strip()

    def find(self, provider: ProviderConfig) -> str:
        """The key, empty when there is none. Raises ``ConfigError`` as ``KeyFile`` does.

        What the configuration spells out for this very provider comes first.
        """
        return (
            provider.api_key
            or self.from_environment(provider)
            or self._extra.get(provider.name, "")
            or self._store.get(provider.name)
        )

    def source(self, provider: ProviderConfig) -> str:
        """Where ``find`` has the key from; never the key.

        ``configuration``, ``environment``, ``settings``, ``keyring``, ``file``, ``none``,
        ``unreadable``, or ``not needed``.
        """
        if provider.api_key:
            return "configuration"
        if self.from_environment(provider):
            return "environment"
        if self._extra.get(provider.name):
            return "settings"
        try:
            place = self._store.place(provider.name)
        except ConfigError:
            return "unreadable"
        if place:
            return "keyring" if place == KEYRING else "file"
        return "none" if provider.api_key_env else "not needed"

    def _fresh(self, names: Collection[str]) -> bool:
        return self._asked.issuperset(names) and self._seen == self._store.changed()


def check_key(provider: str, key: str) -> None:
    """Raise ``InputError`` when ``key`` cannot be a key of ``provider``."""
    if not key or len(key) > _LONGEST or not key.isascii() or not key.isprintable():
        raise InputError(f"This cannot be a key of {provider}: paste it again.")
    if " " in key:
        raise InputError(f"The key of {provider} holds a space: paste it again.")
