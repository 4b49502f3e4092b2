"""When the state of a conversation is kept, and when it is read again."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fakes import CHATML, ScriptedRuntime

from engine import hardware
from engine.chat import keeping, kept_states
from engine.chat.backend import LocalBackend, open_backend
from engine.chat.keeping import Keeping
from engine.chat.messages import Asked, ChatOptions, Message
from engine.events import Event, Finished, TextDelta
from engine.runtime.base import Sampling

LONG = 1000.0  # seconds in which nothing comes of itself
FIRST, MORE = Message("user", "a" * 300), Message("user", "more")


OPEN: list[LocalBackend] = []


@pytest.fixture(autouse=True)
def eager(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """All is worth it, and at once."""
    monkeypatch.setattr(keeping, "IDLE_S", 0.01)
    monkeypatch.setattr(keeping, "WORTH_S", 0.0)
    monkeypatch.setattr(keeping, "READ_BYTES_PER_S", math.inf)
    monkeypatch.setattr(hardware, "disk_free", lambda _: 10**12)
    yield
    while OPEN:
        backend = OPEN.pop()
        backend.close()
        if backend._keeping._writer is not None:
            backend._keeping._writer.shutdown()  # while this test's home is still the home


def asked(chat: int | None) -> Asked | None:
    return None if chat is None else Asked(chat, time.time())


class Talk:
    """A backend of its own, and what is said to it in a chat."""

    def __init__(self, runtime: ScriptedRuntime | None = None, said: list[Message] | None = None) -> None:
        self.runtime = runtime or ScriptedRuntime()
        self.backend = LocalBackend(self.runtime)
        OPEN.append(self.backend)
        self.said = said or []

    def ask(self, message: Message, chat: int | None = 1, cancelled: threading.Event | None = None) -> dict[str, Any]:
        """The stats of the reply."""
        self.runtime.enqueue("Yes.")
        self.said.append(message)
        *_, end = events = list(self.backend.stream(self.said, ChatOptions(), cancelled, asked(chat)))
        assert isinstance(end, Finished)
        text = "".join(event.text for event in events if isinstance(event, TextDelta))
        self.said.append(Message("assistant", text, tuple(end.stats["tokens"]), end.stats["model"]))
        return end.stats

    def rest(self) -> None:
        """Until the runtime's thread and the disk have nothing to do."""
        if (timer := self.backend._keeping._timer) is not None:
            timer.join(20)
        self.backend._thread.submit(int).result()
        if self.backend._keeping._writer is not None:
            self.backend._keeping._writer.submit(int).result()

    def reopened(self, runtime: ScriptedRuntime | None = None) -> Talk:
        """The same chat after the program has ended; a copy, so that several can go on from here."""
        return Talk(runtime, [*self.said])


@pytest.fixture
def talk() -> Talk:
    """A chat of one long question, kept."""
    talk = Talk()
    talk.ask(FIRST)
    talk.rest()
    return talk


def ids_kept(chat: int = 1) -> int | None:
    found = kept_states.look(chat)
    return None if found is None else len(found.ids)


# --- reopening -------------------------------------------------------------------------------------------------------


def a_reopened_chat_is_not_evaluated_again() -> None:
    talk = Talk()
    first = talk.ask(FIRST)
    talk.rest()
    stats = talk.reopened().ask(MORE)
    assert stats["cached_tokens"] == first["prompt_tokens"] + first["output_tokens"]


def test_a_reopened_chat_is_not_evaluated_again() -> None:
    a_reopened_chat_is_not_evaluated_again()


@pytest.mark.parametrize("without", ["before", "after"])
def test_without_keeping_it_would_be(without: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Keeping, without, lambda *_: None)
    with pytest.raises(AssertionError):
        a_reopened_chat_is_not_evaluated_again()


def test_what_an_edited_message_and_another_version_have_in_common_is_used(talk: Talk) -> None:
    talk.ask(MORE)
    talk.rest()
    whole = ids_kept()
    again = talk.reopened()
    del again.said[2:]  # the second question is edited
    stats = again.ask(Message("user", "rather this"))
    assert whole is not None
    assert 300 < stats["cached_tokens"] < whole
    other = talk.reopened()
    question = other.said[2]
    del other.said[2:]
    assert other.ask(question)["cached_tokens"] > 300  # the same question again


def test_another_chat_takes_nothing_of_it(talk: Talk) -> None:
    assert talk.reopened().ask(FIRST, chat=2)["cached_tokens"] == 0
    assert ids_kept(1)


