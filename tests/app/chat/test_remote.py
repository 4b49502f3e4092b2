"""A model of a provider answers in a chat: connected with its key, asked for what was set, kept as any other reply."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from app.chat.footer import figures, money, with_earlier
from app.chat.load import LoadState
from app.chat.parameters import Parameters
from app.chat.side_panel import SidePanel
from app.messages import Remedy, notice
from engine.errors import MESSAGES, EngineError
from engine.events import Model
from engine.library.models import ModelEntry
from engine.providers import provider_list
from engine.providers.base import Provider, RemoteModel
from engine.runtime.base import Sampling

Desk = Any

PLAIN, BARE, OTHER = "script/plain", "script/bare", "script/other"


@pytest.fixture
def away(desk: Desk, library: list[ModelEntry], monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A desk with models of a provider whose key stands in the environment."""
    monkeypatch.setenv("SCRIPT_PLACE", "sk-secret")
    ids = [name.partition("/")[2] for name in (PLAIN, BARE, OTHER)]
    provider = Provider("script", "compatible", "http://127.0.0.1:9", "env:SCRIPT_PLACE")
    provider_list.add(provider, [RemoteModel("script", id) for id in ids])
    desk.wait(lambda: bool(desk.seedling.known.models))  # the window has looked once: it finds these no more
    for name in (PLAIN, BARE, OTHER):
        library.append(ModelEntry(name, Path(name), "remote", "remote", False, origin="script"))
        details = {"offers": ["continue", "max_tokens", "temperature"] if name == PLAIN else []}
        desk.seedling.known.models[name] = Model(name, name, "remote", "remote", False, None, details)
    desk.chat.models.refresh()
    desk.wait(lambda: len(desk.chat.models.entries) == len(library))
    return desk


def choose(desk: Desk, name: str) -> None:
    desk.chat.choose_model(name)
    desk.wait(lambda: desk.page.picker.state is LoadState.LOADED)


def reply(desk: Desk) -> Any:
    return desk.rows()[-1]


def test_it_is_connected_with_its_key_which_nothing_keeps(away: Desk) -> None:
    choose(away, PLAIN)
    away.ask_and_wait("do key")
    assert reply(away).message.content == '"sk-secret" {}'
    lane = away.seedling.replies._away
    assert "sk-secret" not in repr([vars(lane), vars(away.seedling.replies), vars(lane._client)])


def test_a_key_that_was_sent_is_forgotten(away: Desk) -> None:
    handle = away.seedling.replies._away._client.submit("load", {"model": PLAIN, "backend": "remote", "key": "sk-x"})
    away.wait(lambda: handle.ended)
    assert handle.params == {"model": PLAIN, "backend": "remote"}


def test_what_is_not_set_is_left_to_the_server(away: Desk) -> None:
    choose(away, PLAIN)
    away.ask_and_wait("do options")
    assert json.loads(reply(away).message.content) == {}
    away.page.panel.temperature.setValue(0.25)
    away.page.panel.max_tokens.setValue(9)
    away.ask_and_wait("do options")
    assert json.loads(reply(away).message.content) == {"temperature": 0.25, "max_tokens": 9}


def test_a_model_here_gets_every_value_as_before(away: Desk) -> None:
    choose(away, "starter")
    away.ask_and_wait("do options")
    expected = {"temperature": 0.8, "top_k": 40, "top_p": 0.95, "min_p": 0.05, "repetition_penalty": 1.0}
    assert json.loads(reply(away).message.content) == {
        **expected,
        "penalty_window": 64,
        "seed": None,
        "max_tokens": None,
    }


def test_what_was_set_for_one_model_survives_another_that_does_not_offer_it(away: Desk) -> None:
    panel = away.page.panel
    choose(away, "starter")
    panel.top_k.setValue(7)
    panel.context.setValue(512)
    choose(away, BARE)
    assert not panel.top_k.isVisibleTo(panel)
    away.ask_and_wait("do options")
    assert json.loads(reply(away).message.content) == {}
    away.ask_and_wait("do key")
    assert reply(away).message.content.endswith(" {}")  # no context for one that does not offer it
    choose(away, PLAIN)
    assert panel.temperature.isVisibleTo(panel)
    assert panel.temperature.text() == panel.temperature.specialValueText() != ""
    choose(away, "starter")
    assert panel.top_k.value() == 7
    away.ask_and_wait("do options")
    assert json.loads(reply(away).message.content)["top_k"] == 7


