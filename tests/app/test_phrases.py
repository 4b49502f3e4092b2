"""What the engine says comes to the window in the person's language."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale, QTranslator
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app import messages
from app.engine_client import EngineClient
from app.phrases import filled, said
from engine import hardware
from engine.errors import EngineError
from engine.events import Event, Log
from engine.phrases import Phrase, listed, phrase

GERMAN = {
    "it holds {count:,} rows": "es enthält {count:,} Zeilen",
    "it is damaged": "sie ist beschädigt",
    "{first} and {last}": "{first} und {last}",
    "The chats in {place} cannot be read: {reason}.": "Die Chats in {place} sind nicht lesbar: {reason}.",
}


class German(QTranslator):
    def isEmpty(self) -> bool:
        return False

    def translate(self, context: str, source: str, _comment: str | None = None, _n: int = -1) -> str | None:
        return GERMAN.get(source) if context == "engine" else None


@pytest.fixture
def german(qapp: QApplication) -> Iterator[None]:
    translator = German()
    qapp.installTranslator(translator)
    QLocale.setDefault(QLocale("de_DE"))
    yield
    qapp.removeTranslator(translator)


def test_a_phrase_is_said_in_the_person_s_language_with_its_numbers(german: None) -> None:
    assert said(phrase("it holds {count:,} rows", count=12345)) == "es enthält 12.345 Zeilen"


@pytest.mark.parametrize(
    ("count", "text"),
    [(999, "999 bytes"), (1_240_000_000, "1,2 GB"), (350_000_000, "350 MB"), (2 * 10**12, "2.000 GB")],
)
def test_sizes_are_written_as_the_language_writes_them(german: None, count: int, text: str) -> None:
    assert said(hardware.size_text(count)) == text


def test_advice_writes_its_numbers_so_too(german: None) -> None:
    assert "1.234 bytes" in messages.advice("little_text", {"found": 1234, "wanted": 100_000})[0]
    assert "0,25" in messages.advice("nothing_learnt", {"loss": 0.25, "first": 1}, 7)[0]


def test_what_stands_inside_a_phrase_is_said_too(german: None) -> None:
    assert said(listed(["a", phrase("it is damaged")])) == "a und sie ist beschädigt"


def test_names_stay_as_they_are(german: None) -> None:
    assert said("it is damaged") == "it is damaged"
    assert said(phrase("it lacks {name}", name="x {y}")) == "it lacks x {y}"


def test_the_reason_of_an_error_is_said_in_its_language(german: None) -> None:
    error = EngineError("store_damaged", place="x.db", reason=phrase("it is damaged"))
    assert messages.sentence(error.code, error.data).startswith(
        "Die Chats in x.db sind nicht lesbar: sie ist beschädigt."
    )
    assert said(str(error)) == messages.sentence(error.code, error.data)


def test_a_template_names_values_and_reaches_no_further(qapp: QApplication) -> None:
    """What fills it in has come from a process that reads other people's files."""
    assert filled("{place.__class__} {place[0]}", {"place": "x"}) == " "
    assert filled("{gone} {count:,}", {}) == " "


def test_what_a_worker_says_is_in_the_person_s_language(german: None, qtbot: QtBot) -> None:
    client = EngineClient([sys.executable, str(Path(__file__).parent.parent / "scripted_worker.py")])
    heard: list[Event] = []
    handle = client.submit("chat", {"do": "explain"})
    handle.reported.connect(heard.append)
    with qtbot.wait_signal(handle.done):
        pass
    client.close()
    (warning,) = heard
    assert warning == Log("warning", "es enthält 1.000 Zeilen")
    assert isinstance(warning, Log)
    assert not isinstance(warning.text, Phrase)
