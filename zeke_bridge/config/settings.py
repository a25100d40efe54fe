"""The settings of one editor: the ``setup()`` table, over the user's ``config.toml``.

Both have the same keys. Only light modules are imported here, because the broker reads settings
before it loads anything else. Does not know what the settings are used for.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import platformdirs

from zeke_bridge.config.agents import AgentSettings, agent_settings
from zeke_bridge.model.errors import ConfigError
from zeke_bridge.model.grant import Rules
from zeke_bridge.model.likeness import likest


@dataclass(frozen=True, slots=True)
class Settings:
    """What counts in the broker; times in seconds.

    ``base_url`` None means the embedded core. ``api_keys`` maps a provider's name to its key.
    """

    default_provider: str = "ghostllm"
    default_model: str = "auto"
    base_url: str | None = None
    api_key_env: str = ""
    timeout: float = 60.0
    rules: Rules = field(default_factory=Rules)
    api_keys: Mapping[str, str] = field(default_factory=dict)
    batch_window: float = 0.150
    agents: AgentSettings = field(default_factory=AgentSettings)


# The front's own keys are listed so that one table can be shared; the broker ignores them.
_TOP: dict[str, tuple[type, ...]] = {
    "default_provider": (str,),
    "default_model": (str,),
    "ghostllm": (dict,),
    "api_keys": (dict, list),
    "batch": (dict, list),
    "agents": (dict, list),
    "mcp": (dict, list),
    "keymaps": (dict, list),
    "ui": (dict, list),
    "chat": (dict, list),
    "complete": (dict, list),
    "review": (dict, list),
    "python": (str,),
}
_GHOSTLLM: dict[str, tuple[type, ...]] = {
    "base_url": (str, type(None)),
    "api_key_env": (str,),
    "timeout_s": (int, float),
    "enable_consent": (bool,),
    "auto_approve_read": (bool,),
    "auto_approve_write": (bool,),
    "auto_approve_patterns": (list, dict),
    "project_grant_days": (int,),
}
_MOST_DAYS = 36500
_BATCH: dict[str, tuple[type, ...]] = {"window_ms": (int, float)}


def config_file() -> Path:
    """The user's own configuration: ``config.toml`` in the ``zeke`` configuration directory."""
    directory = os.environ.get("ZEKE_CONFIG_DIR") or platformdirs.user_config_dir("zeke")
    return Path(directory) / "config.toml"


def read_file(path: Path) -> dict[str, Any]:
    """The tables of one TOML file; empty when there is no file. Raises ``ConfigError``."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}.") from error
    import tomllib

    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigError(f"{path} is not TOML: {error}.") from error


def parse(table: Mapping[str, Any], *, beneath: Mapping[str, Any] | None = None) -> Settings:
    """Settings from ``table``, laid over ``beneath`` key by key.

    Raises ``ConfigError`` naming an unknown key (and the nearest known one) or a wrong type.
    """
    below = beneath or {}
    for source in (below, table):
        _check(source)
    top = {**below, **table}
    ghost = {**_table(below, "ghostllm"), **_table(table, "ghostllm")}
    batch = {**_table(below, "batch"), **_table(table, "batch")}
    keys = {**_table(below, "api_keys"), **_table(table, "api_keys")}
    default = Settings()
    return Settings(
        default_provider=top.get("default_provider", default.default_provider),
        default_model=top.get("default_model", default.default_model),
        base_url=ghost.get("base_url") or None,
        api_key_env=ghost.get("api_key_env", ""),
        timeout=_positive("ghostllm.timeout_s", ghost.get("timeout_s", default.timeout)),
        rules=_rules(ghost),
        api_keys={str(name): str(key) for name, key in keys.items()},
        batch_window=_positive("batch.window_ms", batch.get("window_ms", 150)) / 1000,
        agents=agent_settings(
            {**_table(below, "agents"), **_table(table, "agents")},
            {**_table(below, "mcp"), **_table(table, "mcp")},
        ),
    )


def _check(table: Mapping[str, Any]) -> None:
    _known("", table, _TOP)
    _known("ghostllm.", _table(table, "ghostllm"), _GHOSTLLM)
    _known("batch.", _table(table, "batch"), _BATCH)


def _known(prefix: str, table: Mapping[str, Any], keys: Mapping[str, tuple[type, ...]]) -> None:
    for key, value in table.items():
        kinds = keys.get(key)
        if kinds is None:
            near = likest(str(key), keys)
            hint = f": did you mean {prefix}{near[0]}?" if near else "."
            raise ConfigError(f"Unknown setting {prefix}{key}{hint}")
        # bool is an int to Python, but `window_ms = true` is a mistake.
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            wanted = " or ".join(sorted({kind.__name__ for kind in kinds}))
            raise ConfigError(f"{prefix}{key} must be {wanted}, not {type(value).__name__}.")


def _table(source: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = source.get(key)
    # An empty Lua table arrives as an empty list.
    return value if isinstance(value, Mapping) else {}


def _positive(name: str, value: float) -> float:
    if value <= 0:
        raise ConfigError(f"{name} must be more than 0.")
    return float(value)


def _days(value: int) -> int:
    if not 0 <= value <= _MOST_DAYS:
        raise ConfigError(f"ghostllm.project_grant_days must be 0 (for ever) to {_MOST_DAYS}.")
    return value


def _rules(ghost: Mapping[str, Any]) -> Rules:
    patterns = ghost.get("auto_approve_patterns") or ()
    if isinstance(patterns, Mapping) or not all(isinstance(text, str) for text in patterns):
        raise ConfigError("ghostllm.auto_approve_patterns must be a list of strings.")
    default = Rules()
    return Rules(
        enable_consent=ghost.get("enable_consent", default.enable_consent),
        auto_approve_read=ghost.get("auto_approve_read", default.auto_approve_read),
        auto_approve_write=ghost.get("auto_approve_write", default.auto_approve_write),
        auto_approve_patterns=tuple(patterns),
        project_grant_days=_days(ghost.get("project_grant_days", default.project_grant_days)),
    )
