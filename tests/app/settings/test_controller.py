"""What the page of settings does: it sets, saves, says, backs up, deletes."""

from __future__ import annotations

import errno
import json
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QPushButton

from app.settings.privacy import DeleteDialog
from engine import log, paths
from engine.chat import backups, kept_states
from engine.chat.messages import Asked
from engine.runtime.saved_state import State
from engine.settings import Settings

Desk = Any  # tests/app/settings/conftest.py


def test_what_is_chosen_is_kept_and_told(desk: Desk) -> None:
    desk.page.option_changed.emit("theme", "contrast")
    assert desk.settings.text("theme") == "contrast"  # at once
    desk.wait_saved("theme")
    assert Settings().text("theme") == "contrast"
    desk.page.option_changed.emit("theme", "contrast")
    desk.page.option_changed.emit("motion", False)
    desk.wait_saved("motion")
    assert desk.changed == ["theme", "motion"]  # the same again is no change


def test_what_cannot_be_kept_goes_back_and_says_so(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def full() -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "settings.json")

    monkeypatch.setattr(desk.settings, "save", full)
    desk.page.option_changed.emit("font_percent", 200)
    desk.wait(lambda: "disk is full" in desk.page.notice.text)
    assert desk.settings.number("font_percent") == 100
    assert desk.page.option_rows["font_percent"].control.value() == 100  # type: ignore[attr-defined]


def test_what_the_file_held_wrongly_is_said(open_desk: Callable[[], Desk], home: Path) -> None:
    (home / "settings.json").write_text(json.dumps({"font_percent": 20, "hologram": 1}))
    desk = open_desk()
    assert "font_percent" in desk.page.notice.text
    assert "hologram" in desk.page.notice.text


def test_without_trouble_nothing_is_said(desk: Desk) -> None:
    assert desk.page.notice.text == ""


def test_the_detail_of_the_logs_changes_at_once(desk: Desk) -> None:
    loggers = [logging.getLogger(name) for name in ("engine", "app")]
    before = [(logger.handlers, logger.level, logger.propagate) for logger in loggers]
    try:
        desk.page.option_changed.emit("log_level", "detailed")
        desk.wait_saved("log_level")
        logging.getLogger("app").debug("a detail")
        assert "a detail" in "".join(path.read_text() for path in paths.logs().glob("window-*.log"))
    finally:
        for logger, (handlers, level, propagate) in zip(loggers, before, strict=True):
            for handler in logger.handlers:
                handler.close()
            logger.handlers, logger.propagate = handlers, propagate
            logger.setLevel(level)


def test_what_is_kept_of_chats_is_shown_and_deleted(desk: Desk) -> None:
    row = desk.page.kept_states
    desk.controller.refresh()
    desk.wait(lambda: row.amount.text() == "0 chats, 0\xa0bytes")
    assert not row.delete_button.isEnabled()
    assert kept_states.keep(Asked(1, time.time()), {}, State({}, [1], b"x" * 5000))
    desk.controller.refresh()
    desk.wait(lambda: row.amount.text().startswith("1 chat, 5."))
    row.delete_button.click()
    desk.wait(lambda: "is deleted: 5." in desk.page.notice.text)
    desk.wait(lambda: row.amount.text() == "0 chats, 0\xa0bytes")
    assert kept_states.measure() == (0, 0)


def test_old_logs_are_deleted(desk: Desk) -> None:
    paths.logs().mkdir(exist_ok=True)
    old = paths.logs() / f"worker-{2**22 + 1}-1.log"
    old.write_bytes(b"x" * 5000)
    desk.page.logs.delete_button.click()
    desk.wait(lambda: "5.0\xa0kB" in desk.page.notice.text)
    assert not old.exists()
    assert log.FILE_BYTES


# --- backups ---------------------------------------------------------------------------------------------------------


def test_the_first_start_of_a_day_makes_a_backup_and_a_button_makes_more(desk: Desk) -> None:
    desk.wait(lambda: desk.page.backups.list.count() == 1)
    desk.store.create_chat("kept").result()
    desk.wait(desk.page.backups.make_button.isEnabled)
    desk.page.backups.make_button.click()
    desk.wait(lambda: desk.page.backups.list.count() == 2)
    assert len(backups.found()) == 2