def test_a_provider_does_not_wait_for_a_model_here_nor_unload_it(away: Desk) -> None:
    choose(away, "starter")
    away.ask("do count 500 20")
    here = away.chat.current
    away.chat.new_chat()
    away.chat.choose_model(PLAIN)
    away.ask_and_wait("Hello")
    assert reply(away).message.content == "Hello"
    assert away.seedling.replies.of(here) is not None
    assert away.seedling.replies.load.state is LoadState.LOADED
    assert away.seedling.replies.load.path == "/models/starter.gguf"
    away.seedling.replies.stop(here)
    away.wait(lambda: away.seedling.replies.of(here) is None)


def test_it_takes_no_memory_here_and_letting_go_of_it_leaves_what_is_loaded(away: Desk) -> None:
    choose(away, "starter")
    choose(away, PLAIN)
    assert away.seedling.replies.load_of(PLAIN).memory_bytes is None
    away.page.picker.unload_requested.emit()
    away.wait(lambda: away.page.picker.state is LoadState.EMPTY)
    assert away.seedling.replies.load.state is LoadState.LOADED


def test_without_its_key_the_card_asks_for_it_and_keeps_the_question(
    away: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SCRIPT_PLACE")
    away.chat.choose_model(OTHER)
    away.wait(lambda: away.page.picker.state is LoadState.BROKEN)
    away.ask_and_wait("Hello")
    away.wait_card("holds no key")
    assert [row.message.content for row in away.rows()] == ["Hello"]
    assert Remedy.ENTER_KEY in away.page.transcript._floats.card._notice.remedies
    monkeypatch.setenv("SCRIPT_PLACE", "sk-other")
    away.page.transcript.remedy_chosen.emit(Remedy.RETRY)
    away.wait(lambda: len(away.rows()) == 2 and away.seedling.replies.of(away.chat.current) is None)
    away.wait_idle()
    assert reply(away).message.content == "Hello"


def test_stopping_while_the_key_is_looked_for_ends_it(away: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from threading import Event

    from app.chat import lane

    asked, let_go = Event(), Event()
    monkeypatch.setattr(lane, "_key_of", lambda _: (asked.set(), let_go.wait(20), "late")[2])
    away.chat.models.name = PLAIN
    away.settings.set("model", PLAIN)
    away.ask("Hello")
    away.wait(asked.is_set)
    away.chat.stop()
    away.wait_idle()
    let_go.set()
    away.qtbot.wait(50)
    assert [row.message.content for row in away.rows()] == ["Hello"]
    assert away.seedling.replies._away._handle is None


def test_a_reply_that_is_cut_is_kept_and_asked_for_again(away: Desk) -> None:
    choose(away, BARE)
    away.ask_and_wait("do cut provider_cut")
    away.wait_card("broke off")
    assert (reply(away).state, reply(away).message.content) == ("failed", "half a ")
    assert "continue" not in away.page.transcript.offered(reply(away).id)
    away.page.transcript.remedy_chosen.emit(Remedy.RETRY)
    away.wait(lambda: len(reply(away).versions) == 2 and away.seedling.replies.of(away.chat.current) is None)
    away.wait_idle()


def test_continue_is_offered_where_the_model_offers_it(away: Desk) -> None:
    choose(away, PLAIN)
    away.ask_and_wait("do cut provider_cut")
    assert "continue" in away.page.transcript.offered(reply(away).id)
    choose(away, BARE)
    assert "continue" not in away.page.transcript.offered(reply(away).id)
    choose(away, "starter")
    assert "continue" in away.page.transcript.offered(reply(away).id)


def test_warnings_of_a_server_are_shown(away: Desk) -> None:
    choose(away, PLAIN)
    away.ask_and_wait("do warn Trying again in 8 s.")
    away.wait_notice("Trying again in 8 s.")


def test_what_a_reply_and_a_chat_cost_is_said(away: Desk) -> None:
    choose(away, PLAIN)
    away.ask_and_wait("do bill")
    stats = reply(away).stats
    assert stats["cost"] == {"amount": 0.0042, "currency": "USD"}
    assert figures(stats) == "400 tokens · 300 of them thinking · 0.0042 USD · answered by another"
    away.ask_and_wait("do bill")
    away.wait(lambda: "0.0084 USD" in away.page.panel._cost.text())
    away.chat.new_chat()
    assert away.page.panel._cost.isHidden()


def test_silence_of_a_server_is_no_hang(away: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from app import engine_client

    monkeypatch.setattr(engine_client, "QUIET_LIMIT_S", 1)
    choose(away, PLAIN)
    away.ask_and_wait("do silent 2.5")
    assert reply(away).message.content == "at last"


# --- thinking --------------------------------------------------------------------------------------------------------


def test_a_thought_is_kept_and_never_said_again(away: Desk) -> None:
    choose(away, PLAIN)
    away.ask_and_wait("do think Hm well | Hello")
    assert (reply(away).thinking, reply(away).message.content) == ("Hm well ", "Hello")
    assert reply(away).stats["thinking_seconds"] >= 0
    shown = away.page.transcript._messages[reply(away).id]
    assert (shown.text, shown.thought.text) == ("Hello", "Hm well ")
    away.ask_and_wait("again")
    assert [message.content for message in away.begun[-1].history] == ["do think Hm well | Hello", "Hello", "again"]
    current = away.chat.current
    away.chat.new_chat()
    away.chat.open_chat(current)
    shown = away.page.transcript._messages[away.rows()[1].id]
    assert shown.thought is not None
    assert shown.thought.words() == "Thought for 1 s"


def test_a_reply_that_has_only_thought_is_kept(away: Desk) -> None:
    choose(away, PLAIN)
    away.ask_and_wait("do think Hm")
    assert (reply(away).thinking, reply(away).message.content, reply(away).state) == ("Hm ", "", "done")


def test_a_thought_survives_another_chat_while_it_lasts(away: Desk) -> None:
    choose(away, PLAIN)
    away.ask("do muse 2000 10")
    chat = away.chat.current
    away.wait(lambda: len(away.begun[-1].thoughts) > 2)
    away.chat.new_chat()
    away.chat.open_chat(chat)
    thought = away.page.transcript.streaming.thought
    assert thought.text.startswith("0 1 2 ")
    assert thought.since is not None
    before = len(thought.parts)
    away.wait(lambda: len(thought.parts) > before)
    away.chat.stop()
    away.wait_idle()
    away.wait(lambda: reply(away).state == "cancelled")
    assert reply(away).thinking == thought.text
    assert thought.since is None


def test_what_was_thought_when_the_window_closes_is_kept(away: Desk) -> None:
    choose(away, PLAIN)
    away.ask("do muse 2000 10")
    away.wait(lambda: len(away.begun[-1].thoughts) > 2)
    away.seedling.replies.close()
    away.wait(lambda: reply(away).state == "interrupted")
    assert reply(away).thinking.startswith("0 1 2 ")


def test_thoughts_are_shown_while_two_models_are_asked_side_by_side() -> None:
    from app.training.beside.kept import Kept
    from engine.chat.messages import Message

    kept = Kept()
    id = kept.add_message(1, Message("assistant", "")).result()
    kept.update_message(id, Message("assistant", "a"), thinking="Hm")
    kept.update_message(id, Message("assistant", "ab"))
    assert (kept.messages(1)[0].message.content, kept.messages(1)[0].thinking) == ("ab", "Hm")


# --- what can be set -------------------------------------------------------------------------------------------------


@pytest.fixture
def panel(qtbot: QtBot) -> SidePanel:
    panel = SidePanel()
    qtbot.add_widget(panel)
    return panel


def test_only_what_a_person_changes_is_given(panel: SidePanel) -> None:
    panel.set_parameters(Parameters("s", Sampling(temperature=0.123), given=frozenset({"seed"})))
    assert panel.parameters() == Parameters("s", Sampling(temperature=0.123), given=frozenset({"seed"}))
    panel.set_offers(frozenset({"temperature"}))
    assert panel.parameters().given == {"seed"}
    panel.temperature.stepUp()
    assert panel.parameters().given == {"seed", "temperature"}
    panel.temperature.setValue(panel.temperature.minimum())
    assert panel.parameters() == Parameters("s", given=frozenset({"seed"}))


def test_zero_can_be_set_where_it_means_something(panel: SidePanel) -> None:
    panel.set_offers(frozenset({"temperature", "top_k"}))
    for field in (panel.temperature, panel.top_k):
        field.setValue(0)
        assert field.text().startswith("0")
    parameters = panel.parameters()
    assert parameters.options({"temperature", "top_k"}) == {"temperature": 0.0, "top_k": 0}


def test_stepping_begins_where_the_value_stood(panel: SidePanel) -> None:
    panel.set_offers(frozenset({"temperature", "max_tokens"}))
    panel.temperature.stepUp()
    panel.max_tokens.stepUp()
    assert (panel.temperature.value(), panel.max_tokens.value()) == (0.8, 1024)


def test_what_can_be_set_is_said_to_be_unknown(panel: SidePanel) -> None:
    panel.set_offers(frozenset())
    assert panel._unknown.isVisibleTo(panel)
    panel.set_offers(None)
    assert not panel._unknown.isVisibleTo(panel)


def test_reset_gives_everything_back_to_the_server(panel: SidePanel) -> None:
    panel.set_offers(frozenset({"temperature"}))
    panel.temperature.setValue(1)
    panel._reset()
    assert panel.parameters().given == frozenset()


@pytest.mark.parametrize(
    ("stored", "given"),
    [
        ({"temperature": 0.5, "top_k": 40}, {"temperature"}),
        ({"temperature": 0.8, "given": ["temperature", "nonsense", 3]}, {"temperature"}),
        ({"context": 512, "max_tokens": None}, {"context"}),
        ({"given": "temperature"}, set()),
    ],
)
def test_what_was_given_is_read_again(stored: dict[str, Any], given: set[str]) -> None:
    parameters = Parameters.from_json("", stored)
    assert parameters.given == given
    assert Parameters.from_json("", parameters.to_json()) == parameters


# --- words -----------------------------------------------------------------------------------------------------------


def test_every_failure_of_a_provider_has_a_way_on() -> None:
    for code in (code for code in MESSAGES if code.startswith("provider_")):
        assert notice(EngineError(code)).remedies, code
    for code in ("provider_key_missing", "provider_key_wrong", "key_variable_empty", "vault_closed", "keyring_silent"):
        assert Remedy.ENTER_KEY in notice(EngineError(code)).remedies
    for code in ("provider_unreachable", "provider_plain", "provider_redirect", "provider_unknown"):
        assert Remedy.SHOW_SERVERS in notice(EngineError(code)).remedies
    assert Remedy.NEW_CHAT in notice(EngineError("provider_too_long")).remedies
    assert Remedy.RETRY not in notice(EngineError("provider_stays")).remedies
    assert Remedy.RETRY not in notice(EngineError("provider_cannot_continue")).remedies


@pytest.mark.parametrize(
    ("amount", "words"),
    [(0, "0.00 USD"), (0.0042, "0.0042 USD"), (0.000012, "0.000012 USD"), (0.5, "0.50 USD"), (12.345, "12.35 USD")],
)
def test_small_sums_are_told(amount: float, words: str) -> None:
    assert money(amount, "USD") == words


def test_a_continued_reply_costs_both() -> None:
    def dollars(amount: float) -> dict[str, Any]:
        return {"cost": {"amount": amount, "currency": "USD"}}

    assert with_earlier(dollars(0.5), dollars(0.25))["cost"]["amount"] == 0.75
    assert with_earlier(dollars(0.5), {"cost": {"amount": 1, "currency": "EUR"}})["cost"]["amount"] == 0.5
