"""Whatever stands in a file: a configuration, or an error with a sentence."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.config.ghostllm.written import MODELS, PROXY, STACK, TOML
from zeke_bridge.config.ghostllm import GhostConfig, load
from zeke_bridge.model.errors import ConfigError

FILES = [*TOML, "any.yaml"]
TEXTS = [*TOML.values(), PROXY, MODELS + STACK]
PIECES = sorted({piece for text in TEXTS for piece in re.findall(r"\w+|\W", text)})
WORDS = sorted(
    {
        *(piece for piece in PIECES if piece.isidentifier()),
        *("fallbacks", "default_fallbacks", "model_group_alias", "router_settings", "server"),
        *("general_settings", "litellm_settings", "cache_params", "budgets", "origins", "rates"),
        *("requests_per_minute", "master_key", "environment_variables", "dialect", "groups"),
        *("auto", "openai:gpt-4", "local", "${A}", "${B:-c}", "os.environ/A", "https://h/v1", "*"),
    }
)
anywhere = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def look(tmp_path: Path, name: str, raw: bytes) -> None:
    for other in FILES:
        (tmp_path / other).unlink(missing_ok=True)
    (tmp_path / name).write_bytes(raw)
    path = tmp_path / (name if name == "any.yaml" else "config.toml")
    try:
        config = load(path, {"A": "1"})
    except ConfigError as error:
        assert name in error.message
        assert error.message.endswith((".", "?"))
        return
    assert isinstance(config, GhostConfig)
    assert config == load(path, {"A": "1"})
    assert set(config.order) == {*config.providers, "local"}


@pytest.mark.parametrize("name", FILES)
@anywhere
@given(raw=st.binary(max_size=200))
def test_any_bytes(tmp_path: Path, name: str, raw: bytes) -> None:
    look(tmp_path, name, raw)


@anywhere
@given(
    name=st.sampled_from(FILES),
    text=st.sampled_from(TEXTS),
    cut=st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 40), st.sampled_from(PIECES))),
)
def test_what_people_write_with_slips(
    tmp_path: Path, name: str, text: str, cut: list[tuple[int, int, str]]
) -> None:
    for at, size, piece in cut[:4]:
        text = text[:at] + piece + text[at + size :]
    look(tmp_path, name, text.encode())


LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(WORDS)
    | st.text(max_size=5)
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4)
    ),
    max_leaves=12,
)


@anywhere
@given(table=st.dictionaries(st.sampled_from(WORDS), VALUES, max_size=4))
def test_known_keys_with_any_values(tmp_path: Path, table: dict[str, Any]) -> None:
    # JSON is YAML, but for how it writes what is no number.
    text = json.dumps(table).replace("NaN", ".nan").replace("Infinity", ".inf")
    look(tmp_path, "any.yaml", text.encode())