def test_a_conversation_without_an_id_is_neither_kept_nor_looked_for(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    again = talk.reopened()
    with monkeypatch.context() as patched:
        patched.setattr(kept_states, "look", lambda _: pytest.fail("it looked"))
        again.ask(MORE, chat=None)
    again.rest()
    assert kept_states.measure()[0] == 1


def test_what_the_runtime_holds_already_is_not_read(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_states, "take", lambda *_: pytest.fail("it was read"))
    assert talk.ask(MORE)["cached_tokens"] > 300
    talk.ask(FIRST, chat=2)
    assert talk.ask(MORE, chat=2)["cached_tokens"] > 300


def test_a_chat_that_another_has_taken_the_runtime_from_comes_back(talk: Talk) -> None:
    said, talk.said = talk.said, []
    assert talk.ask(Message("user", "b" * 200), chat=2)["cached_tokens"] < 50
    talk.said = said
    assert talk.ask(MORE)["cached_tokens"] > 300


def test_a_model_that_cannot_go_back_takes_only_what_it_can_go_on_from(talk: Talk) -> None:
    def recurrent() -> ScriptedRuntime:
        runtime = ScriptedRuntime()
        runtime.goes_back = False
        return runtime

    on, back = talk.reopened(recurrent()), talk.reopened(recurrent())
    assert on.ask(MORE)["cached_tokens"] == ids_kept()
    del back.said[1:]
    back.said[0] = Message("user", "a" * 299)
    loaded: list[object] = []
    back.runtime.load_state = lambda *state: loaded.append(state)  # type: ignore[method-assign]
    back.ask(MORE)
    assert not loaded


# --- what voids it ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("belongs_to", "reason"),
    [
        ({"model": "cafe"}, "model"),
        ({"model": "f00d", "adapters": [["ab", 1.0]]}, "adapters"),
        ({"model": "f00d", "program": "0.4"}, "program"),
        ({"model": "f00d", "cache_type": "q8_0"}, "options"),
    ],
)
def test_another_model_adapter_option_or_program_voids_it(talk: Talk, belongs_to: dict[str, Any], reason: str) -> None:
    runtime = ScriptedRuntime()
    runtime.belongs_to = belongs_to
    stats = talk.reopened(runtime).ask(MORE)
    assert (stats["cached_tokens"], stats["cache_reason"]) == (0, reason)
    assert ids_kept() is None


def test_another_template_voids_it(talk: Talk) -> None:
    again = talk.reopened(ScriptedRuntime(CHATML.replace("<|im_start|>", "\n<|im_start|>")))
    stats = again.ask(MORE)
    assert (stats["cached_tokens"], stats["cache_reason"]) == (0, "template")


def test_without_the_comparison_it_would_not_be_told(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "_difference", lambda *_: None)
    with pytest.raises((AssertionError, KeyError)):
        test_another_template_voids_it(talk)


def test_a_state_that_is_refused_is_deleted_and_nothing_is_said(talk: Talk) -> None:
    path = kept_states.folder() / "1.state"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    again = talk.reopened()
    assert again.ask(MORE)["cached_tokens"] == 0
    assert not path.exists()
    again.rest()
    assert again.reopened().ask(MORE)["cached_tokens"] > 300


# --- when it is kept -------------------------------------------------------------------------------------------------


def test_the_next_message_does_not_wait_for_the_state_of_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "IDLE_S", LONG)
    talk = Talk()
    monkeypatch.setattr(Keeping, "_keep", lambda keeping: pytest.fail("it was copied") if keeping._due else None)
    talk.ask(FIRST)
    talk.ask(MORE)
    assert ids_kept() is None
    talk.backend._keeping._due = False


def what_takes_the_runtime_keeps_the_state(leave: Callable[[Talk], object], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "IDLE_S", LONG)
    talk = Talk()
    talk.ask(FIRST)
    leave(talk)
    if (writer := talk.backend._keeping._writer) is not None:
        writer.shutdown()
    assert ids_kept()


LEAVING = {
    "another chat": lambda talk: talk.ask(FIRST, chat=2),
    "something that is no chat": lambda talk: talk.ask(FIRST, chat=None),
    "another model": lambda talk: talk.backend.close(),
}


@pytest.mark.parametrize("leaving", LEAVING)
def test_a_chat_that_is_left_is_kept(leaving: str, monkeypatch: pytest.MonkeyPatch) -> None:
    what_takes_the_runtime_keeps_the_state(LEAVING[leaving], monkeypatch)
    monkeypatch.setattr(Keeping, "_keep", lambda _: None)
    kept_states.clear()
    with pytest.raises(AssertionError):
        what_takes_the_runtime_keeps_the_state(LEAVING[leaving], monkeypatch)


def nothing_is_kept() -> None:
    talk = Talk()
    talk.ask(FIRST)
    talk.rest()
    assert ids_kept() is None


def test_what_is_quickly_evaluated_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "WORTH_S", LONG)
    nothing_is_kept()
    monkeypatch.setattr(keeping, "WORTH_S", 0.0)
    with pytest.raises(AssertionError):
        nothing_is_kept()


def test_what_is_evaluated_more_quickly_than_read_is_neither_kept_nor_read(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "READ_BYTES_PER_S", 1)
    assert talk.reopened().ask(MORE)["cached_tokens"] == 0
    kept_states.clear()
    nothing_is_kept()


def test_what_memory_has_no_room_for_is_neither_kept_nor_read(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hardware, "memory", lambda: hardware.Memory(10**9, 3000))
    assert talk.reopened().ask(MORE)["cached_tokens"] == 0
    kept_states.clear()
    nothing_is_kept()


