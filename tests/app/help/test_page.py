"""The page of help in the window: opened by key, read, searched, its links followed; and the report of a problem."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt, QTranslator, QUrl
from PySide6.QtGui import QGuiApplication, QImage, QPalette, QTextDocument
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox
from pytestqt.qtbot import QtBot
from starts import note_of_last_run

from app import translation
from app.crash import CrashDialog, CrashReporter
from app.help import guide
from app.help.chapter_view import ChapterView
from app.help.page import HelpPage
from app.help.report_dialog import ReportDialog
from app.messages import Remedy, notice
from app.safe_mode import SafeMode
from engine import report
from engine.errors import EngineError
from engine.settings import OPTIONS, SECTIONS, Settings

Desk = Any  # tests/app/conftest.py
LANGUAGES = [code for code in OPTIONS["language"].choices if code != "system"]
CHAPTERS = guide.read("en")


@pytest.fixture
def page(qtbot: QtBot) -> HelpPage:
    return page_in("en", qtbot)


def page_in(language: str, qtbot: QtBot) -> HelpPage:
    page = HelpPage(guide.read(language))
    qtbot.addWidget(page)
    page.resize(1000, 700)
    with qtbot.wait_exposed(page):
        page.show()
    return page


def titles(page: HelpPage) -> list[str]:
    return [page.list.item(row).text() for row in range(page.list.count())]


def shown(page: HelpPage) -> str:
    assert page.view.chapter is not None
    return page.view.chapter.id


def follow(page: HelpPage, address: str) -> None:
    page.view.anchorClicked.emit(QUrl(address))


# --- reading ---------------------------------------------------------------------------------------------------------


def test_it_opens_with_the_first_chapter_from_its_beginning(page: HelpPage, qtbot: QtBot) -> None:
    assert titles(page) == [chapter.title for chapter in CHAPTERS]
    assert shown(page) == guide.CHAPTERS[0]
    page.resize(900, 600)
    qtbot.wait(150)
    assert page.view.verticalScrollBar().value() == 0
    assert page.view.toPlainText().lstrip().startswith("First chat")


def test_a_chapter_is_chosen_in_the_list_or_where_it_is_narrow_in_a_field(page: HelpPage, qtbot: QtBot) -> None:
    qtbot.keyClick(page.list, Qt.Key.Key_Down)
    assert shown(page) == guide.CHAPTERS[1]
    assert not page.choice.isVisible()
    page.resize(400, 700)
    assert page.choice.isVisible()
    assert not page.list.isVisible()
    page.choice.setCurrentIndex(4)
    page.choice.activated.emit(4)
    assert shown(page) == guide.CHAPTERS[4]
    assert page.list.currentRow() == 4


def test_links_lead_to_chapters(page: HelpPage) -> None:
    follow(page, "keyboard.md")
    assert shown(page) == "keyboard"
    assert page.list.currentItem().text() == "Keyboard"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_link_of_the_text_can_be_reached_and_followed(language: str, qtbot: QtBot) -> None:
    """What the file links to is a link on the screen, too."""
    page = page_in(language, qtbot)
    for chapter in guide.read(language):
        page.show_chapter(chapter.id)
        document = page.view.document()
        anchors = {
            address
            for position in range(document.characterCount())
            if (address := _anchor(page.view, position)) and not address.startswith("copy-code")
        }
        assert anchors == set(_links(chapter.text))
        for address in filter(guide.chapter_of, anchors):
            page.show_chapter(chapter.id)
            follow(page, address)
            assert f"{shown(page)}.md" == address
            assert page.view.chapter in guide.read(language)


def _links(text: str) -> list[str]:
    return re.findall(r"(?<!!)\[[^\]\n]+\]\(([^)\s]+)\)", text)


def _anchor(view: ChapterView, position: int) -> str:
    cursor = view.textCursor()
    cursor.setPosition(position)
    return cursor.charFormat().anchorHref()


def test_replies_cannot_hold_such_links() -> None:
    """They are for what we wrote; a model's text has them as text."""
    from app.chat.markdown import markdown_lines

    for address in ("seedling-page:settings", "seedling-action:quit", "keyboard.md"):
        runs = [run for line in markdown_lines(f"[there]({address})") for run in line.runs]
        assert [run.link for run in runs] == [""] * len(runs)
        assert address in "".join(run.text for run in runs)


