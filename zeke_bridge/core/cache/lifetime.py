"""How long an answer is good for, by the task class it was given for. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from zeke_bridge.config.ghostllm import Caching

# What the rules of ``[caching.rules]`` may be called beside the task classes themselves.
_OTHER_NAMES: Mapping[str, tuple[str, ...]] = {
    "code_explanation": ("explain",),
    "code_completion": ("completion",),
    "code_analysis": ("analyze",),
    "simple_questions": ("quick", "chat"),
    "quick_tasks": ("quick",),
    "complete": ("completion",),
    "refactor": ("edit", "refactor"),
}


# Who asks for these again wants another answer: the last one was rejected, or did not fit.
_ANEW = frozenset({"edit", "refactor", "create", "test", "completion"})


class Lifetimes:
    """The seconds of each task class; a rule for a class by its own name wins over the others.

    What is written for a person to take or to leave is not kept unless a rule says so.
    """

    def __init__(self, caching: Caching) -> None:
        self._usual = caching.ttl
        plain = {name.replace("-", "_"): seconds for name, seconds in caching.rules.items()}
        self._rules = {
            task: seconds for name, seconds in plain.items() for task in _OTHER_NAMES.get(name, ())
        } | plain

    def of(self, task: str) -> float:
        """Seconds; 0 or less means that its answers are not kept."""
        name = task.replace("-", "_")
        return self._rules.get(name, 0.0 if name in _ANEW else self._usual)
