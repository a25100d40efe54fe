from __future__ import annotations

from zeke_bridge.config.ghostllm import Caching
from zeke_bridge.core.cache.lifetime import Lifetimes


def of(task: str, **rules: float) -> float:
    named = {name.replace("__", "-"): seconds for name, seconds in rules.items()}
    return Lifetimes(Caching(ttl=60, rules=named)).of(task)


def test_the_usual_time_when_no_rule_says_otherwise() -> None:
    assert of("explain") == 60
    assert of("explain", completion=5) == 60


def test_a_task_class_has_its_rule() -> None:
    assert of("explain", explain=5) == 5
    assert of("cost_sensitive", cost__sensitive=5) == 5
    assert of("cost-sensitive", cost_sensitive=5) == 5
    assert of("explain", explain=0) == 0


def test_rules_by_their_other_names() -> None:
    assert of("explain", code_explanation=5) == 5
    assert of("quick", simple_questions=5) == 5
    assert of("chat", simple_questions=5) == 5
    assert of("completion", code_completion=5) == 5


def test_the_name_of_the_class_itself_wins() -> None:
    assert of("explain", explain=7, code_explanation=5) == 7
    assert of("explain", code_explanation=5, explain=7) == 7