@pytest.mark.parametrize("language", LANGUAGES)
def test_pictures_are_in_the_colours_of_the_window_and_fit(language: str, qtbot: QtBot) -> None:
    def lightness() -> int:
        image: QImage = page.view.document().resource(kind, QUrl("guide:first-chat"))
        return image.pixelColor(image.width() // 2, image.height() // 8).lightness()

    kind, page = QTextDocument.ResourceType.ImageResource.value, page_in(language, qtbot)
    page.show_chapter("first-chat")
    assert lightness() > 200
    palette = QPalette(page.palette())
    palette.setColor(QPalette.ColorRole.Base, Qt.GlobalColor.black)
    page.view.setPalette(palette)
    assert lightness() < 60
    for width in (1000, 500):
        page.resize(width, 700)
        qtbot.wait(150)
        assert page.view.horizontalScrollBar().maximum() == 0


def test_code_is_copied(page: HelpPage) -> None:
    page.show_chapter("when-something-goes-wrong")
    follow(page, "copy-code:1")
    assert QGuiApplication.clipboard().text() == "seedling --safe"


# --- searching -------------------------------------------------------------------------------------------------------


def test_a_search_leaves_the_chapters_that_have_all_words_and_marks_them(page: HelpPage, qtbot: QtBot) -> None:
    qtbot.keyClicks(page.search, "keyring passphrase")
    qtbot.wait_until(lambda: len(titles(page)) < 10)
    assert "Servers and APIs" in titles(page)
    assert all(each.holds(["keyring", "passphrase"]) for each in CHAPTERS if each.title in titles(page))
    assert page.view.extraSelections()
    page.search.clear()
    qtbot.wait_until(lambda: len(titles(page)) == len(guide.CHAPTERS))
    assert not page.view.extraSelections()


def test_what_is_found_is_marked_however_it_is_written(qtbot: QtBot) -> None:
    page = page_in("de", qtbot)
    for word in ("Größe", "größe", "GRÖßE", "schließ"):
        page.search.setText(word)
        qtbot.keyClick(page.search, Qt.Key.Key_Return)
        assert titles(page)
        assert page.view.extraSelections()


def test_enter_goes_from_place_to_place_and_on_to_the_next_chapter(page: HelpPage, qtbot: QtBot) -> None:
    qtbot.keyClicks(page.search, "memory")
    qtbot.wait_until(lambda: len(titles(page)) < len(guide.CHAPTERS))
    visited = [(shown(page), page.view.textCursor().position())]
    for _ in range(40):
        qtbot.keyClick(page.search, Qt.Key.Key_Return)
        visited.append((shown(page), page.view.textCursor().position()))
    found = {chapter.id for chapter in CHAPTERS if chapter.title in titles(page)}
    assert {chapter for chapter, _ in visited} == found
    assert len(set(visited)) > len(found)


def test_what_is_nowhere_is_said_and_the_chapter_stays(page: HelpPage, qtbot: QtBot) -> None:
    page.search.setText("qqqq")
    qtbot.wait_until(lambda: page.list.count() == 0)
    assert page._nothing.isVisible()
    assert shown(page) == guide.CHAPTERS[0]
    follow(page, "keyboard.md")  # a link leads out of it
    assert titles(page) == [chapter.title for chapter in CHAPTERS]
    assert shown(page) == "keyboard"


# --- in the window ---------------------------------------------------------------------------------------------------


def test_f1_opens_it_and_it_is_made_then(desk: Desk) -> None:
    assert "help" not in desk.seedling._wirings
    desk.qtbot.keyClick(desk.window, Qt.Key.Key_F1)
    assert desk.window.current_page == "help"
    assert desk.seedling.help_wiring.page.isVisible()
    assert {"help", "report"} <= {action.id for action in desk.seedling.actions.bound()}


@pytest.fixture
def speak(qapp: QApplication, home: Path) -> Iterator[Callable[[str], None]]:
    """Has a window that is opened then speak a language."""

    def install(language: str) -> None:
        settings = Settings()
        settings.set("language", language)
        translation.install(qapp, settings)

    yield install
    for translator in qapp.findChildren(QTranslator):
        qapp.removeTranslator(translator)
        translator.setParent(None)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_guide_is_in_the_language_that_the_window_speaks(
    language: str, speak: Callable[[str], None], open_desk: Callable[[], Desk]
) -> None:
    speak(language)
    desk = open_desk()
    desk.seedling.options.set("language", next(code for code in LANGUAGES if code != language))  # from the next start
    desk.seedling.actions.run("help")
    page = desk.seedling.help_wiring.page
    assert titles(page) == [chapter.title for chapter in guide.read(language)]
    assert translation.spoken() == language


def test_links_open_pages_sections_views_and_actions(desk: Desk) -> None:
    window = desk.window
    desk.seedling.actions.run("help")
    page = desk.seedling.help_wiring.page
    for section in SECTIONS:
        follow(page, f"seedling-page:settings/{section}")
        assert window.current_page == "settings"
        assert desk.seedling.settings_page._list.currentRow() == SECTIONS.index(section)
    for view in ("discover", "servers", "local"):
        follow(page, f"seedling-page:models/{view}")
        assert window.current_page == "models"
        assert desk.seedling.models_page.view == view
    follow(page, "seedling-action:report")
    dialog = window.findChild(ReportDialog)
    assert dialog.isVisible()
    dialog.reject()


def test_a_link_out_of_the_program_is_asked_for(desk: Desk) -> None:
    desk.seedling.actions.run("help")
    follow(desk.seedling.help_wiring.page, "https://example.com/x")
    box = desk.seedling.help_wiring.page.findChild(QMessageBox)
    assert "https://example.com/x" in box.informativeText()
    box.reject()


# --- a report --------------------------------------------------------------------------------------------------------


@pytest.fixture
def dialog(desk: Desk) -> ReportDialog:
    desk.seedling.actions.run("report")
    dialog: ReportDialog = desk.window.findChild(ReportDialog)
    return dialog


def test_it_is_collected_beside_the_window_then_read_changed_and_copied(desk: Desk, dialog: ReportDialog) -> None:
    assert dialog.text.isReadOnly() is not dialog.copy.isEnabled()  # a quick machine has it by now
    desk.wait(lambda: dialog.copy.isEnabled())
    assert not dialog.text.isReadOnly()
    assert dialog.text.toPlainText().startswith("A problem with Seedling")
    dialog.text.setPlainText("It hums.")
    dialog.copy.click()
    assert QGuiApplication.clipboard().text() == "It hums."
    assert dialog.said.text()


def test_it_is_saved_where_the_person_says(
    desk: Desk, dialog: ReportDialog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.wait(lambda: dialog.save.isEnabled())
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "r.txt"), ""))
    dialog.text.setPlainText("Es summt: ü")
    dialog.save.click()
    desk.wait(lambda: str(tmp_path / "r.txt") in dialog.said.text())
    assert (tmp_path / "r.txt").read_text("utf-8") == "Es summt: ü"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "none" / "r.txt"), ""))
    dialog.save.click()
    desk.wait(lambda: str(tmp_path / "r.txt") not in dialog.said.text())


