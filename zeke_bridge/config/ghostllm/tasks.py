"""The words for kinds of work in a configuration, and the task classes they mean.

Most are the catalog's. ``simple_questions`` is only one of caching: no route is chosen by it.
"""

from __future__ import annotations

from zeke_bridge.config.catalog import catalog

AUTO = "auto"
_SIMPLE = {"simple_questions": ("quick", "chat")}


def task_words() -> tuple[str, ...]:
    """Everything that ``task_class`` knows."""
    return tuple(catalog().words)


def task_class(word: str) -> str | None:
    """The task class that ``word`` means (``quick`` for ``quick_tasks``), if any."""
    return catalog().task(word)


def cache_words() -> tuple[str, ...]:
    """Everything that ``cache_classes`` knows."""
    return (*task_words(), *_SIMPLE)


def cache_classes(word: str) -> tuple[str, ...]:
    """The task classes that ``word`` means in a rule for caching; empty when it is none."""
    task = task_class(word)
    return (task,) if task else _SIMPLE.get(word, ())
