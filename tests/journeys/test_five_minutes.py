"""A stranger's first five minutes, by keys and clicks alone, with the real worker and the starter."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QComboBox, QPushButton
from pytestqt.qtbot import QtBot

from app.application import Seedling
from app.chat.chat_list import Role
from app.chat.load import LoadState
from engine import paths
from engine.chat.store import Store, StoredMessage
from engine.settings import Settings

CONTROL = Qt.KeyboardModifier.ControlModifier


class Stranger:
    """Someone who has just started Seedling."""

    def __init__(self, qtbot: QtBot, application: QApplication) -> None:
        self.qtbot = qtbot
        self.store = Store(paths.database())
        settings = Settings()
        settings.set("stores_offered", True)  # nothing is looked for unasked
        self.seedling = Seedling(application, self.store, settings)
        self.page, self.window = self.seedling.page, self.seedling.window
        self.seedling.start()
        qtbot.wait_exposed(self.window)

    def wait(self, condition: Callable[[], bool]) -> None:
        self.qtbot.wait_until(condition, timeout=60_000)

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        target = QApplication.focusWidget() or self.window
        self.qtbot.keyClick(target, key, modifier)

    def messages(self) -> list[StoredMessage]:
        chat = self.seedling.chat.current
        return [] if chat is None else self.store.messages(chat)

    def wait_for_replies(self, count: int) -> list[StoredMessage]:
        """Until so many replies are written and kept."""

        def written() -> bool:
            replies = [row for row in self.messages() if row.message.role == "assistant"]
            return len(replies) == count and all(row.state != "streaming" for row in replies)

        self.wait(written)
        return [row for row in self.messages() if row.message.role == "assistant"]

    def ask(self, text: str) -> None:
        self.qtbot.keyClicks(self.page.composer.field, text)
        self.qtbot.keyClick(self.page.composer.field, Qt.Key.Key_Return)

    def titles(self) -> list[str]:
        model = self.page.sidebar.list.model()
        rows = [model.index(row, 0) for row in range(model.rowCount())]
        return [index.data() for index in rows if index.data(Role.CHAT) is not None]


@pytest.fixture
def start(qtbot: QtBot, qapp: QApplication) -> Iterator[Callable[[], Stranger]]:
    strangers: list[Stranger] = []

    def begin() -> Stranger:
        strangers.append(Stranger(qtbot, qapp))
        return strangers[-1]

    yield begin
    for stranger in strangers:
        stranger.window.close()
        stranger.window.deleteLater()
        stranger.seedling.deleteLater()
    qapp.setStyleSheet("")
    qtbot.wait(0)


def test_start_ask_stop_regenerate_rename_search_theme_quit_reopen(start: Callable[[], Stranger]) -> None:
    me = start()
    me.wait(lambda: me.page.picker.state is LoadState.LOADED)  # the starter waits for me

    # ask: one of the suggestions, with a click
    suggestion = next(b for b in me.page.welcome.findChildren(QPushButton) if b.objectName() == "suggestion")
    me.qtbot.mouseClick(suggestion, Qt.MouseButton.LeftButton)
    (first,) = me.wait_for_replies(1)
    assert first.state == "done"
    assert first.message.content == me.page.transcript.message_text(first.id) != ""

    # stop: in the middle of a reply, with Esc
    stopping = me.seedling.replies.grew.connect(lambda *_: me.press(Qt.Key.Key_Escape))
    me.ask("Tell me a story about a girl and her dog.")
    second = me.wait_for_replies(2)[-1]
    me.seedling.replies.grew.disconnect(stopping)
    assert second.state in ("cancelled", "done")  # a short story can be whole before the worker hears of it
    shown = second.message.content

    # regenerate: the old version stays within reach
    me.press(Qt.Key.Key_R, CONTROL)
    me.wait(lambda: me.messages()[-1].id != second.id and me.messages()[-1].state == "done")
    again = me.messages()[-1]
    assert second.id in again.versions
    me.page.transcript.act(again.id, "previous")
    me.wait(lambda: me.messages()[-1].message.content == shown)

    # rename, in the list of chats
    me.press(Qt.Key.Key_F2)
    me.wait(lambda: QApplication.focusWidget() is not None and QApplication.focusWidget().inherits("QLineEdit"))
    editor = QApplication.focusWidget()
    editor.selectAll()
    me.qtbot.keyClicks(editor, "My first chat")
    me.qtbot.keyClick(editor, Qt.Key.Key_Return)
    me.wait(lambda: me.titles() == ["My first chat"])

    # search: by a word of the conversation, then by one that nobody said
    me.press(Qt.Key.Key_F, CONTROL | Qt.KeyboardModifier.ShiftModifier)
    me.qtbot.keyClicks(me.page.sidebar.search, "girl and her")
    me.wait(lambda: me.titles() == ["My first chat"])
    me.page.sidebar.search.clear()
    me.qtbot.keyClicks(me.page.sidebar.search, "zyzzyva")
    me.wait(lambda: me.titles() == [])
    me.page.sidebar.search.clear()
    me.wait(lambda: me.titles() == ["My first chat"])

    # change the theme, on the page of settings
    before = me.window.palette().window().color().lightness()
    me.press(Qt.Key.Key_Comma, CONTROL)
    assert me.window.current_page == "settings"
    themes = next(box for box in me.seedling.settings_page.findChildren(QComboBox) if "Theme" in box.accessibleName())
    wanted = "Light" if before < 128 else "Dark"
    themes.setFocus()
    me.qtbot.keyClicks(themes, wanted)
    me.wait(lambda: (me.window.palette().window().color().lightness() < 128) is (wanted == "Dark"))

    # quit and reopen: everything stands as it was left
    me.press(Qt.Key.Key_Q, CONTROL)
    me.wait(lambda: not me.window.isVisible())
    me = start()
    assert me.titles() == ["My first chat"]
    assert (me.window.palette().window().color().lightness() < 128) is (wanted == "Dark")
    assert [row.message.content for row in me.messages()][-1] == shown
    assert me.page.transcript.message_text(me.messages()[0].id) == me.messages()[0].message.content
