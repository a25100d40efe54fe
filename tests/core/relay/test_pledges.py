from __future__ import annotations

from zeke_bridge.core.records.spent import Spent
from zeke_bridge.core.relay.pledges import Pledges


def test_a_fallback_that_costs_nothing_pledges_nothing() -> None:
    pledges = Pledges()
    pledges.pledge("zk-1", "ann", 2.0)
    assert pledges.on(Spent(), "ann") == Spent(2.0, 2.0, 2.0)
    pledges.pledge("zk-1", "ann", 0.0)
    assert pledges.on(Spent(), "ann") == Spent()


def test_one_client_does_not_pledge_for_another() -> None:
    pledges = Pledges()
    pledges.pledge("zk-1", "ann", 2.0)
    pledges.pledge("zk-2", "bob", 1.0)
    assert pledges.on(Spent(1.0, 1.0, 1.0), "bob") == Spent(2.0, 2.0, 2.0)
    assert pledges.on(Spent()).day == 3.0
    pledges.lift("zk-1")
    pledges.lift("zk-1")
    assert len(pledges) == 1
