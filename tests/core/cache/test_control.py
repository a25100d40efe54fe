from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.core.cache.control import FREE, Control, control_of

NOTHING = Control(lookup=False, keep=False)
ANEW = Control(lookup=False)


@pytest.mark.parametrize(
    ("header", "control"),
    [
        ("", FREE),
        ("   ", FREE),
        ("max-stale=5, foo=bar", FREE),
        ("no-store", NOTHING),
        ("No-Store", NOTHING),
        (" , ,no-store", NOTHING),
        ("max-age=60, no-store, no-cache", NOTHING),
        ("no-store=1", NOTHING),
        ('foo="a, b", no-store', NOTHING),
        ("no-cache", ANEW),
        ('no-cache="x"', ANEW),
        ("foo;bar, no-cache", ANEW),
        ('private="no-store, no-cache"', FREE),
        (r'x="a\", no-store"', FREE),
        ("no-stores", FREE),
        ("max-age=60", Control(max_age=60.0)),
        ('MAX-AGE="60"', Control(max_age=60.0)),
        ("max-age=60, max-age=5", Control(max_age=5.0)),
        ("max-age=0", Control(lookup=False, max_age=0.0)),
        ("max-age=-1", Control(lookup=False, max_age=0.0)),
        ("max-age=soon", Control(lookup=False, max_age=0.0)),
        ("max-age", Control(lookup=False, max_age=0.0)),
        ("max-age=" + "9" * 400, Control(lookup=False, max_age=0.0)),
    ],
)
def test_each_header_says_what_may_be_done(header: str, control: Control) -> None:
    assert control_of(header) == control


def test_several_lines_are_one() -> None:
    assert control_of(["max-age=60", "no-store"]) == NOTHING
    assert control_of([]) == FREE


@given(st.text())
def test_no_header_is_an_error_and_no_keeping_means_no_looking_up(header: str) -> None:
    control = control_of(header)
    assert control.keep or not control.lookup


@given(st.lists(st.sampled_from(["max-age=5", "foo", 'x="a,b"', "", "no-cache", "==", '"'])))
def test_no_store_is_found_wherever_it_stands_first(others: list[str]) -> None:
    assert control_of(["no-store", *others]) == NOTHING
