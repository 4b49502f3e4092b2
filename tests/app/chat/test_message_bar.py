"""The bar of actions: where it is, what it offers, by mouse and by keyboard; the dot; the card."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QContextMenuEvent, QGuiApplication, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.chat.message_bar import MessageBar, action_words
from app.chat.phase import Phase
from app.chat.shown_message import Version
from app.chat.transcript import Transcript
from app.messages import Notice, Remedy
from app.widgets.buttons import IconButton

FIGURES = "12.3 tok/s"


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    """A transcript between two fields, as focus sees it."""
    window = QWidget()
    qtbot.addWidget(window)
    layout = QVBoxLayout(window)
    for widget in (QLineEdit(), Transcript(), QLineEdit()):
        layout.addWidget(widget)
    window.resize(900, 700)
    window.show()
    window.activateWindow()
    qtbot.waitExposed(window)
    return window


@pytest.fixture
def view(window: QWidget) -> Transcript:
    view = window.findChild(Transcript)
    assert isinstance(view, Transcript)
    view.add_message(1, "user", "question", version=Version(2, 3))
    view.add_message(2, "assistant", "answer", FIGURES)
    view.add_message(3, "user", "more")
    view.add_message(4, "assistant", "half an ans", FIGURES, "cancelled")
    view.settle()
    QApplication.processEvents()
    return view


def bar_of(view: Transcript) -> MessageBar:
    bar = view.findChild(MessageBar)
    assert isinstance(bar, MessageBar)
    return bar


def buttons(view: Transcript) -> dict[str, IconButton]:
    """Those that can be seen, by name."""
    return {b.accessibleName(): b for b in bar_of(view).findChildren(IconButton) if b.isVisible()}


def offered(view: Transcript) -> list[str]:
    return list(buttons(view))


def words(*actions: str) -> list[str]:
    return [action_words(action) for action in actions]


def place(view: Transcript, text: str) -> QPoint:
    return view.cursorRect(view.document().find(text)).center()


def hover(view: Transcript, text: str) -> None:
    move_mouse(view, place(view, text))


def move_mouse(view: Transcript, point: QPoint, button: Qt.MouseButton = Qt.MouseButton.NoButton) -> None:
    """To a point of the view; with a button held, it drags."""
    where, none = QPointF(point), Qt.KeyboardModifier.NoModifier
    move = QMouseEvent(QEvent.Type.MouseMove, where, view.viewport().mapToGlobal(where), button, button, none)
    QApplication.sendEvent(view.viewport(), move)
    QApplication.processEvents()


def chosen(view: Transcript, act: Any) -> list[tuple[int, str]]:
    asked: list[tuple[int, str]] = []
    view.action_requested.connect(lambda key, action: asked.append((key, action)))
    act()
    return asked


# --- by mouse --------------------------------------------------------------------------------------------------------


def test_nothing_is_shown_until_the_mouse_is_there(view: Transcript) -> None:
    assert bar_of(view).isHidden()
    hover(view, "question")
    assert bar_of(view).isVisible()
    QApplication.sendEvent(view.viewport(), QEvent(QEvent.Type.Leave))
    assert bar_of(view).isHidden()


@pytest.mark.parametrize(
    ("text", "actions"),
    [
        ("question", ("copy", "edit", "delete", "previous", "next")),
        ("answer", ("copy", "regenerate", "delete")),
        ("more", ("copy", "edit", "delete")),
        ("half", ("copy", "regenerate", "continue", "delete")),
    ],
)
def test_every_message_offers_what_can_be_done_with_it(view: Transcript, text: str, actions: tuple[str, ...]) -> None:
    hover(view, text)
    assert offered(view) == words(*actions)


@pytest.mark.parametrize("state", ["done", "length", "cancelled", "interrupted", "failed"])
def test_only_the_last_reply_and_only_one_that_was_cut_can_go_on(view: Transcript, state: str) -> None:
    view.add_message(5, "assistant", "the end", "", state)
    view.settle()
    hover(view, "the end")
    assert (action_words("continue") in offered(view)) is (state != "done")
    hover(view, "half")
    assert action_words("continue") not in offered(view)


def test_a_click_says_which_message_and_what(view: Transcript) -> None:
    for text, key, action in (("answer", 2, "regenerate"), ("more", 3, "edit"), ("half", 4, "continue")):
        hover(view, text)
        assert chosen(view, buttons(view)[action_words(action)].click) == [(key, action)]


def test_copying_is_done_at_once(view: Transcript) -> None:
    hover(view, "half")
    buttons(view)[action_words("copy")].click()
    assert QGuiApplication.clipboard().text() == "half an ans"


def test_the_bar_covers_no_text(view: Transcript) -> None:
    for text in ("question", "answer", "more", "half"):
        hover(view, text)
        bar = bar_of(view).geometry()
        for said in ("question", "answer", "more", "half", "Stopped"):
            assert not bar.contains(place(view, said)), (text, said)


def test_of_a_long_message_the_bar_stays_in_view(view: Transcript) -> None:
    view.add_message(5, "assistant", "beginning\n\n" + "line\n\n" * 200)
    view.settle()
    view.verticalScrollBar().setValue(view.verticalScrollBar().value() // 2)
    move_mouse(view, QPoint(200, 200))
    assert bar_of(view).isVisible()
    assert view.viewport().rect().contains(bar_of(view).geometry())


def test_versions_are_counted_and_end(view: Transcript) -> None:
    hover(view, "question")
    assert "2/3" in [label.text() for label in bar_of(view).findChildren(QWidget) if hasattr(label, "text")]
    assert all(buttons(view)[name].isEnabled() for name in words("previous", "next"))
    view.add_message(5, "user", "first one", version=Version(1, 2))
    view.settle()
    hover(view, "first one")
    assert [buttons(view)[name].isEnabled() for name in words("previous", "next")] == [False, True]


def test_no_bar_while_the_mouse_selects(view: Transcript) -> None:
    hover(view, "answer")
    viewport = view.viewport()
    QTest.mousePress(viewport, Qt.MouseButton.LeftButton, pos=place(view, "answer"))
    move_mouse(view, place(view, "half"), Qt.MouseButton.LeftButton)
    assert bar_of(view).isHidden()
    assert view.textCursor().hasSelection()
    QTest.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=place(view, "half"))
    assert bar_of(view).isVisible()


def test_figures_stand_in_the_bar_unless_they_are_always_shown(view: Transcript) -> None:
    def figures() -> list[str]:
        labels = bar_of(view).findChildren(QWidget)
        return [w.text() for w in labels if w.isVisible() and hasattr(w, "text") and "tok/s" in w.text()]

    hover(view, "answer")
    assert figures() == [FIGURES]
    view.set_statistics_shown(True)
    hover(view, "answer")
    assert figures() == []
    assert not view.document().find(FIGURES).isNull()
    view.set_statistics_shown(False)
    assert view.document().find(FIGURES).isNull()


def test_while_a_reply_is_written_only_copying_is_offered(view: Transcript) -> None:
    view.begin_message(5, "assistant")
    view.append("new words")
    for text in ("answer", "question", "new words"):
        hover(view, text)
        assert offered(view) == words("copy")
    view.end_message(FIGURES)
    hover(view, "new words")
    assert offered(view) == words("copy", "regenerate", "delete")


def test_the_bar_goes_with_its_message(view: Transcript) -> None:
    hover(view, "half")
    view.remove_message(4)
    QApplication.processEvents()
    view.clear()
    assert bar_of(view).isHidden()


# --- by keyboard -----------------------------------------------------------------------------------------------------


def press(widget: QWidget, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(widget, key, modifier)
    QApplication.processEvents()


def test_alt_and_arrows_go_from_message_to_message_and_tab_to_the_actions(view: Transcript) -> None:
    view.setFocus()
    alt = Qt.KeyboardModifier.AltModifier
    asked = []
    view.action_requested.connect(lambda key, action: asked.append(key))
    for key, expected in ((Qt.Key.Key_Up, 4), (Qt.Key.Key_Up, 3), (Qt.Key.Key_Up, 2), (Qt.Key.Key_Down, 3)):
        press(view, key, alt)
        view.act(view.message_of_cursor().key, "copy")  # type: ignore[union-attr]
        assert asked[-1] == expected
    press(view, Qt.Key.Key_Tab)
    focused = QApplication.focusWidget()
    assert focused is buttons(view)[action_words("copy")]
    press(focused, Qt.Key.Key_Right)
    focused = QApplication.focusWidget()
    assert focused is buttons(view)[action_words("edit")]
    assert chosen(view, lambda: press(focused, Qt.Key.Key_Space)) == [(3, "edit")]


def test_tab_goes_through_the_actions_and_on(window: QWidget, view: Transcript) -> None:
    view.add_message(5, "assistant", "[a link](https://example.org)")
    view.settle()
    view.setFocus()
    press(view, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    went: list[QWidget] = [view]
    for _ in range(20):
        press(went[-1], Qt.Key.Key_Tab)
        went.append(QApplication.focusWidget())
        if isinstance(went[-1], QLineEdit):
            break
    assert went[1:-1] == buttons_of(view, "copy", "regenerate", "delete")
    assert isinstance(went[-1], QLineEdit)


def buttons_of(view: Transcript, *actions: str) -> list[QWidget]:
    by_name = {button.accessibleName(): button for button in bar_of(view).findChildren(IconButton)}
    return [by_name[name] for name in words(*actions)]


def test_stepping_stops_at_both_ends(view: Transcript) -> None:
    view.setFocus()
    for _ in range(9):
        press(view, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert view.message_of_cursor().key == 1  # type: ignore[union-attr]
    for _ in range(9):
        press(view, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert view.message_of_cursor().key == 4  # type: ignore[union-attr]


def test_stepping_reaches_what_is_not_laid_out(view: Transcript) -> None:
    for key in range(10, 3000):
        view.add_message(key, "user", f"message {key} " + "word " * 40)
    view.setFocus()
    QTest.qWait(50)
    press(view, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    target = view.beside(view.message_of_cursor(), -2900)  # type: ignore[arg-type]
    assert target.label is None
    view.bring_up(target)
    assert view.message_of_cursor() is target


def test_tab_shows_the_bar_and_leaving_hides_it(window: QWidget, view: Transcript) -> None:
    first, last = window.findChildren(QLineEdit)
    first.setFocus()
    press(first, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is view
    assert offered(view) == words("copy", "regenerate", "continue", "delete")  # of the last message
    last.setFocus()
    assert bar_of(view).isHidden()


def test_the_keyboard_stays_where_another_version_appears(view: Transcript) -> None:
    view.setFocus()
    for _ in range(4):
        press(view, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    press(view, Qt.Key.Key_Tab)
    view.remove_from(1)
    view.add_message(9, "user", "another question", version=Version(3, 3))
    view.settle()
    assert offered(view) == words("copy", "edit", "delete", "previous", "next")
    assert not buttons(view)[action_words("next")].isEnabled()
    assert chosen(view, buttons(view)[action_words("previous")].click) == [(9, "previous")]


def test_an_arrow_can_be_pressed_again_and_again(view: Transcript) -> None:
    view.setFocus()
    for _ in range(4):
        press(view, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    press(view, Qt.Key.Key_Tab)
    press(bar_of(view).focusWidget(), Qt.Key.Key_Left)
    assert QApplication.focusWidget() is buttons(view)[action_words("next")]
    for key, number, focused in ((9, 3, "next"), (10, 4, "copy")):  # of the last version there is no next one
        view.remove_from(view.shown()[0])
        view.add_message(key, "user", "another question", version=Version(number, 4))
        view.settle()
        assert QApplication.focusWidget() is buttons(view)[action_words(focused)]


def test_the_keyboard_stays_in_the_bar_when_its_action_goes(view: Transcript) -> None:
    view.setFocus()
    press(view, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    press(view, Qt.Key.Key_Tab)
    press(bar_of(view).focusWidget(), Qt.Key.Key_Right)
    assert QApplication.focusWidget() is buttons(view)[action_words("regenerate")]
    view.begin_message(5, "assistant")
    assert QApplication.focusWidget() is buttons(view)[action_words("copy")]


def test_the_menu_key_offers_the_same_for_the_message_of_the_cursor(view: Transcript) -> None:
    view.setFocus()
    press(view, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(0, 0), view.mapToGlobal(QPoint(0, 0)))
    view.contextMenuEvent(event)
    menu = next(menu for menu in view.findChildren(QMenu) if menu.isVisible())
    ours = [action for action in menu.actions() if action.text() in words("copy", "regenerate", "continue", "delete")]
    assert len(ours) == 4
    assert chosen(view, ours[2].trigger) == [(4, "continue")]
    menu.close()


def test_every_button_has_a_name(view: Transcript) -> None:
    for button in bar_of(view).findChildren(IconButton):
        assert button.accessibleName()
        assert button.toolTip() == button.accessibleName()
        assert button.focusPolicy() & Qt.FocusPolicy.TabFocus


# --- the dot ---------------------------------------------------------------------------------------------------------


def test_the_dot_breathes_only_while_the_model_thinks_and_motion_is_wanted(view: Transcript) -> None:
    pulse = view._floats.pulse
    assert pulse.isHidden()
    view.begin_message(5, "assistant")
    moving = {}
    for phase in Phase:
        view.set_phase(phase, 50)
        assert pulse.isVisible()
        moving[phase] = pulse.moving()
    assert [phase for phase in Phase if moving[phase]] == [Phase.THINKING]
    view.set_phase(Phase.THINKING)
    view.set_motion(False)
    assert not pulse.moving()
    view.set_motion(True)
    assert pulse.moving()
    view.end_message()
    assert pulse.isHidden()
    assert not pulse.moving()


def test_while_words_come_the_dot_stands_after_them(view: Transcript) -> None:
    view.begin_message(5, "assistant")
    view.append("some words")
    view.settle()
    place_of_words, pulse = view.cursorRect(view.document().find("words")), view._floats.pulse.geometry()
    assert pulse.left() > place_of_words.right()
    assert abs(pulse.center().y() - place_of_words.center().y()) < 4


# --- the card --------------------------------------------------------------------------------------------------------


def test_a_failure_is_a_card_below_the_last_message(view: Transcript) -> None:
    notice = Notice("It broke. " * 20, (Remedy.RETRY, Remedy.CHOOSE_MODEL, Remedy.COPY), "the details")
    view.show_failure(notice)
    QApplication.processEvents()
    card = view._floats.card
    assert view.failure() == notice.text
    assert card.accessibleName() == notice.text
    assert card.y() >= view.cursorRect(view.document().find("Stopped")).bottom()
    assert card.geometry().bottom() <= view.viewport().height() + view.verticalScrollBar().maximum()
    asked: list[Remedy] = []
    view.remedy_chosen.connect(asked.append)
    by_name = {button.text(): button for button in card.findChildren(QPushButton)}
    assert list(by_name) == ["Try again", "Choose another model", "Copy details"]
    for button in by_name.values():
        assert card.rect().contains(button.geometry())
        button.click()
    assert asked == [Remedy.RETRY, Remedy.CHOOSE_MODEL]
    assert QGuiApplication.clipboard().text() == "the details"
    view.show_failure(None)
    assert card.isHidden()


@pytest.mark.parametrize("width", [320, 500, 900])
def test_the_card_shows_all_of_its_text(window: QWidget, view: Transcript, width: int) -> None:
    view.show_failure(Notice("A long sentence that has to be broken into lines. " * 8, tuple(Remedy)))
    window.resize(width, 600)
    QApplication.processEvents()
    card = view._floats.card
    label = card._label
    assert label.height() >= label.heightForWidth(label.width())
    assert card.width() <= view.viewport().width()
    view.scroll_to_latest()
    assert card.geometry().bottom() <= view.viewport().height()
    for button in card.findChildren(QPushButton):
        assert button.width() >= button.sizeHint().width()
        assert card.rect().contains(button.geometry())


def test_the_card_is_announced_politely(view: Transcript, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[tuple[str, Any]] = []
    monkeypatch.setattr(QAccessible, "isActive", lambda: True)
    monkeypatch.setattr(QAccessible, "updateAccessibility", lambda e: said.append((e.message(), e.politeness())))
    view.show_failure(Notice("It broke."))
    assert said == [("It broke.", QAccessible.AnnouncementPoliteness.Polite)]