def test_none_is_made_where_none_is_wanted(open_desk: Callable[[], Desk], home: Path) -> None:
    (home / "settings.json").write_text('{"keep_backups": 0}')
    desk = open_desk()
    desk.wait(desk.page.backups.make_button.isEnabled)
    assert backups.found() == []
    assert desk.page.backups.list.isHidden()
    desk.page.backups.make_button.click()  # the person may
    desk.wait(lambda: desk.page.backups.list.count() == 1)


def test_trouble_with_a_backup_is_said(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.wait(lambda: desk.page.backups.list.count() == 1)
    (paths.backups() / "x").touch()
    monkeypatch.setattr(paths, "backups", lambda: desk.store.path / "no folder")
    desk.page.backups.make_button.click()
    desk.wait(lambda: desk.page.notice.text)
    desk.wait(desk.page.backups.make_button.isEnabled)


def test_putting_back_waits_for_the_next_start_and_can_be_taken_back(
    desk: Desk, answer: Callable[[str], list[str]]
) -> None:
    shown = desk.page.backups
    desk.wait(lambda: shown.list.count() == 1)
    assert not shown.restore_button.isEnabled()
    shown.list.setCurrentRow(0)
    said = answer("Cancel")
    shown.restore_button.click()
    assert desk.settings.text("restore") == ""
    answer("Put it back")
    shown.restore_button.click()
    assert "present chats are kept" in said[0]
    desk.wait(lambda: "starts next" in shown.list.item(0).text())
    desk.wait(lambda: Settings().text("restore") == backups.found()[0].path.name)
    shown.keep_button.click()
    desk.wait(lambda: shown.list.count() and "starts next" not in shown.list.item(0).text())
    desk.wait(lambda: Settings().text("restore") == "")


# --- deleting --------------------------------------------------------------------------------------------------------


def open_dialog(desk: Desk) -> DeleteDialog:
    desk.page.privacy.delete_button.click()
    (dialog,) = desk.page.findChildren(DeleteDialog)
    assert isinstance(dialog, DeleteDialog)
    return dialog


def test_all_chats_go_only_where_the_word_is_written(desk: Desk) -> None:
    asked: list[bool] = []
    desk.controller.delete_chats_requested.connect(lambda: asked.append(True))
    dialog = open_dialog(desk)
    assert not dialog.delete_button.isEnabled()
    desk.qtbot.keyClicks(dialog.field, "dele")
    dialog.accept()
    assert (dialog.isVisible(), asked) == (True, [])
    desk.qtbot.keyClicks(dialog.field, "te")
    dialog.delete_button.click()
    assert (dialog.isVisible(), asked) == (False, [True])
    QApplication.processEvents()
    desk.wait(lambda: len(backups.found()) == 1)  # nobody asked for these


def test_backups_go_where_that_is_asked_for(desk: Desk) -> None:
    desk.wait(lambda: desk.page.backups.list.count() == 1)
    dialog = open_dialog(desk)
    dialog.field.setText("Delete")
    dialog.backups.setChecked(True)
    dialog.accept()
    desk.wait(lambda: desk.page.backups.list.isHidden())
    assert backups.found() == []


def test_cancel_deletes_nothing(desk: Desk) -> None:
    asked: list[bool] = []
    desk.controller.delete_chats_requested.connect(lambda: asked.append(True))
    dialog = open_dialog(desk)
    dialog.field.setText("delete")
    next(button for button in dialog.findChildren(QPushButton) if "Cancel" in button.text()).click()
    assert asked == []


def test_what_is_written_where_is_listed(desk: Desk, home: Path) -> None:
    said = desk.page.privacy._written.sentence.text().replace("\u200b", "")
    states = home / "cache" / "states"
    for place in (
        desk.store.path,
        home / "backups",
        states,
        home / "settings.json",
        home / "models.json",
        home / "logs",
    ):
        assert str(place) in said
