"""Files of a project: what a path really is, and the effects that a permit allows."""

from zeke_bridge.model.permit import Permit
from zeke_bridge.workspace.files.effects import Files
from zeke_bridge.workspace.files.resolve import Held, Resolver

__all__ = ["Files", "Held", "Permit", "Resolver"]
