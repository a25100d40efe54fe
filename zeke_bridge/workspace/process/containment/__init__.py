"""Keeping a program within the project, as far as the system can: Landlock, where there is one.

Made for what a person already lets run: it bounds what goes wrong, and is no jail (``words``).
"""

from zeke_bridge.workspace.process.containment.contain import Contain, bounds
from zeke_bridge.workspace.process.containment.notice import unavailable, words

__all__ = ["Contain", "bounds", "unavailable", "words"]
