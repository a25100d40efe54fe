"""What is known of one configured provider without a call: its key, its models, its last trouble.

Does not know any dialect.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

from zeke_bridge.config.ghostllm import ProviderConfig
from zeke_bridge.core.keys import Keys
from zeke_bridge.core.routing.offer import NO_KEY, Offer
from zeke_bridge.core.routing.traits import NOTHING, Traits
from zeke_bridge.model.errors import (
    AuthError,
    ConfigError,
    CoreError,
    TimedOutError,
    UnreachableError,
)

_LIST_LASTS = 300.0
_SET_KEY = "set it with `:ZekeAuth`, or put it into ${variable}"


class Standing:
    """``set_key`` is the sentence that helps who has no key."""

    def __init__(self, config: ProviderConfig, keys: Keys, set_key: str = _SET_KEY) -> None:
        self.config = config
        self._keys = keys
        self._set_key = set_key.replace("{variable}", config.api_key_env)
        self._list: tuple[str, ...] = config.models
        self._traits: dict[str, Traits] = {}
        self._listed_at: float | None = None
        self._trouble = ""
        self._refused = ""  # the key that was

    def key(self) -> str:
        """The key, empty when there is none. Raises ``ConfigError`` as ``Keys.find`` does."""
        return self._keys.find(self.config)

    def offer(self) -> Offer:
        """What there is now."""
        config = self.config
        obstacle, remedy = self._obstacle()
        return Offer(
            provider=config.name,
            obstacle=obstacle,
            remedy=remedy,
            models=self.models(),
            complete=bool(config.models),
            preferred=config.preferred,
            usual=config.usual,
            tiers=config.tiers,
        )

    def state(self) -> str:
        """``healthy``, or what stands in the way."""
        obstacle, _ = self._obstacle()
        if (
            self._refused
            and not obstacle
            and self.config.api_key_env
            and self._refused != self.key()
        ):
            return "healthy"  # there is another key now
        return obstacle or self._trouble or "healthy"

    def models(self) -> tuple[str, ...] | None:
        """The configured models, else those listed of late; None when they must be asked for."""
        if self.config.models:
            return self._list
        if self._listed_at is None or time.monotonic() - self._listed_at > _LIST_LASTS:
            return None
        return self._list

    def traits(self, model: str) -> Traits:
        """What the server itself said of ``model``."""
        return self._traits.get(model, NOTHING)

    def learn(self, listed: dict[str, Traits]) -> tuple[str, ...]:
        """Remember what the server lists for five minutes; gives the models that can be asked."""
        self._traits, self._listed_at = listed, time.monotonic()
        if not self.config.models:
            self._list = tuple(listed)
        return self._list

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """Remember for ``state`` whether the server could be reached."""
        try:
            yield
        except (UnreachableError, TimedOutError):
            self._trouble = "unreachable"
            raise
        except AuthError:
            self._trouble, self._refused = "key refused", self.key()
            raise
        except CoreError:
            self._trouble = self._refused = ""
            raise
        self._trouble = self._refused = ""

    def _obstacle(self) -> tuple[str, str]:
        if not self.config.api_key_env:
            return "", ""
        try:
            key = self.key()
        except ConfigError as error:
            return "key not readable", error.message.rstrip(".")
        return ("", "") if key else (NO_KEY, self._set_key)