def test_a_disk_without_room_is_not_copied_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hardware, "disk_free", lambda _: 10**6)
    monkeypatch.setattr(ScriptedRuntime, "copy_state", lambda _: pytest.fail("it was copied"))
    nothing_is_kept()


def test_too_little_memory_after_all_is_no_error(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(ScriptedRuntime, "load_state", none)
    assert talk.reopened().ask(MORE)["cached_tokens"] == 0
    kept_states.clear()
    monkeypatch.setattr(ScriptedRuntime, "copy_state", none)
    nothing_is_kept()


def test_a_long_chat_is_not_written_again_for_a_short_turn(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    before = ids_kept()
    monkeypatch.setattr(keeping, "WORTH_SHARE", 2)
    talk.ask(MORE)
    talk.rest()
    assert ids_kept() == before
    talk.ask(Message("user", "c" * 500))
    talk.rest()
    assert before is not None
    assert (ids_kept() or 0) > before + 500


def test_what_was_deleted_from_the_disk_meanwhile_is_kept_again(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "WORTH_SHARE", 2)
    kept_states.clear()
    talk.ask(MORE)
    talk.rest()
    assert (ids_kept() or 0) > 300


def test_a_reply_that_was_stopped_is_kept_as_far_as_it_goes() -> None:
    talk, cancelled = Talk(ScriptedRuntime(context=10**6)), threading.Event()
    talk.said.append(FIRST)
    for event in talk.backend.stream(talk.said, ChatOptions(), cancelled, asked(1)):
        if isinstance(event, TextDelta):
            cancelled.set()
    talk.rest()
    assert (ids_kept() or 0) > 300


def test_other_adapters_leave_nothing_to_keep(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "IDLE_S", LONG)
    talk = Talk()
    talk.ask(FIRST)
    talk.backend.set_adapters([("a", 1.0)])
    talk.backend.close()
    assert ids_kept() is None


def test_of_what_was_deleted_since_it_was_asked_for_nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "IDLE_S", LONG)
    talk = Talk()
    talk.ask(FIRST)
    kept_states.forget(1)
    talk.ask(FIRST, chat=2)
    assert talk.backend._keeping._writer is not None
    talk.backend._keeping._writer.submit(int).result()
    assert kept_states.measure()[0] == 0


def test_a_newer_state_stops_the_older_one_of_the_same_chat_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    stops: list[tuple[int, threading.Event]] = []
    go_on = threading.Event()

    def keep(asked: Asked, about: Any, state: Any, stop: threading.Event) -> bool:
        stops.append((asked.chat, stop))
        go_on.wait(10)
        return True

    monkeypatch.setattr(kept_states, "keep", keep)
    talk = Talk()
    for chat in (1, 2, 1):
        talk.ask(FIRST, chat=chat)
        timer = talk.backend._keeping._timer
        assert timer is not None
        timer.join(20)
        talk.backend._thread.submit(int).result()
    go_on.set()
    talk.rest()
    assert [(chat, stop.is_set()) for chat, stop in stops] == [(1, True), (2, False), (1, False)]


def test_stopping_while_a_state_is_read(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    again, cancelled = talk.reopened(), threading.Event()
    take = kept_states.take

    def stopped(chat: int, stop: threading.Event) -> memoryview | None:
        cancelled.set()
        return take(chat, stop)

    monkeypatch.setattr(kept_states, "take", stopped)
    assert again.ask(MORE, cancelled=cancelled)["output_tokens"] == 0
    assert ids_kept()


def test_nothing_of_it_lasts_beyond_the_backend(talk: Talk) -> None:
    talk.ask(MORE)
    talk.backend.close()
    talk.backend.close()
    timer = talk.backend._keeping._timer
    assert timer is not None
    timer.join(20)
    assert not timer.is_alive()


# --- real models -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("backend", ["llama", "gpt"])
def test_the_starter_goes_on_with_the_very_words_that_it_would_have_said(backend: str) -> None:
    greedy = ChatOptions(Sampling(temperature=0), max_tokens=20)
    said = [Message("user", "Tell me a story about a cat. " * 20)]

    def ask(opened: Any, chat: int | None) -> tuple[list[Event], dict[str, Any]]:
        events = list(opened.stream(said, greedy, None, asked(chat)))
        assert isinstance(events[-1], Finished)
        return events[:-1], events[-1].stats

    opened = open_backend("starter", backend, threads=1)
    words, first = ask(opened, 7)
    text = "".join(event.text for event in words if isinstance(event, TextDelta))
    said += [Message("assistant", text, tuple(first["tokens"]), first["model"]), Message("user", "And a dog?")]
    uninterrupted, expected = ask(opened, None)  # leaves the chat, which is kept before
    opened.close()
    opened._keeping._writer.shutdown()  # type: ignore[attr-defined]
    again = open_backend("starter", backend, threads=1)
    continued, stats = ask(again, 7)
    again.close()
    assert stats["cached_tokens"] == expected["cached_tokens"] >= first["prompt_tokens"]
    assert (continued, stats["tokens"]) == (uninterrupted, expected["tokens"])
