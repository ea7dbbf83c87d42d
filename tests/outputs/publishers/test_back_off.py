from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from station.errors import DatabaseError, PublishError, PublishRefusedError
from station.outputs.publishers.publisher import (
    LONGEST_PAUSE_S,
    LONGEST_WISH_S,
    REFUSED_PAUSE_S,
    BackOff,
)


def test_pauses_double_up_to_the_longest() -> None:
    back_off = BackOff(chance=lambda: 1.0)
    pauses = [back_off.pause_s(PublishError("")) for _ in range(8)]
    assert pauses == [1, 2, 4, 8, 16, 32, LONGEST_PAUSE_S, LONGEST_PAUSE_S]


def test_after_a_success_they_start_again() -> None:
    back_off = BackOff(chance=lambda: 1.0)
    for _ in range(5):
        back_off.pause_s(DatabaseError(""))
    back_off.reset()
    assert back_off.pause_s(PublishError("")) == 1


def test_stations_that_lost_the_same_receiver_do_not_return_together() -> None:
    pauses = {BackOff().pause_s(PublishError("")) for _ in range(20)}
    assert len(pauses) > 1


@given(st.integers(0, 3000), st.floats(0, 1), st.floats(0, 1e12))
def test_a_pause_is_never_shorter_than_was_asked_for_and_never_endless(
    tries: int, chance: float, wish: float
) -> None:
    back_off = BackOff(chance=lambda: chance)
    error = PublishError("")
    error.retry_after_s = wish
    for _ in range(tries % 30):
        back_off.pause_s(error)
    assert min(wish, LONGEST_WISH_S) <= back_off.pause_s(error) <= LONGEST_WISH_S


def test_a_receiver_that_refuses_is_tried_rarely() -> None:
    assert BackOff(chance=lambda: 0.0).pause_s(PublishRefusedError("")) == REFUSED_PAUSE_S / 2
