"""``update_plan``: the steps that the model means to take, shown to the person."""

from __future__ import annotations

from zeke_bridge.agents.loop.tool import Arguments, Bench, Look, Outcome, Tool, schema, text
from zeke_bridge.warden.escape import shorten

_MOST = 50
_LONGEST = 200


async def _read(given: Arguments, bench: Bench) -> Outcome:
    entries = [
        {
            "content": shorten(one["content"], _LONGEST),
            "priority": one.get("priority", "medium"),
            "status": one["status"],
        }
        for one in given["entries"]
    ]
    bench.say({"sessionUpdate": "plan", "entries": entries})
    done = sum(one["status"] == "completed" for one in entries)
    return Outcome(f"The plan is shown: {done} of {len(entries)} steps are done.")


UPDATE_PLAN = Tool(
    "update_plan",
    "Show the person your plan for work of several steps, and again, all of it, when a step "
    "begins or is done. Not for simple work.",
    "think",
    schema(
        ["entries"],
        entries={
            "type": "array",
            "maxItems": _MOST,
            "items": schema(
                ["content", "status"],
                content=text("One step, in a few words."),
                status={"enum": ["pending", "in_progress", "completed"]},
                priority={"enum": ["high", "medium", "low"]},
            ),
        },
    ),
    lambda _given, _bench: Look("Plan"),
    read=_read,
)
