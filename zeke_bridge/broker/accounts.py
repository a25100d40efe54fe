"""The providers there are or could be, for ``:ZekeAuth``: what state each is in, and its key.

No key is in any of it. Does not know how a key is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zeke_bridge.broker.session import Session
from zeke_bridge.config.catalog import KnownProvider, catalog
from zeke_bridge.model.errors import ZekeError

_LOCAL = "local"


async def accounts(session: Session) -> dict[str, Any]:
    """Every provider that is known, as plain data, those of the editor's core first.

    ``core`` is the address of a core elsewhere, which has keys of its own; ``message`` says why it
    could not be asked. ``key`` is where a provider's key comes from (``core.keys.Keys.source``),
    ``page`` where one gets a key, ``start`` what starts one on this machine, and ``login`` says
    that it is logged in to with a code.
    """
    client, message = session.client(), ""
    states: Mapping[str, str] = {}
    sources: Mapping[str, str] = {}
    try:
        states = (await client.health()).providers
        sources = await client.keys()
    except ZekeError as error:
        message = error.message
    known = {one.name: one for one in catalog().providers if one.base_url}
    names = [*states, *(name for name in sources if name not in states)]
    names += [name for name in known if name not in names]
    return {
        "core": session.settings.base_url or "",
        "message": message,
        "providers": [
            _row(name, known.get(name), states.get(name, ""), sources.get(name, ""))
            for name in names
        ],
    }


def _row(name: str, known: KnownProvider | None, state: str, source: str) -> dict[str, Any]:
    """``needed`` is false for one that wants no key."""
    needed = source != "not needed" and name != _LOCAL
    if known is not None and not source:
        needed = bool(known.api_key_env)
    return {
        "provider": name,
        "state": state,
        "key": source,
        "needed": needed,
        "names": list(known.names) if known else [],
        "variable": known.api_key_env if known else "",
        "page": known.key_page if known else "",
        "start": known.start if known else "zeke model install" if name == _LOCAL else "",
        "login": known is not None and known.dialect == "github",
    }
