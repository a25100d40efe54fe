"""Keys of providers: from the environment, from the editor's settings, or from ``auth.json``.

A key is a secret: nothing here puts one into an error or a log. Does not know what a key opens.
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
import tempfile
from collections.abc import Mapping
from pathlib import Path

from zeke_bridge.config.ghostllm import ProviderConfig
from zeke_bridge.model.errors import ConfigError, InputError

_LONGEST = 4096


class KeyFile:
    """``auth.json``: a JSON object from a provider's name to its key, readable by its owner only.

    Every method raises ``ConfigError`` when the file is not private or not of that shape.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def get(self, provider: str) -> str | None:
        """The key of ``provider``."""
        return self._read().get(provider)

    def names(self) -> list[str]:
        """The providers that have a key here."""
        return sorted(self._read())

    def set(self, provider: str, key: str) -> None:
        """Keep ``key``. Raises ``InputError`` when it cannot be one."""
        if not key or len(key) > _LONGEST or not key.isascii() or not key.isprintable():
            raise InputError(f"This cannot be a key of {provider}: paste it again.")
        if " " in key:
            raise InputError(f"The key of {provider} holds a space: paste it again.")
        self._write({**self._read(), provider: key})

    def remove(self, provider: str) -> bool:
        """Forget the key of ``provider``; False when there was none."""
        keys = self._read()
        if keys.pop(provider, None) is None:
            return False
        self._write(keys)
        return True

    def _read(self) -> dict[str, str]:
        try:
            handle = os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise ConfigError(f"{self.path} cannot be read: {error.strerror}.") from error
        with os.fdopen(handle, encoding="utf-8") as file:
            found = os.fstat(file.fileno())
            if found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) & 0o077:
                raise ConfigError(
                    f"{self.path} holds keys and is open to others: run `chmod 600 {self.path}`."
                )
            try:
                keys = json.load(file)
            except (ValueError, RecursionError):
                keys = None
        if not isinstance(keys, dict) or not all(isinstance(key, str) for key in keys.values()):
            # The cause is left out: it could quote the file.
            raise ConfigError(f"{self.path} is damaged: remove it and set the keys again.")
        return keys

    def _write(self, keys: Mapping[str, str]) -> None:
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(prefix=".auth.", dir=self.path.parent)
            try:
                with os.fdopen(handle, "w", encoding="utf-8") as file:
                    json.dump(dict(keys), file, indent=1, sort_keys=True)
                    file.flush()
                    os.fsync(file.fileno())
                Path(temporary).replace(self.path)
            except OSError:
                with contextlib.suppress(FileNotFoundError):
                    Path(temporary).unlink()
                raise
        except OSError as error:
            raise ConfigError(f"{self.path} cannot be written: {error.strerror}.") from error


class Keys:
    """Finds the key of a provider at the moment it is needed, so that a new one counts at once."""

    def __init__(
        self,
        file: KeyFile,
        extra: Mapping[str, str] = {},
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self._file = file
        self._extra = extra
        self._environ = environ

    def from_environment(self, provider: ProviderConfig) -> str:
        """The key in the environment, empty when there is none."""
        return self._environ.get(provider.api_key_env, "").strip()

    def find(self, provider: ProviderConfig) -> str:
        """The key, empty when there is none. Raises ``ConfigError`` as ``KeyFile`` does."""
        return (
            self.from_environment(provider)
            or self._extra.get(provider.name, "")
            or self._file.get(provider.name)
            or ""
        )
