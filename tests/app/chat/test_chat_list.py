"""The list of chats: a model by the book, grouped by day, that changes as little as it can."""

from __future__ import annotations

import random
import time
from datetime import datetime, timedelta
from typing import Any

import pytest
from PySide6.QtCore import QModelIndex, Qt

from app.chat.chat_list import ChatItem, ChatListModel, Role


def ago(days: float) -> float:
    noon = datetime.now().replace(hour=12, minute=0, second=0)
    return (noon - timedelta(days=days)).timestamp()


def drawn(model: ChatListModel) -> list[str]:
    rows = [model.index(row) for row in range(model.rowCount())]
    return [f"# {i.data()}" if i.data(Role.HEADING) else i.data() for i in rows]


@pytest.fixture
def model(qtmodeltester: Any) -> ChatListModel:
    model = ChatListModel()
    model.set_chats(
        [
            ChatItem(1, "ancient", ago(400)),
            ChatItem(2, "last week", ago(5)),
            ChatItem(3, "yesterday", ago(1)),
            ChatItem(4, "this noon", ago(0)),
            ChatItem(5, "just now", ago(0) + 60),
        ]
    )
    return model


def test_it_is_a_model_by_the_book(model: ChatListModel, qtmodeltester: Any) -> None:
    qtmodeltester.check(model, force_py=True)
    qtmodeltester.check(ChatListModel(), force_py=True)


def test_newest_first_under_headings(model: ChatListModel) -> None:
    assert drawn(model) == [
        "# Today",
        "just now",
        "this noon",
        "# Yesterday",
        "yesterday",
        "# Previous 7 days",
        "last week",
        "# Older",
        "ancient",
    ]


def test_a_clock_that_went_back_hides_nothing() -> None:
    model = ChatListModel()
    model.set_chats([ChatItem(1, "from tomorrow", time.time() + 90_000)])
    assert drawn(model) == ["# Today", "from tomorrow"]


def test_a_chat_moves_up_when_something_is_said_in_it(model: ChatListModel) -> None:
    model.put(ChatItem(1, "ancient", ago(0) + 120))
    assert drawn(model)[:3] == ["# Today", "ancient", "just now"]
    assert "# Older" not in drawn(model)


def test_headings_cannot_be_chosen_and_chats_can_be_edited(model: ChatListModel) -> None:
    assert model.flags(model.index(0)) == Qt.ItemFlag.NoItemFlags
    assert model.flags(model.index(1)) & Qt.ItemFlag.ItemIsEditable
    assert model.flags(QModelIndex()) == Qt.ItemFlag.NoItemFlags


@pytest.mark.parametrize("title", ["", "  ", "\n"])
def test_an_empty_title_is_no_title(model: ChatListModel, title: str) -> None:
    asked: list[Any] = []
    model.rename_requested.connect(lambda *args: asked.append(args))
    assert not model.setData(model.index_of(3), title)
    assert not model.setData(model.index(0), "a heading")
    assert asked == []


def test_a_busy_chat_says_so_without_looks(model: ChatListModel) -> None:
    model.put(ChatItem(3, "yesterday", ago(1), busy=True))
    index = model.index_of(3)
    assert index.data(Role.BUSY) is True
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "yesterday, replying"


def test_a_new_name_changes_one_row(model: ChatListModel) -> None:
    changes: list[tuple[int, int]] = []
    model.dataChanged.connect(lambda first, last: changes.append((first.row(), last.row())))
    model.rowsInserted.connect(lambda *_: changes.append((-1, -1)))
    model.modelReset.connect(lambda: changes.append((-2, -2)))
    model.put(ChatItem(3, "renamed", ago(1)))
    assert changes == [(4, 4)]


class Listener:
    """A view that knows the rows only from what the model says has changed."""

    def __init__(self, model: ChatListModel) -> None:
        self._model = model
        self.rows: list[str] = []
        model.rowsRemoved.connect(self._removed)
        model.rowsInserted.connect(self._inserted)
        model.dataChanged.connect(self._changed)

    def _removed(self, _: QModelIndex, first: int, last: int) -> None:
        del self.rows[first : last + 1]

    def _inserted(self, _: QModelIndex, first: int, last: int) -> None:
        self.rows[first:first] = self._read(first, last)

    def _changed(self, first: QModelIndex, last: QModelIndex, _: list[int]) -> None:
        self.rows[first.row() : last.row() + 1] = self._read(first.row(), last.row())

    def _read(self, first: int, last: int) -> list[str]:
        return [self._model.index(row).data() for row in range(first, last + 1)]


@pytest.mark.trial(sample=30, full=2_000)
def test_whatever_changes_the_rows_are_those_of_a_new_list(trials: range) -> None:
    for seed in trials:
        chance = random.Random(seed)
        model, chats = ChatListModel(), {}
        listener = Listener(model)
        for _ in range(30):
            id = chance.randint(1, 8)
            if chance.random() < 0.2:
                chats.pop(id, None)
                model.remove(id)
            else:
                chats[id] = ChatItem(id, chance.choice("abc"), ago(chance.choice([0, 1, 3, 30])), chance.random() < 0.3)
                model.put(chats[id])
            fresh = ChatListModel()
            fresh.set_chats(chats.values())
            assert drawn(model) == drawn(fresh)
            assert listener.rows == [model.index(row).data() for row in range(model.rowCount())]


def test_ten_thousand_chats_are_shown_at_once() -> None:
    model = ChatListModel()
    items = [ChatItem(n, f"chat {n}", ago(n / 20)) for n in range(10_000)]
    model.set_chats(items)
    model.put(ChatItem(9_999, "moved", ago(0) + 60))
    assert model.rowCount() > 10_000
