"""Which agents there are that can be started, as data: one TOML file for each.

Their facts are those of their makers' documentation and of the ACP registry. Whether a program is
on this machine is looked at only when a list of them is wanted. Starts nothing.
"""

from zeke_bridge.agents.registry.entry import Entry
from zeke_bridge.agents.registry.listing import described, entries, find, unknown

__all__ = ["Entry", "described", "entries", "find", "unknown"]
