"""Whether an address is of this machine, and which proxy the environment names for it.

The rules are those of ``http_proxy``, ``https_proxy`` and ``no_proxy``, as ``urllib`` reads them.
Opens no connection. HTTP clients' own ways to read the environment are not used: aiohttp's
``trust_env`` also reads ``.netrc``, and fails on a host that is listed there while an
``Authorization`` header is given.
"""

from __future__ import annotations

import ipaddress
import urllib.request
from urllib.parse import urlsplit


def proxy_for(url: str) -> str:
    """The proxy for ``url``, or empty; this machine is always reached directly."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if is_here(url) or urllib.request.proxy_bypass(host):
        return ""
    return urllib.request.getproxies().get(parts.scheme, "")


def is_here(url: str) -> bool:
    """Whether ``url`` names this machine by its loopback address."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
