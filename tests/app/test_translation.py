"""Translations: what a text needs filled in stays, what is loaded is what was written, and a language is a choice."""

from __future__ import annotations

import ast
import re
import shutil
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
from app.figures import decimal
from app.first_steps.view import FirstSteps
from app.settings.page import SettingsPage
from engine import paths
from engine.settings import OPTIONS, Settings
from tools import translations

FILES = sorted(paths.resource("translations").glob("*.ts"))
PLACES = re.compile(r"\{[^}]*\}|%n|%\d")


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
    """What is wrong with a translation. Dots at its end tell of a menu's entry that it asks further."""
    wanted, found = (sorted(PLACES.findall(each)) for each in (text.source, text.translated))
    wrong = [f"{wanted} is {found}"] if wanted != found else []
    ends = [each.rstrip().endswith("…") and not each.endswith(", …") for each in (text.source, text.translated)]
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
def test_every_text_of_the_program_is_translated(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the source is now; `python tools/translations.py` adds what is new to the file."""
    monkeypatch.setattr(translations, "FOLDER", tmp_path)
    shutil.copy(path, tmp_path)
    translations.update(path.stem.removeprefix("seedling_"))
    now = texts(tmp_path / path.name)
    assert [text.source for text in now if not text.translated] == []
    assert {text.source for text in texts(path)} == {text.source for text in now}
    assert {text.context for text in now} > {"engine", "settings", "catalogue", "recipe", "Welcome"}


def hidden(source: str, known: set[str]) -> list[str]:
    """Texts that are given to the translator where Qt's extraction does not look: by another name, in an f-string."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in ("tr", "translate"):
            written = [isinstance(part, ast.Constant) and isinstance(part.value, str) for part in node.args[:2]]
            if written and written[-1] and not (all(written) and ast.literal_eval(node.args[:2][-1]) in known):
                found.append(ast.unparse(node))
    return found


def test_no_text_is_hidden_from_the_extraction() -> None:
    for path in FILES:
        known = {text.source for text in texts(path)}
        sources = sorted((translations.ROOT / "app").rglob("*.py"))
        found = {each.name: lost for each in sources if (lost := hidden(each.read_text(encoding="utf-8"), known))}
        assert found == {}


@pytest.mark.parametrize(
    "source",
    ["translate = self.tr\ntranslate('New')", "f\"{translate('x', 'New')}\"", "translate(CONTEXT, 'Old')"],
)
def test_the_check_sees_what_is_hidden(source: str) -> None:
    assert len(hidden(source, {"Old"})) == 1
    assert hidden("self.tr('Old'); QCoreApplication.translate('x', 'Old'); painter.translate(0, 1)", {"Old"}) == []


def test_the_engine_s_templates_are_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert "{first} and {last}" in set(translations.templates())
    (tmp_path / "engine").mkdir()
    monkeypatch.setattr(translations, "ROOT", tmp_path)
    for source, found in (('phrase("it is " "empty", x=1)', ["it is empty"]), ('one_or_many(n, "1", "2")', ["1", "2"])):
        (tmp_path / "engine" / "x.py").write_text(source)
        assert list(translations.templates()) == found
    (tmp_path / "engine" / "x.py").write_text('phrase(f"it is {x}")')
    with pytest.raises(ValueError, match=r"x\.py, line 1"):
        list(translations.templates())


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
    ("spoken", "code"),
    [
        (["de-DE", "de"], "de"),
        (["fr-FR", "de_AT", "en"], "de"),
        (["en-US", "de"], "en"),
        (["fr-FR"], "en"),
        ([], "en"),
    ],
)
def test_the_system_s_language_is_taken_where_it_is_shipped(
    monkeypatch: pytest.MonkeyPatch, spoken: list[str], code: str
) -> None:
    monkeypatch.setattr(QLocale, "uiLanguages", lambda _: spoken)
    assert translation._chosen("system") == code


@pytest.mark.parametrize(
    ("option", "system", "like"),
    [
        ("de", "en_US", "de_DE"),
        ("en", "de_DE", "en_US"),
        ("de", "de_CH", "de_CH"),
        ("system", "de_DE", "de_DE"),
        ("system", "fr_FR", "fr_FR"),  # which is not shipped
    ],
)
def test_figures_are_written_as_the_language_writes_them(
    application: QApplication, home: Path, monkeypatch: pytest.MonkeyPatch, option: str, system: str, like: str
) -> None:
    monkeypatch.setattr(QLocale, "system", lambda: QLocale(system))
    speak(application, option)
    assert decimal(1234.5, 1) == QLocale(like).toString(1234.5, "f", 1)


def test_a_translation_that_is_gone_leaves_english(
    application: QApplication, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    monkeypatch.setattr(paths, "resource", lambda name: tmp_path / name)
    speak(application, "de")
    monkeypatch.undo()
    welcome = Welcome()
    qtbot.add_widget(welcome)
    assert "What shall we talk about?" in {label.text() for label in welcome.findChildren(QLabel)}
