"""What questions that are still being answered may cost, so that many at once keep to a limit."""

from __future__ import annotations

from zeke_bridge.core.records.spent import Spent


class Pledges:
    """US dollars by question, guessed before the answer; lifted when the true sum is booked."""

    def __init__(self) -> None:
        self._pledged: dict[str, tuple[str, float]] = {}

    def __len__(self) -> int:
        return len(self._pledged)

    def pledge(self, request_id: str, client: str, dollars: float) -> None:
        """Count ``dollars`` of ``client`` from now on, in place of what was pledged before."""
        self.lift(request_id)
        if dollars > 0:
            self._pledged[request_id] = (client, dollars)

    def lift(self, request_id: str) -> None:
        """Count it no longer."""
        self._pledged.pop(request_id, None)

    def on(self, spent: Spent, client: str | None = None) -> Spent:
        """``spent`` with what is pledged, by ``client`` alone if one is named."""
        if not self._pledged:
            return spent
        dollars = sum(amount for owner, amount in self._pledged.values() if client in {None, owner})
        return Spent(spent.hour + dollars, spent.day + dollars, spent.month + dollars)
