"""Whether git would carry a project's approvals to others, and what the person is told of it.

Each thing is said once for a project as long as the broker runs. What git does is behind the
``Git`` port.
"""

from __future__ import annotations

import logging

from zeke_bridge.broker.consent.disk import in_time
from zeke_bridge.broker.consent.session import ConsentSession
from zeke_bridge.broker.ports import Git
from zeke_bridge.model.errors import StoreError

log = logging.getLogger(__name__)

_FILE = ".zeke-consents.json"
_TRACKED = (
    f"git tracks {_FILE}: what you allow for this project reaches everybody who has the "
    "repository, once it is committed."
)
_OFFER = (
    f"{_FILE} is new in this project. Commit it to share it with your team, or keep it out of "
    "git: `:ZekeConsents`, key `e`."
)
_EXCLUDED = f"git leaves {_FILE} alone in this clone now (.git/info/exclude)."
_ALREADY = {
    "none": "This project is not in git, so there is nothing to keep the file out of.",
    "ignored": f"git ignores {_FILE} already.",
    "tracked": (
        f"git tracks {_FILE}, so excluding it changes nothing: "
        f"`git rm --cached {_FILE}` takes it out first."
    ),
}


class Tracking:
    """One for all editors, so that nobody is told twice."""

    def __init__(self, git: Git) -> None:
        self._git = git
        self._told: set[tuple[str, str]] = set()

    async def of(self, root: str) -> str:
        """``none|tracked|ignored|untracked``; ``none`` as well where it cannot be found out."""
        try:
            return await in_time(self._git.tracking, root)
        except StoreError as error:
            log.warning("git was not understood", extra={"fields": {"reason": error.message}})
            return "none"

    async def granted(self, session: ConsentSession, root: str, *, new: bool) -> None:
        """A grant was written to the project's file, which is ``new``: say what git makes of it."""
        if {(root, "tracked"), (root, "untracked")} <= self._told:
            return
        state = await self.of(root)
        if (root, state) in self._told:
            return
        if state == "tracked":
            self._told.add((root, state))
            session.notify("warn", _TRACKED)
        elif state == "untracked" and new:
            self._told.add((root, state))
            session.notify("info", _OFFER)

    async def exclude(self, session: ConsentSession, root: str) -> None:
        """Keep the file out of git, and say what was done. Raises ``StoreError``."""
        state = await self.of(root)
        if state == "untracked":
            await in_time(self._git.exclude, root)
            session.notify("info", _EXCLUDED)
        else:
            session.notify("info", _ALREADY[state])
