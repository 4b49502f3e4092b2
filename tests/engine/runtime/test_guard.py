from __future__ import annotations

import threading

import pytest

from engine.runtime.guard import Guard


def test_uses_one_after_another() -> None:
    guard = Guard()
    for _ in range(3):
        with guard.use():
            pass


def test_a_second_use_at_the_same_time_is_refused() -> None:
    guard = Guard()
    with guard.use(), pytest.raises(RuntimeError, match="one thread"):
        with guard.use():
            pass


def test_a_failed_use_lets_go() -> None:
    guard = Guard()
    with pytest.raises(ValueError), guard.use():
        raise ValueError
    with guard.use():
        pass


def test_an_older_turn_may_not_go_on() -> None:
    guard = Guard()
    turn = guard.begin()
    with guard.use(turn):
        pass
    guard.begin()
    with pytest.raises(RuntimeError, match="something else"), guard.use(turn):
        pass


def test_closing_waits_for_the_use_under_way() -> None:
    guard, order = Guard(), []

    def close() -> None:
        with guard.close() as was_open:
            order.append(f"closed {was_open}")

    with guard.use():
        thread = threading.Thread(target=close)
        thread.start()
        order.append("used")
    thread.join()
    close()
    assert order == ["used", "closed True", "closed False"]
    with pytest.raises(RuntimeError, match="closed"), guard.use():
        pass