def test_a_report_that_cannot_be_collected_is_told(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> str:
        raise EngineError("disk_full", place="x")

    monkeypatch.setattr(report, "collect", broken)
    desk.seedling.actions.run("report")
    dialog = desk.window.findChild(ReportDialog)
    desk.wait(lambda: "disk is full" in dialog.said.text())
    dialog.reject()


def test_a_bug_and_a_dead_worker_offer_it(desk: Desk) -> None:
    for code in ("bug", "worker_died", "worker_keeps_dying"):
        assert Remedy.REPORT in notice(EngineError(code)).remedies
    desk.page.notice.show_notice(notice(EngineError("bug")))
    desk.page.notice.remedy_chosen.emit(Remedy.REPORT)
    assert desk.window.findChild(ReportDialog).isVisible()
    desk.window.findChild(ReportDialog).reject()


def test_a_crash_dialog_offers_it_where_somebody_listens(
    qapp: QApplication, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered: list[bool] = []

    def choose(dialog: CrashDialog) -> int:
        buttons = [button for button in dialog._buttons.buttons() if "Report" in button.text()]
        offered.append(bool(buttons))
        for button in buttons:
            button.click()
        return 0

    monkeypatch.setattr(CrashDialog, "exec", choose)
    reporter = CrashReporter()
    reporter._show("trace")
    wanted: list[bool] = []
    reporter.report_wanted.connect(lambda: wanted.append(True))
    reporter._show("trace")
    assert (offered, wanted) == ([False, True], [True])


def test_a_start_after_a_crash_offers_it(home: Path, qtbot: QtBot) -> None:
    note_of_last_run(home, "starting")
    safe = SafeMode()
    bars: list[Any] = []
    safe.say(bars.append, [])
    (bar,) = bars
    qtbot.addWidget(bar)
    with qtbot.wait_signal(safe.report_wanted):
        bar.remedy_chosen.emit(Remedy.REPORT)
    assert bar.text  # it stays
    safe.end()
