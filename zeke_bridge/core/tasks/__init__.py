"""The tasks of ``/v1/zeke``: a prompt, one upstream call, and what its answer means."""

from zeke_bridge.core.tasks.tasks import Tasks
from zeke_bridge.core.tasks.work import Terms, Work

__all__ = ["Tasks", "Terms", "Work"]
