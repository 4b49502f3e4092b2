"""About Seedling as a person uses it: from where it is opened, what it says, and newer versions."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QAction, QDesktopServices
from PySide6.QtWidgets import QMessageBox

from app.about.dialog import AboutDialog
from app.about.menu import application_menu
from app.about.updates import Phase
from app.messages import Remedy
from engine import about, licences
from engine.errors import EngineError

Desk = Any  # tests/app/conftest.py


@pytest.fixture
def opened(desk: Desk) -> AboutDialog:
    desk.seedling.actions.run("about")
    return desk.window.findChild(AboutDialog)


def script(home: Path, what: str) -> None:
    (home / "updates.script").write_text(what)


def look(desk: Desk, dialog: AboutDialog, home: Path, what: str) -> str:
    """Press the button; what is said then."""
    script(home, what)
    dialog.updates.look_button.click()
    desk.wait(lambda: not desk.seedling.updates.busy)
    return dialog.updates.says.text()


def package(dialog: AboutDialog, name: str) -> Any:
    return next(button for button in dialog.updates.package_buttons() if name in button.text())


# --- what it says -----------------------------------------------------------------------------------------------------


def test_it_says_what_it_is_and_what_it_is_made_of(opened: AboutDialog) -> None:
    assert opened._name.text() == f"Seedling {about.version()}"
    shown = {fact.text() for fact in opened._facts._facts}
    assert {part.version for part in about.parts()} == shown
    assert {row.place.text() for row in opened.places} == {str(path) for path in about.folders().values()}


def test_the_variant_of_llama_is_told_by_a_worker(desk: Desk, opened: AboutDialog) -> None:
    desk.wait(lambda: bool(opened.processor.text()))
    assert opened.processor.text() == "ZZ: CPU : SSE3, AVX2"


def test_it_opens_once_and_again(desk: Desk, opened: AboutDialog) -> None:
    desk.seedling.actions.run("about")
    assert desk.window.findChildren(AboutDialog) == [opened]
    opened.reject()
    desk.qtbot.wait_until(lambda: not desk.window.findChildren(AboutDialog))
    desk.seedling.actions.run("about")
    assert len(desk.window.findChildren(AboutDialog)) == 1


def test_the_settings_and_the_palette_lead_to_it(desk: Desk) -> None:
    desk.seedling.settings_page.about.button.click()
    assert desk.window.findChild(AboutDialog).isVisible()
    desk.window.findChild(AboutDialog).reject()
    desk.seedling.actions.run("palette")
    desk.seedling.palette.field.setText("about")
    desk.qtbot.wait_until(lambda: "About Seedling" in desk.seedling.palette.list.currentIndex().data())


def test_macos_finds_it_in_its_menu(desk: Desk) -> None:
    bar = application_menu(desk.seedling.actions)
    entries = {action.menuRole(): action for action in bar.actions()[0].menu().actions()}
    assert set(entries) == {QAction.MenuRole.AboutRole, QAction.MenuRole.PreferencesRole, QAction.MenuRole.QuitRole}
    entries[QAction.MenuRole.AboutRole].trigger()
    assert desk.window.findChild(AboutDialog).isVisible()
    bar.deleteLater()


def test_the_licences_are_read_when_they_are_wanted(
    desk: Desk, opened: AboutDialog, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    rows = [licences.Licence("Apple", "1", "MIT", "Take it."), licences.Licence("Pear", "2", "BSD", "")]
    monkeypatch.setattr(licences, "collected", lambda: read.append(1) or rows)
    desk.qtbot.wait(50)
    assert read == []
    opened.views.button("licences").click()
    view = opened.licences
    desk.wait(lambda: view.list.count() == 2)
    assert (view.name.text(), view.licence.text(), view.text.toPlainText()) == ("Apple 1", "MIT", "Take it.")
    view.list.setCurrentRow(1)
    assert "no text" in view.text.toPlainText()
    view.search.setText("mit")
    assert [view.list.item(row).text() for row in range(view.list.count())] == ["Apple 1"]
    view.search.setText("plum")
    assert view.says.text() == "Nothing found"
    assert view.text.toPlainText() == ""
    opened.views.button("seedling").click()
    opened.views.button("licences").click()
    assert read == [1]


def test_a_list_of_licences_that_is_broken_is_said(
    desk: Desk, opened: AboutDialog, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> list[licences.Licence]:
        raise EngineError("cannot_read", place="licences.json", reason="it is damaged")

    monkeypatch.setattr(licences, "collected", broken)
    opened.show_view("licences")
    desk.wait(lambda: "licences.json" in opened.licences.says.text())


# --- newer versions ---------------------------------------------------------------------------------------------------


def test_nothing_is_looked_for_until_the_button_is_pressed(desk: Desk, opened: AboutDialog) -> None:
    desk.wait(lambda: bool(opened.processor.text()))  # the worker has done all that it was asked
    assert desk.seedling.updates.phase is Phase.IDLE
    assert "until you ask" in opened.updates.says.text()


def test_what_changed_is_shown_and_nothing_of_it_is_loaded(desk: Desk, opened: AboutDialog, home: Path) -> None:
    assert "9.0.0" in look(desk, opened, home, "newer")
    desk.wait(lambda: "ZZ" in opened.updates.changes.toPlainText())
    assert "<b>" not in opened.updates.changes.toPlainText()
    assert opened.updates.changes.loadResource(2, QUrl("https://example.org/x.png")).isNull()
    opened.updates.changes.show_card("[ZZ](https://example.org/ZZ)")
    desk.wait(lambda: opened.updates.changes.toPlainText().strip() == "ZZ")
    opened.updates.changes.setFocus()
    desk.qtbot.keyClick(opened.updates.changes, Qt.Key.Key_Tab)  # the link
    desk.qtbot.keyClick(opened.updates.changes, Qt.Key.Key_Tab)
    assert not opened.updates.changes.hasFocus()
    opened.updates.changes.link_activated.emit("https://example.org/ZZ")
    box = opened.findChild(QMessageBox)  # which asks first
    assert "https://example.org/ZZ" in box.informativeText()
    box.reject()


def test_a_file_comes_when_it_is_asked_for(
    desk: Desk, opened: AboutDialog, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    look(desk, opened, home, "newer")
    assert [button.text().split()[0] for button in opened.updates.package_buttons()] == [
        "ZZ.deb",
        "slow.AppImage",
        "wrong.tar.gz",
    ]
    package(opened, "ZZ.deb").click()
    desk.wait(lambda: desk.seedling.updates.phase is Phase.HERE)
    assert "install it as you installed this one" in opened.updates.says.text()
    assert opened.updates.note.text().replace("\u200b", "") == "/ZZ/ZZ.deb"
    shown: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", shown.append)
    opened.updates.open_button.click()
    assert shown == [QUrl.fromLocalFile("/ZZ")]


def test_a_download_is_stopped_and_goes_on(desk: Desk, opened: AboutDialog, home: Path) -> None:
    look(desk, opened, home, "newer")
    package(opened, "slow").click()
    desk.wait(lambda: "150\xa0MB of 300\xa0MB" in opened.updates.note.text())
    assert not opened.updates.look_button.isVisible()
    opened.updates.stop_button.click()
    desk.wait(lambda: desk.seedling.updates.phase is Phase.TOLD)
    assert package(opened, "slow").isVisible()


def test_a_download_goes_on_while_the_window_of_it_is_closed(desk: Desk, opened: AboutDialog, home: Path) -> None:
    look(desk, opened, home, "newer")
    package(opened, "slow").click()
    desk.wait(lambda: desk.seedling.updates.done > 0)
    opened.reject()
    desk.seedling.actions.run("about")
    again = next(dialog for dialog in desk.window.findChildren(AboutDialog) if dialog is not opened)
    assert again.updates.stop_button.isVisible()
    again.updates.stop_button.click()
    desk.wait(lambda: not desk.seedling.updates.busy)


def test_what_fails_is_a_sentence_and_can_be_tried_again(desk: Desk, opened: AboutDialog, home: Path) -> None:
    look(desk, opened, home, "newer")
    package(opened, "wrong").click()
    desk.wait(lambda: desk.seedling.updates.phase is Phase.FAILED)
    assert "wrong bytes 3 times" in opened.updates.says.text()
    assert package(opened, "ZZ.deb").isVisible()
    assert "signed" in look(desk, opened, home, "update_unsigned")
    assert opened.updates.package_buttons() == []


def test_without_an_address_the_settings_are_the_way(desk: Desk, opened: AboutDialog, home: Path) -> None:
    assert "Enter one in the settings" in look(desk, opened, home, "update_no_address")
    opened.updates.settings_button.click()
    assert desk.window.current_page == "settings"
    assert not opened.isVisible()


def test_the_newest_and_one_without_a_file(desk: Desk, opened: AboutDialog, home: Path) -> None:
    assert look(desk, opened, home, "newest") == "This is the newest version."
    assert not opened.updates.changes.isVisible()
    look(desk, opened, home, "elsewhere")
    assert "no file for this computer" in opened.updates.note.text()


def test_a_look_can_be_stopped(desk: Desk, opened: AboutDialog, home: Path) -> None:
    script(home, "wait")
    opened.updates.look_button.setFocus()
    opened.updates.look_button.click()
    assert opened.updates.stop_button.hasFocus()
    opened.updates.stop_button.click()
    desk.wait(lambda: desk.seedling.updates.phase is Phase.IDLE)


# --- once a day -------------------------------------------------------------------------------------------------------


def test_at_the_start_nobody_is_asked_unless_the_person_wants_it(desk: Desk) -> None:
    desk.seedling.updates.look_once_a_day()
    assert desk.settings.text("updates_looked") == ""
    assert desk.seedling.workers.updates._current is None


def test_once_a_day_a_newer_version_is_told_quietly(desk: Desk, home: Path) -> None:
    script(home, "newer")
    desk.settings.set("look_for_updates", True)
    desk.seedling.updates.look_once_a_day()
    desk.wait_notice("9.0.0")
    assert desk.settings.text("updates_looked") == datetime.date.today().isoformat()
    desk.page.notice.clear()
    desk.seedling.updates.look_once_a_day()
    assert desk.seedling.workers.updates._current is None
    desk.page.notice.remedy_chosen.emit(Remedy.SHOW_UPDATE)
    assert "9.0.0" in desk.window.findChild(AboutDialog).updates.says.text()


@pytest.mark.parametrize("what", ["newest", "update_unsigned"])
def test_nothing_is_said_of_a_look_that_found_nothing(desk: Desk, home: Path, what: str) -> None:
    script(home, what)
    desk.settings.set("look_for_updates", True)
    desk.seedling.updates.look_once_a_day()
    desk.wait(lambda: desk.seedling.workers.updates._current is None)
    assert desk.page.notice.text == ""


def test_with_nothing_leaving_nobody_is_asked(desk: Desk) -> None:
    desk.settings.set("look_for_updates", True)
    desk.settings.set("stay_here", True)
    desk.seedling.updates.look_once_a_day()
    assert desk.seedling.workers.updates._current is None


def test_a_start_that_may_look_does(open_desk: Callable[[], Desk], home: Path) -> None:
    script(home, "newer")
    (home / "settings.json").write_text('{"look_for_updates": true}')
    open_desk().wait_notice("9.0.0")
