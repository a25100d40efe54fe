"""``GET /``: what the core did, for a person in front of this machine.

Nothing on it changes anything, and nothing on it is loaded from elsewhere. Who asks from another
machine gets none, with a key or without. While there are keys, the guard wants one here too:
others on this machine can reach loopback as well.
"""

from __future__ import annotations

import asyncio
import ipaddress
import time

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.types import ASGIApp, Scope

from zeke_bridge.core.page import sheet
from zeke_bridge.core.page.view import view
from zeke_bridge.core.relay.relay import Relay
from zeke_bridge.core.relay.reload import Reload
from zeke_bridge.core.relay.report import report

REFRESH_S = 10
_ELSEWHERE = (
    "This page is shown on the machine on which the core runs, under its loopback address "
    "(127.0.0.1). From here, GET /stats has the same figures.\n"
)
# What a page of ours never needs, and another page might try.
_CLOSED = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Page:
    """The endpoint. ``reload`` knows what is wrong with the configuration."""

    def __init__(self, relay: Relay, reload: Reload | None) -> None:
        self._relay = relay
        self._reload = reload
        self._since = time.time()

    async def show(self, request: Request) -> ASGIApp:
        """The page as it is now; with ``?refresh=0`` it stays so. Raises ``StoreError``."""
        if not from_here(request.scope):
            return PlainTextResponse(_ELSEWHERE, 403, _CLOSED)
        await self._relay.setup.ready()
        stats = await report(self._relay, self._since)
        problem = self._reload.problem if self._reload else ""
        refresh = 0 if request.query_params.get("refresh") == "0" else REFRESH_S
        address = _address(request.scope)

        def drawn() -> str:
            return sheet.html(view(stats, problem, time.time()), address=address, refresh=refresh)

        # Not on the event loop: what streams meanwhile goes on.
        text = await asyncio.to_thread(drawn)
        return HTMLResponse(text, 200, {"Content-Security-Policy": sheet.policy(), **_CLOSED})


def from_here(scope: Scope) -> bool:
    """Whether both ends of the connection are loopback addresses; not known is no."""
    return all(_loopback(scope.get(end)) for end in ("client", "server"))


def _loopback(end: tuple[str, int | None] | None) -> bool:
    try:
        address = ipaddress.ip_address(end[0] if end else "")
    except ValueError:
        return False
    # A socket for both families writes IPv4 inside of IPv6.
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def _address(scope: Scope) -> str:
    host, port = scope["server"]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
