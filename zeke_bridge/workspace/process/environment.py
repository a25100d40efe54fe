"""The environment a child gets: what programs need to work, and nothing that opens a door.

A list of what is let through, for nobody can list all that is secret. Editors, agents' sockets,
tokens, keys and whatever makes a program load or run something else are not on it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence

_NAMES = frozenset(
    """
    HOME USER LOGNAME SHELL LANG LANGUAGE TZ TMPDIR HOSTNAME COLUMNS LINES NO_COLOR
    XDG_CACHE_HOME XDG_CONFIG_HOME XDG_DATA_HOME XDG_STATE_HOME
    HTTP_PROXY HTTPS_PROXY NO_PROXY ALL_PROXY http_proxy https_proxy no_proxy all_proxy
    SSL_CERT_FILE SSL_CERT_DIR NODE_EXTRA_CA_CERTS REQUESTS_CA_BUNDLE CURL_CA_BUNDLE
    JAVA_HOME GOPATH GOROOT GOCACHE CARGO_HOME RUSTUP_HOME NVM_DIR PYENV_ROOT RBENV_ROOT
    ASDF_DIR ASDF_DATA_DIR PNPM_HOME BUN_INSTALL DENO_DIR VIRTUAL_ENV CONDA_PREFIX
    HOMEBREW_PREFIX NIX_PATH NIX_PROFILES SDKROOT ANDROID_HOME DOTNET_ROOT
    PIP_CACHE_DIR UV_CACHE_DIR CI SOURCE_DATE_EPOCH
    """.split()  # noqa: SIM905 - a table is easier to review than a list of quoted words
)
_LOCALE = re.compile(
    r"LC_(?:ALL|ADDRESS|COLLATE|CTYPE|IDENTIFICATION|MEASUREMENT|MESSAGES|MONETARY|NAME|NUMERIC"
    r"|PAPER|TELEPHONE|TIME)"
)


def child_environment(
    environ: Mapping[str, str],
    path: Sequence[str],
    directory: str,
    changed: Iterable[tuple[str, str]],
) -> dict[str, str]:
    """Return the whole environment of a child.

    ``path`` is the clean PATH, ``directory`` where it runs; ``changed`` was shown and approved,
    and wins.
    """
    kept = {
        name: value
        for name, value in environ.items()
        if (name in _NAMES or _LOCALE.fullmatch(name)) and not _has_password(name, value)
    }
    # It has no terminal; pagers and colours would only be in the way.
    kept |= {"PATH": os.pathsep.join(path), "PWD": directory, "TERM": "dumb"}
    return kept | dict(changed)


def _has_password(name: str, value: str) -> bool:
    """Say whether ``value`` may hold ``user:password@``, as the address of a proxy can."""
    return "@" in value and name.lower().endswith("_proxy")
