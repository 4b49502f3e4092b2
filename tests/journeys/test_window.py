"""The window with its real worker and the starter: ask, stop, quit, reopen; and a worker that dies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psutil
from PySide6.QtCore import Qt

from app.chat.load import LoadState

Person = Any  # tests/journeys/conftest.py

STORY = "Tell me a story about a cat."


def workers() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if is_worker(child)]


def is_worker(process: psutil.Process) -> bool:
    try:
        return bool({"engine.worker", "--worker"} & set(process.cmdline()))
    except psutil.Error:  # it is just ending
        return False


def test_ask_stop_quit_reopen(open_window: Callable[[], Person]) -> None:
    person = open_window()
    reply = person.ask(STORY)
    assert reply.state == "done"
    assert reply.message.content == person.page.transcript.message_text(reply.id)
    assert reply.message.tokens

    person.send("Tell me a story about a dog.")
    person.wait(lambda: len(person.states()) == 4)
    person.qtbot.keyClick(person.page.composer.field, Qt.Key.Key_Escape)
    person.wait(lambda: "streaming" not in person.states())
    assert person.states()[:3] == ["done", "done", "done"]
    # stopped in the middle, or before its first word; or it was whole by then
    assert person.states()[3:] in (["cancelled"], [], ["done"])
    kept = [row.message for row in person.messages()]

    person.quit()
    assert not workers()
    again = open_window()
    assert [row.message for row in again.messages()] == kept
    assert again.page.transcript.message_text(reply.id) == reply.message.content


def test_stop_stops_a_reply_in_the_middle(open_window: Callable[[], Person]) -> None:
    person = open_window()
    person.seedling.chat.choose_model("starter (in-house)")  # the slower form: a story takes it a tenth of a second
    person.ask("Hello")
    person.seedling.replies.grew.connect(lambda *_: person.seedling.chat.stop())
    for _ in range(5):  # a very short story may be whole before the worker hears of it
        person.ask(STORY)
        if person.states()[-1] == "cancelled":
            break
    stopped = person.messages()[-1]
    assert stopped.state == "cancelled"
    assert stopped.message.content == person.page.transcript.message_text(stopped.id) != ""


def test_the_second_turn_evaluates_only_what_is_new(open_window: Callable[[], Person]) -> None:
    person = open_window()
    first, second = person.ask("Hello"), person.ask("Who are you?")
    assert first.stats is not None
    assert second.stats is not None
    known = first.stats["prompt_tokens"] + first.stats["output_tokens"]
    assert second.stats["cached_tokens"] == known
    assert second.stats["prompt_tokens"] > known


def test_both_forms_of_the_starter_answer(open_window: Callable[[], Person]) -> None:
    person = open_window()
    person.ask("Hello")
    person.seedling.chat.choose_model("starter (in-house)")
    reply = person.ask("Thank you")
    assert reply.state == "done"
    assert reply.message.content


def test_a_killed_worker_is_replaced(open_window: Callable[[], Person]) -> None:
    person = open_window()
    person.ask("Hello")
    (worker,) = workers()
    worker.kill()
    person.wait(lambda: person.page.picker.state is LoadState.EMPTY)
    reply = person.ask("Who are you?")
    assert reply.state == "done"
    assert reply.message.content
