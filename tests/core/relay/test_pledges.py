from __future__ import annotations

from zeke_bridge.core.relay.pledges import Pledges


def test_a_fallback_that_costs_nothing_pledges_nothing() -> None:
    pledges = Pledges()
    pledges.pledge("zk-1", "ann", 2.0)
    assert pledges.dollars("ann") == 2.0
    pledges.pledge("zk-1", "ann", 0.0)
    assert pledges.dollars("ann") == pledges.dollars() == 0.0


def test_one_client_does_not_pledge_for_another() -> None:
    pledges = Pledges()
    pledges.pledge("zk-1", "ann", 2.0)
    pledges.pledge("zk-2", "bob", 1.0)
    assert pledges.dollars("bob") == 1.0
    assert pledges.dollars() == 3.0
    pledges.lift("zk-1")
    pledges.lift("zk-1")
    assert len(pledges) == 1
