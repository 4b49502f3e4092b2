"""What goes wrong with servers, as a person meets it: one sentence, nothing lost, and a way on that works."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fake_servers import FakeCompatible, FakeLlamaCpp, FakeOpenAI
from fake_servers.openai import NO_CREDIT
from person_at_servers import Person, someone
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from rough_server import RoughServer, certificate, head, say

from engine.providers import provider_list

CHAT = "/chat/completions"
QUESTION = ("user", "Hello!", "done")
ANSWER = ("assistant", "Hello there, friend.", "done")
SHOP_KEY, OPENAI_KEY = "sk-or-fake", "sk-proj-fake0123456789"
WEB_PAGE = b"<!doctype html><html><title>Welcome</title><p>It works!</html>"
HTML = {"Content-Type": "text/html"}
AGAIN, OTHER, SERVERS = "Try again", "Choose another model", "Show servers"


@pytest.fixture
def person(qtbot: QtBot, qapp: QApplication) -> Iterator[Person]:
    with someone(qtbot, qapp) as person:
        yield person


def is_one_sentence(person: Person) -> bool:
    """What happened, what to do, and nothing of the machine room."""
    text = person.page.transcript.failure()
    return len(text) < 160 and not any(sign in text for sign in ("{", "<", "Error", "Traceback", "sk-"))


# --- what is no server -----------------------------------------------------------------------------------------------


def refused_at(person: Person, address: str, words: str) -> None:
    """The dialog says so, keeps what was typed, and nothing is on the list."""
    dialog = person.connect(address, "odd")
    person.wait(lambda: words in dialog.problem.text())
    assert dialog.isVisible()
    assert dialog.address.text() == address
    assert dialog.go_on.isEnabled()
    assert provider_list.read() == {}
    dialog.reject()


def test_an_address_that_is_none(person: Person) -> None:
    refused_at(person, "http://user:secret@localhost", "is no address of a server")


def test_an_address_where_nobody_listens(person: Person) -> None:
    with FakeLlamaCpp() as server:
        address = server.url
    refused_at(person, address, "cannot be reached")


def test_a_web_page_at_the_address(person: Person) -> None:
    with RoughServer(say(head(200, "text/html"), WEB_PAGE)) as server:
        refused_at(person, server.url, "No server answers at")


def test_a_certificate_that_does_not_match(person: Person, tmp_path: Path) -> None:
    _, context = certificate(tmp_path, "other.example")
    with RoughServer(say(head()), context) as server:
        refused_at(person, f"https://localhost:{server.port}", "does not prove that it is localhost")
        assert server.seen == []  # nothing was sent


def test_a_certificate_that_does_not_match_any_more(person: Person, tmp_path: Path) -> None:
    """In mid-chat: the question stays, and nothing goes to whoever stands there now."""
    with FakeLlamaCpp() as server:
        person.joins(server, "home")
        person.say("Hello!")
        person.wait_answered(2)
    listed = provider_list.read()["home"]
    _, context = certificate(tmp_path, "other.example")
    with RoughServer(say(head()), context) as other:
        moved = provider_list.Provider("home", "llama.cpp", f"https://localhost:{other.port}")
        provider_list.replace(moved)
        person.seedling.replies.unload(listed.models[0].name)
        person.say("And now?")
        buttons = person.wait_failed("does not prove that it is localhost")
        assert other.seen == []
    assert buttons[:3] == [AGAIN, SERVERS, OTHER]
    assert is_one_sentence(person)
    person.wait(lambda: person.said() == [QUESTION, ANSWER, ("user", "And now?", "done")])


# --- what goes wrong once, in a chat ---------------------------------------------------------------------------------


def wrong(status: int, message: str, **more: Any) -> dict[str, Any]:
    body = {"error": {"code": status, "message": message} | more.pop("error", {})}
    return {"kind": "answer", "status": status, "body": body, "times": 9, **more}


FAULTS = {
    "cut in mid-word": ({"kind": "cut", "at": 2}, "broke off in the middle", "Hello ", [AGAIN, OTHER]),
    "ended too early": ({"kind": "end", "at": 2}, "broke off in the middle", "Hello ", [AGAIN, OTHER]),
    "no JSON in the stream": (
        {"kind": "say", "at": 2, "body": b"data: {nonsense\n\n"},
        "cannot be understood",
        "Hello ",
        [AGAIN, SERVERS, OTHER],
    ),
    "a web page": (
        {"kind": "answer", "body": WEB_PAGE, "headers": HTML, "times": 9},
        "cannot be understood",
        "",
        [AGAIN, SERVERS, OTHER],
    ),
    "no credit": (wrong(402, "Insufficient credits"), "has no credit left", "", [AGAIN, OTHER]),
    "too many requests": (wrong(429, "Rate limit", headers={"Retry-After": "3600"}), "no more requests", "", [AGAIN]),
    "refused": (wrong(403, "Flagged", error={"code": "content_filter"}), "declined to answer", "", [AGAIN, OTHER]),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_question_stays_and_trying_again_works_once_the_server_is_well(person: Person, fault: str) -> None:
    how, words, came, wanted = FAULTS[fault]
    with FakeCompatible(models=["small"], reply="Hello there, friend.", key=SHOP_KEY) as server:
        person.joins(server, "shop", path="/api/v1", key=SHOP_KEY)
        server.fault(**how, path=CHAT)
        person.say("Hello!")
        buttons = person.wait_failed(words)
        assert buttons[: len(wanted)] == wanted
        assert is_one_sentence(person)
        kept = [QUESTION, ("assistant", came, "failed")] if came else [QUESTION]
        person.wait(lambda: person.said() == kept)  # it is shown before it is written
        server.faults.clear()
        person.press(AGAIN)
        assert person.wait_answered(2) == "Hello there, friend."
        assert person.page.transcript.failure() == ""
        if came:  # is kept
            person.page.transcript.act(person.rows()[-1].id, "previous")
            person.wait(lambda: person.said() == [QUESTION, ("assistant", came, "failed")])


def test_no_credit_at_openai_is_no_rate_limit(person: Person) -> None:
    with FakeOpenAI(models=["gpt-4o"], reply="Hello there, friend.") as server:
        person.joins(server, "openai", "gpt-4o", path="/v1", key=OPENAI_KEY)
        server.fault("answer", path=CHAT, status=429, body=NO_CREDIT)
        person.say("Hello!")
        assert person.wait_failed("has no credit left")[:2] == [AGAIN, OTHER]
        assert len(server.requests(CHAT)) == 1  # asking again would help nobody


def test_an_overloaded_server_is_asked_again_and_the_notice_goes_when_words_come(person: Person) -> None:
    with FakeLlamaCpp(reply=["Hello ", *["word "] * 200], pace=0.03) as server:
        person.joins(server, "home")
        server.fault(**(wrong(503, "overloaded") | {"times": 1}), path=CHAT)
        person.say("Hello!")
        person.wait(lambda: "is asked again in 1 second" in person.page.notice.text)
        person.wait(lambda: person.page.transcript.streaming and person.page.transcript.streaming.text)
        assert person.page.notice.text == ""
        assert person.seedling.replies.of(person.seedling.chat.current) is not None  # it is still being written
        person.seedling.chat.stop()
        person.wait_answered(2, "cancelled")
        assert len(server.requests(CHAT)) == 2


def test_the_notice_goes_as_well_where_waiting_is_stopped(person: Person) -> None:
    with FakeLlamaCpp() as server:
        person.joins(server, "home")
        server.fault(**wrong(503, "overloaded"), path=CHAT)
        person.say("Hello!")
        person.wait(lambda: "is asked again" in person.page.notice.text)
        person.seedling.chat.stop()
        person.wait(lambda: person.seedling.replies.of(person.seedling.chat.current) is None)
        assert person.page.notice.text == ""
        person.wait(lambda: person.said() == [QUESTION])


def test_a_server_that_stays_overloaded_is_said_to_be(person: Person) -> None:
    with FakeLlamaCpp(reply="Hello there, friend.") as server:
        person.joins(server, "home")
        server.fault(**wrong(500, "out of breath"), path=CHAT)
        person.say("Hello!")
        buttons = person.wait_failed("home")
        assert buttons[:2] == [AGAIN, OTHER]
        assert person.page.notice.text == ""
        person.wait(lambda: person.said() == [QUESTION])
        server.faults.clear()
        person.press(AGAIN)
        assert person.wait_answered(2) == "Hello there, friend."


def test_a_conversation_that_is_too_long(person: Person) -> None:
    with FakeLlamaCpp(context=3, reply="Hello there, friend.") as server:
        person.joins(server, "home")
        person.say("one two three four five")
        assert person.wait_failed("too long for home")[:3] == ["New chat", AGAIN, OTHER]
        person.wait(lambda: person.said() == [("user", "one two three four five", "done")])
        server.context = 4096
        person.press(AGAIN)
        assert person.wait_answered(2) == "Hello there, friend."


def test_a_refusal_is_kept_as_what_it_is(person: Person) -> None:
    with FakeOpenAI(models=["gpt-4o"], reply="Hello there, friend.", refusal="I can't help with that.") as server:
        person.joins(server, "openai", "gpt-4o", path="/v1", key=OPENAI_KEY)
        person.say("Hello!")
        person.wait(lambda: len(person.rows()) == 2 and person.rows()[-1].state != "streaming")
        person.wait(lambda: person.said() == [QUESTION, ("assistant", "I can't help with that.", "done")])
        server.refusal = ""
        person.seedling.chat.regenerate()
        person.wait(lambda: person.said()[-1] == ANSWER)


def test_a_model_that_vanished(person: Person) -> None:
    with FakeOpenAI(models=["gpt-4o", "gpt-4o-mini"], reply="Hello there, friend.") as server:
        person.joins(server, "openai", "gpt-4o", path="/v1", key=OPENAI_KEY)
        server.models.remove("gpt-4o")
        person.say("Hello!")
        assert person.wait_failed("has no model gpt-4o any more")[:3] == [OTHER, AGAIN, SERVERS]
        person.wait(lambda: person.said() == [QUESTION])
        person.pick("openai/gpt-4o-mini")
        person.press(AGAIN)
        assert person.wait_answered(2) == "Hello there, friend."
        assert server.asked["model"] == "gpt-4o-mini"


def test_a_server_that_went_and_came_back(person: Person) -> None:
    with FakeLlamaCpp(reply="Hello there, friend.") as server:
        person.joins(server, "home")
        port = server.port
    person.say("Hello!")
    assert person.wait_failed("home cannot be reached")[:3] == [AGAIN, SERVERS, OTHER]
    assert is_one_sentence(person)
    person.wait(lambda: person.said() == [QUESTION])
    with FakeLlamaCpp(reply="Hello there, friend.", port=port):
        person.press(AGAIN)
        assert person.wait_answered(2) == "Hello there, friend."


def test_show_servers_leads_to_the_page_of_servers(person: Person) -> None:
    with FakeLlamaCpp() as server:
        person.joins(server, "home")
    person.say("Hello!")
    person.wait_failed("home cannot be reached")
    person.press(SERVERS)
    person.wait(person.view.isVisible)
    assert person.window.current_page == "models"
