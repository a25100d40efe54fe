"""One question as the cache sees it: who asks, what, and what may be done with the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from zeke_bridge.core.cache.control import FREE, Control
from zeke_bridge.core.cache.key import answer_key, normalised_body


@dataclass(frozen=True)
class Question:
    """``body`` is that of a chat completion; it must not change while the question lives.

    ``client`` is the id of the client key, ``project`` that of the project (empty: none),
    ``model`` the name that was asked for, ``task`` the task class.
    """

    client: str
    project: str
    model: str
    task: str
    local_only: bool
    body: Mapping[str, Any]
    control: Control = FREE

    @cached_property
    def exact(self) -> str:
        """The key of the question to the letter; equal questions in flight share it.

        Raises ``InputError`` as ``answer_key`` does.
        """
        return self.key_of(self.body)

    @cached_property
    def normalised(self) -> str:
        """The key under which its answer is kept. Raises ``InputError`` as ``answer_key`` does."""
        body = normalised_body(self.body)
        return self.exact if body is self.body else self.key_of(body)

    def key_of(self, body: Mapping[str, Any]) -> str:
        """The key of the same question with another ``body``."""
        return answer_key(
            client=self.client,
            project=self.project,
            model=self.model,
            task=self.task,
            local_only=self.local_only,
            body=body,
        )
