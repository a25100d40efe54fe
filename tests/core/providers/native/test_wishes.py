from __future__ import annotations

from typing import Any

import pytest

from zeke_bridge.core.providers.native.wishes import Form, Wishes, read
from zeke_bridge.model.errors import InputError


def test_nothing_is_wished_by_default() -> None:
    nulls = dict.fromkeys(
        ("max_tokens", "temperature", "top_p", "n", "stop", "seed", "response_format", "metadata")
    )
    assert read({"model": "m"}) == read({"model": "m", **nulls}) == Wishes("m")


def test_the_newer_limit_counts() -> None:
    assert read({"max_tokens": 5, "max_completion_tokens": 9}).max_tokens == 9
    assert read({"max_tokens": 5, "max_completion_tokens": None}).max_tokens == 5


def test_stop_is_one_text_or_several() -> None:
    assert read({"stop": "END"}).stop == ("END",)
    assert read({"stop": ["a", "", "b"]}).stop == ("a", "b")


@pytest.mark.parametrize(
    "body",
    [
        {"user": "u"},
        {"safety_identifier": "u", "user": "other"},
        {"metadata": {"user_id": "u"}},
        {"metadata": {"user": "u"}},
    ],
)
def test_the_user_may_be_named_in_several_places(body: dict[str, Any]) -> None:
    assert read(body).user == "u"


def test_json_is_wanted_with_or_without_a_schema() -> None:
    assert read({"response_format": {"type": "text"}}).form is None
    assert read({"response_format": {"type": "json_object"}}).form == Form()
    wanted = {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object"}}}
    form = read({"response_format": wanted}).form
    assert form == Form({"type": "object"})
    assert '{"type":"object"}' in form.instruction()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("max_tokens", 0),
        ("max_tokens", "9"),
        ("max_tokens", True),
        ("temperature", 2.5),
        ("temperature", "hot"),
        ("top_p", -0.1),
        ("n", 0),
        ("seed", 1.5),
        ("stop", 7),
        ("stop", ["a", 7]),
        ("reasoning_effort", "extreme"),
        ("response_format", "json"),
        ("response_format", {"type": "xml"}),
        ("response_format", {"type": "json_schema", "json_schema": {"schema": 7}}),
    ],
)
def test_a_wrong_field_is_named(field: str, value: Any) -> None:
    with pytest.raises(InputError, match=field):
        read({field: value})


def test_a_schema_without_end_is_refused() -> None:
    schema: dict[str, Any] = {}
    for _ in range(400):
        schema = {"items": schema}
    with pytest.raises(InputError, match="too deep"):
        read({"response_format": {"type": "json_schema", "json_schema": {"schema": schema}}})
