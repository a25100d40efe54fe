"""What questions that are still being answered may cost, so that many at once keep to a limit."""

from __future__ import annotations


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

    def dollars(self, client: str | None = None) -> float:
        """What is pledged, by ``client`` alone if one is named."""
        pledged = self._pledged.values()
        return sum(amount for owner, amount in pledged if client in {None, owner})
