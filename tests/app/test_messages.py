"""Errors for people: every code has its sentence, its words fill in, and the buttons fit."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QTranslator
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from app import messages
from app.messages import Notice, Remedy
from app.widgets.buttons import IconButton
from app.widgets.notice_bar import NoticeBar
from engine.errors import MESSAGES, EngineError, describe
from engine.events import Failed


@pytest.mark.parametrize("code", MESSAGES)
def test_every_error_reads_as_on_the_command_line(qapp: QApplication, code: str) -> None:
    data = {"place": "here", "reason": "so", "name": "<b>x</b> {y}"}
    assert messages.sentence(code, data) == describe(code, data)
    assert messages.notice(Failed(code, data)).text


def test_an_unknown_code_is_a_bug_of_ours(qapp: QApplication) -> None:
    assert messages.sentence("no_such_code", {}) == describe("bug", {})


def test_a_translation_is_used(qapp: QApplication) -> None:
    class German(QTranslator):
        def isEmpty(self) -> bool:
            return False

        def translate(self, context: str, source: str, _comment: str | None = None, _n: int = -1) -> str | None:
            return "{place} gibt es nicht." if (context, source) == ("engine", "{place} does not exist.") else None

    translator = German()
    QCoreApplication.installTranslator(translator)
    try:
        assert messages.sentence("not_found", {"place": "x.gguf"}) == "x.gguf gibt es nicht."
    finally:
        QCoreApplication.removeTranslator(translator)


def test_details_can_be_copied_where_there_are_any() -> None:
    assert Remedy.COPY not in messages.notice(EngineError("worker_died", reason="x")).remedies
    assert messages.notice(EngineError("worker_died", "stack", reason="x")).remedies[-1] is Remedy.COPY


def test_the_bar_says_it_and_offers_what_helps(qtbot: QtBot) -> None:
    bar = NoticeBar()
    qtbot.add_widget(bar)
    assert bar.text == ""
    bar.show_notice(Notice("Something.", (Remedy.RETRY, Remedy.COPY), "the details"))
    (retry,) = bar.findChildren(QPushButton)
    next(button for button in bar.findChildren(IconButton) if button.accessibleName() == "Copy details").click()
    assert QGuiApplication.clipboard().text() == "the details"
    assert bar.text == "Something."
    with qtbot.wait_signal(bar.remedy_chosen) as chosen:
        retry.click()
    assert chosen.args == [Remedy.RETRY]
    assert bar.text == ""
    bar.show_notice(Notice("Another."))
    qtbot.wait_until(lambda: bar.findChildren(QPushButton) == [])


def test_what_a_model_s_settings_are_to_blame_for_leads_to_them(desk: Any) -> None:
    for code in ("cache_unfit", "draft_model_missing", "no_gpu", "not_lockable", "adapter_not_loaded"):
        assert Remedy.MODEL_SETTINGS in messages.notice(EngineError(code)).remedies
    view = desk.seedling.models_page.local
    desk.chat.choose_model("slow")
    desk.page.notice.remedy_chosen.emit(Remedy.MODEL_SETTINGS)
    assert desk.window.current_page == "models"
    desk.wait(view.detail.settings.button.isChecked)
    assert view.detail.model.name == "slow"
