"""The body of ``GET /stats``: the values of ``model.stats`` as JSON, and back.

Field by field the same, so the values themselves are the shape. An older client understands a
newer core: fields that it does not know are left out. Knows nothing of HTTP.
"""

from __future__ import annotations

from dataclasses import asdict
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from zeke_bridge.model.errors import BadAnswerError
from zeke_bridge.model.stats import Stats


def stats_body(stats: Stats) -> dict[str, Any]:
    """``stats`` as plain data, ready for JSON."""
    return asdict(stats)


def read_stats(body: Any) -> Stats:
    """``body`` (parsed JSON) as values.

    Raises:
        BadAnswerError: it is not of that shape; what it holds is not quoted.
    """
    try:
        return _shape().validate_python(body)
    except ValidationError as error:
        row = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(map(str, row["loc"])) or "they"
        raise BadAnswerError(
            f"The routing core's figures make no sense: {where}: {row['msg']}."
        ) from error


def stats_schema() -> dict[str, Any]:
    """The JSON schema of the body."""
    return _shape().json_schema(mode="serialization", ref_template="#/components/schemas/{model}")


@cache
def _shape() -> TypeAdapter[Stats]:
    return TypeAdapter(Stats)
