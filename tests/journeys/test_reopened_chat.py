"""A long chat, the window closed or killed, and the same chat again: what was read once is not read again."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from app.engine_client import EngineClient
from app.workers import Workers
from engine.chat import kept_states

Person = Any  # tests/journeys/conftest.py

LONG = "Tell me a story about a cat that lives in a house by the sea. " * 20

# The real worker, to which a chat that any computer evaluates quickly is worth keeping, too, and the shortest turn.
WORKER = "from engine.chat import keeping; keeping.WORTH_S = 0.0; keeping.READ_BYTES_PER_S = 1e12; "
WORKER += "keeping.WORTH_SHARE = 1_000_000; "
WORKER += "import engine.worker; engine.worker.main()"


def opened(open_window: Callable[..., Person]) -> Person:
    return open_window(Workers(chat=EngineClient([sys.executable, "-c", WORKER])))


def ask(person: Person, text: str) -> dict[str, Any]:
    """The figures of the reply to what was pasted."""
    person.page.composer.restore(text)
    stats: dict[str, Any] | None = person.ask("").stats
    assert stats is not None
    return stats


def wait_kept(person: Person, tokens: int) -> None:
    """Until so many are kept of the chat, which happens when its reply has ended for a while."""

    def is_kept() -> bool:
        found = kept_states.look(person.seedling.chat.current or 0)
        return found is not None and len(found.ids) >= tokens

    person.wait(is_kept)


def test_a_long_chat_is_reopened_as_it_was_left(open_window: Callable[..., Person]) -> None:
    person = opened(open_window)
    first = ask(person, LONG)
    known = first["prompt_tokens"] + first["output_tokens"]
    assert first["cached_tokens"] == 0
    wait_kept(person, known)
    person.quit()

    person = opened(open_window)
    second = ask(person, "And then?")
    assert second["cached_tokens"] == known > 250
    wait_kept(person, known + 1)
    (worker,) = [child for child in _children() if WORKER in child.cmdline()]
    worker.kill()  # as it happens to a worker whose window is killed
    person.wait(lambda: not worker.is_running())
    person.quit()

    person = opened(open_window)
    third = ask(person, "And then?")
    assert third["cached_tokens"] >= second["prompt_tokens"]
    chat = person.seedling.chat.current
    assert chat is not None
    person.seedling.chat.delete_chat(chat)
    person.wait(lambda: kept_states.measure() == (0, 0))


def _children() -> list[Any]:
    import psutil

    return psutil.Process().children()
