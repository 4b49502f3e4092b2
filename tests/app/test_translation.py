"""Translations: what a text needs filled in stays, what is loaded is what was written, and a language is a choice."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from PySide6.QtCore import QCoreApplication, QLocale, QTranslator
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from app import translation
from app.chat.welcome import Welcome
from app.first_steps.view import FirstSteps
from app.settings.page import SettingsPage
from engine import paths
from engine.settings import IN_PART, OPTIONS, Settings

FILES = sorted(paths.resource("translations").glob("*.ts"))
PLACES = re.compile(r"\{[^}]*\}|%n|%\d")
WHOLE = ("FirstSteps", "FirstStepsController", "Welcome", "catalogue")  # of the first view, which no language lacks


class Text(NamedTuple):
    context: str
    source: str
    translated: str


def texts(path: Path) -> list[Text]:
    """What a file has, translated or not."""
    return [
        Text(context.findtext("name") or "", message.findtext("source") or "", message.findtext("translation") or "")
        for context in ElementTree.parse(path).iter("context")
        for message in context.iter("message")
    ]


def faults(text: Text) -> list[str]:
    """What is wrong with a translation."""
    wanted, found = (sorted(PLACES.findall(each)) for each in (text.source, text.translated))
    wrong = [f"{wanted} is {found}"] if wanted != found else []
    ends = [each.rstrip().endswith("…") for each in (text.source, text.translated)]
    return [*wrong, "dots"] if ends[0] != ends[1] else wrong


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_what_is_filled_in_is_filled_in_in_every_language(path: Path) -> None:
    done = [text for text in texts(path) if text.translated]
    assert len(done) > 300
    assert {text.source: found for text in done if (found := faults(text))} == {}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_what_is_loaded_is_what_was_written(qapp: QApplication, path: Path) -> None:
    translator = QTranslator()
    assert translator.load(path.stem, str(path.parent))
    for context, source, translated in texts(path):
        assert (translator.translate(context, source) or "") == translated


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_first_view_is_whole_in_every_language(path: Path) -> None:
    left = [text.source for text in texts(path) if text.context in WHOLE and not text.translated]
    assert left == []
    assert {text.context for text in texts(path)} >= set(WHOLE)


@pytest.mark.parametrize(
    ("source", "translated", "is_good"),
    [
        ("{count} models of {programs}", "{count} Modelle von {programs}", True),
        ("{count} models of {programs}", "Modelle von {programs}", False),
        ("{count} models", "{anzahl} Modelle", False),
        ("%n files, {size}", "Dateien, {size}", False),
        ("Connect…", "Verbinden", False),
    ],
)
def test_the_check_sees_what_is_missing(source: str, translated: str, is_good: bool) -> None:
    assert (faults(Text("x", source, translated)) == []) is is_good


# --- which one -------------------------------------------------------------------------------------------------------


@pytest.fixture
def application(qapp: QApplication) -> Iterator[QApplication]:
    """Afterwards it speaks English again."""
    before = set(qapp.findChildren(QTranslator))
    yield qapp
    for translator in set(qapp.findChildren(QTranslator)) - before:
        qapp.removeTranslator(translator)
        translator.deleteLater()


def speak(application: QApplication, language: str) -> None:
    settings = Settings()
    settings.set("language", language)
    translation.install(application, settings)


def test_every_shipped_language_can_be_chosen() -> None:
    shipped = {path.stem.removeprefix("seedling_") for path in FILES}
    assert shipped == set(OPTIONS["language"].choices) - {"system", "en"}
    assert shipped >= IN_PART


def test_the_window_speaks_the_language_that_is_chosen(application: QApplication, home: Path, qtbot: QtBot) -> None:
    speak(application, "de")
    steps, welcome, page = FirstSteps(), Welcome(), SettingsPage()
    for widget in (steps, welcome, page):
        qtbot.add_widget(widget)
    said = {label.text() for widget in (steps, welcome, page) for label in widget.findChildren(QLabel)}
    assert said >= {"Richte dich ein", "Worüber wollen wir reden?", "Einstellungen", "Schriftgröße"}
    assert QCoreApplication.translate("QPlatformTheme", "Cancel") == "Abbrechen"  # of Qt's own


@pytest.mark.parametrize("language", ["en", "system"])
def test_english_needs_no_translator(
    application: QApplication, home: Path, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setattr(QTranslator, "load", lambda *_: pytest.fail("loaded"))
    speak(application, language)


@pytest.mark.parametrize(
    ("in_part", "spoken", "code"),
    [
        (frozenset({"de"}), ["de-DE", "de"], "en"),
        (frozenset(), ["de-DE", "de"], "de"),
        (frozenset(), ["fr-FR", "de_AT", "en"], "de"),
        (frozenset(), ["en-US", "de"], "en"),
        (frozenset(), [], "en"),
    ],
)
def test_the_system_s_language_is_taken_where_all_is_translated(
    monkeypatch: pytest.MonkeyPatch, in_part: frozenset[str], spoken: list[str], code: str
) -> None:
    monkeypatch.setattr(translation, "IN_PART", in_part)
    monkeypatch.setattr(QLocale, "uiLanguages", lambda _: spoken)
    assert translation._chosen("system") == code


def test_a_translation_that_is_gone_leaves_english(
    application: QApplication, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    monkeypatch.setattr(paths, "resource", lambda name: tmp_path / name)
    speak(application, "de")
    monkeypatch.undo()
    welcome = Welcome()
    qtbot.add_widget(welcome)
    assert "What shall we talk about?" in {label.text() for label in welcome.findChildren(QLabel)}
