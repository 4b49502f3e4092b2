"""Every text of the window comes through the translator."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QLocale
from PySide6.QtWidgets import QApplication, QLabel, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot
from scripted_servers import ADDRESSES
from training_states import TRAININGS
from window_checks import Brackets, untranslated
from window_states import TITLE, states

from app.help import guide
from app.providers.texts import SERVICES, host_of, kind_name
from app.settings.texts import breakable
from engine import about, paths
from engine.library import catalogue
from engine.providers.base import KINDS
from engine.settings import OPTIONS

Desk = Any  # tests/app/conftest.py

# What people and files named, and a mark of ours that is no word.
_MODELS = ("starter (in-house)", "starter", "slow", "refuse", "crash", "hang", "gone", "its file is missing.")
_FILES = ("/\u200bmodels/\u200b", ".gguf", "bf16", "MXFP4", "MB", "GB")
_CATALOGUE = tuple(name for model in catalogue.models() for name in (model.title, model.repo, model.licence))
_ADDRESSES = (*SERVICES.values(), *ADDRESSES, "https://api.example.com", "http://127.0.0.1:1/gone")
_KINDS = tuple(kind_name(kind) for kind in KINDS if kind != "compatible")
_SERVERS = (*_KINDS, *map(breakable, _ADDRESSES), *_ADDRESSES, *map(host_of, _ADDRESSES), "locked", "far")
_PARTS = tuple(text for part in about.parts() for text in part)
_UPDATES = (*_PARTS, "CPU : SSE3, AVX2", "slow.AppImage", "wrong.tar.gz", ".deb")
_GUIDE = tuple(chapter.title for chapter in guide.read("en"))
_LANGUAGES = tuple(QLocale(code).nativeLanguageName() for code in OPTIONS["language"].choices if code != "system")
DATA = (
    *_LANGUAGES,
    *_UPDATES,
    *_GUIDE,
    *_CATALOGUE,
    *_SERVERS,
    *catalogue.LICENCES.values(),
    TITLE,
    *TRAININGS,
    *_MODELS,
    "QQQ",
    "qqqq",
    *_FILES,
)


@pytest.fixture
def brackets(qapp: QApplication) -> Iterator[None]:
    translator = Brackets()
    qapp.installTranslator(translator)
    yield
    qapp.removeTranslator(translator)


def test_every_text_is_translated(brackets: None, open_desk: Callable[[], Desk]) -> None:
    desk = open_desk()
    faults = {}
    for name, widget in states(desk):
        if found := untranslated(widget, (*DATA, str(paths.home()))):
            faults[name] = found
        assert "«" in desk.page.composer.field.placeholderText()
    assert faults == {}


def test_the_transcript_and_its_menu_are_translated(brackets: None, open_desk: Callable[[], Desk]) -> None:
    desk = open_desk()
    desk.ask_and_wait(TITLE)
    desk.page.transcript.settle()
    text = desk.page.transcript.toPlainText()
    assert "«You»" in text
    assert "«stop»" in text or "tok" not in text


def test_the_check_finds_a_text_of_its_own(brackets: None, qtbot: QtBot) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    column = QVBoxLayout(widget)
    label = QLabel(QCoreApplication.translate("test", "Hello"))
    column.addWidget(label)
    widget.show()
    assert untranslated(widget) == []
    for spoil in (
        lambda: label.setText("Hello"),
        lambda: label.setToolTip("Help (Ctrl+H)"),
        lambda: label.setAccessibleName("«Name» of it"),
    ):
        label.setText("«Hello»")
        spoil()
        assert len(untranslated(widget)) == 1
        label.setText("«Hello»")
        label.setToolTip("")
        label.setAccessibleName("")
    label.setToolTip("«Help» («Ctrl»«+»H)")
    label.setText("42 %")
    assert untranslated(widget) == []
