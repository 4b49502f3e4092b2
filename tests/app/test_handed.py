"""What a double-click or a link hands to the window goes where it would be dropped, or is refused in one sentence."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from door import say_at_the_door
from PySide6.QtCore import QCoreApplication, QObject, QUrl
from PySide6.QtGui import QFileOpenEvent
from pytestqt.qtbot import QtBot

from app import __main__ as program
from app import opening, single_instance
from app.discover.controller import DiscoverController
from app.file_events import FileEvents
from app.single_instance import SingleInstance
from app.training.controller import TrainingController
from engine import paths
from engine.library import model_list

Desk = Any  # conftest.py


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> list[list[Path]]:
    """What the training page was given."""
    found: list[list[Path]] = []
    monkeypatch.setattr(TrainingController, "open", lambda _, paths: found.append(paths))
    return found


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which repositories the hub was asked about."""
    found: list[str] = []
    monkeypatch.setattr(DiscoverController, "_ask", lambda _, offer: found.append(offer.repo))
    return found


@pytest.fixture
def model(tmp_path: Path) -> Path:
    shutil.copyfile(paths.resource("starter") / "starter-q8_0.gguf", tmp_path / "little fox.gguf")
    return tmp_path / "little fox.gguf"


def test_a_model_is_put_on_the_list_and_talked_to(desk: Desk, model: Path, trained: list[list[Path]]) -> None:
    desk.window.show_page("training")
    desk.seedling.handed.open([str(model)])
    desk.wait(lambda: desk.chat.models.name == "little fox")
    assert desk.window.current_page == "chat"
    assert desk.page.composer.field.hasFocus()
    assert [row.path for row in model_list.read().values()] == [str(model)]
    assert desk.chat.current is None
    assert trained == []


def test_a_model_that_is_on_the_list_keeps_its_name(desk: Desk, model: Path) -> None:
    for _ in range(2):
        desk.seedling.handed.open([str(model)])
        desk.wait(lambda: desk.chat.models.name == "little fox")
    assert list(model_list.read()) == ["little fox"]


def test_data_opens_the_training_card(desk: Desk, tmp_path: Path, trained: list[list[Path]]) -> None:
    (tmp_path / "talks.jsonl").write_text('{"text": "hello"}\n')
    desk.seedling.handed.open([QUrl.fromLocalFile(str(tmp_path / "talks.jsonl")).toString()])
    desk.wait(lambda: trained == [[tmp_path / "talks.jsonl"]])
    assert not model_list.read()


def test_a_file_that_lies_about_itself_is_named_and_nothing_is_put_on_the_list(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "evil.gguf").write_bytes(b"GGUF" + b"\xff" * 100)
    desk.seedling.handed.open([str(tmp_path / "evil.gguf")])
    desk.wait_notice("evil.gguf")
    assert not model_list.read()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("/gone/a.gguf", "does not exist"),
        ("/dev/zero", "no file and no folder"),
        ("//server/share/a.gguf", "network share"),
        ("seedling:run/a/b", "does not open seedling:run/a/b"),
        ("http://example.com/a.gguf", "does not open http://example.com/a.gguf"),
        ("\0", "does not open"),
    ],
)
def test_anything_else_gets_one_sentence(
    desk: Desk, trained: list[list[Path]], asked: list[str], text: str, words: str
) -> None:
    desk.window.show_page("training")
    desk.seedling.handed.open([text])
    desk.wait_notice(words)
    assert desk.window.current_page == "chat"
    assert (trained, asked) == ([], [])


def test_the_chats_and_the_settings_are_not_taken_for_data(desk: Desk, trained: list[list[Path]]) -> None:
    desk.settings.save()
    for path, words in ((paths.database(), "is a database"), (desk.settings.path, "own settings")):
        desk.seedling.handed.open([str(path)])
        desk.wait_notice(words)
    assert trained == []


def test_of_several_files_one_that_is_refused_leaves_all(desk: Desk, tmp_path: Path, trained: list[list[Path]]) -> None:
    (tmp_path / "talks.jsonl").write_text('{"text": "hello"}\n')
    desk.seedling.handed.open([str(tmp_path / "talks.jsonl"), "/gone/x.jsonl"])
    desk.wait_notice("does not exist")
    assert trained == []


def test_a_link_shows_a_model_of_the_hub_and_asks_nobody(desk: Desk, asked: list[str]) -> None:
    desk.seedling.handed.open(["seedling:model/somebody/Some-Model-GGUF"])
    view = desk.seedling.discover_view
    desk.wait(lambda: bool(desk.seedling.discover._catalogue))
    desk.qtbot.wait(50)
    assert desk.window.current_page == "models"
    assert view.repository.unasked.isVisible()
    assert view.repository.offer.repo == "somebody/Some-Model-GGUF"
    assert not view.repository.download.isVisible()
    assert asked == []
    view.repository.ask.click()
    assert asked == ["somebody/Some-Model-GGUF"]


# --- a second start --------------------------------------------------------------------------------------------------


@pytest.fixture
def first(qapp: QCoreApplication, home: Path) -> Iterator[SingleInstance]:
    instance = SingleInstance()
    assert instance.acquire()
    yield instance
    instance.release()


def heard(qtbot: QtBot, first: SingleInstance, texts: list[str]) -> list[Any]:
    """What the first window is told by a second start with these."""
    with qtbot.wait_signal(first.knocked) as signal:
        assert say_at_the_door(qtbot, first, SingleInstance(texts)._request()) == b"here\n"
    return list(signal.args[0])


@pytest.mark.parametrize(
    "texts",
    [
        [],
        ["seedling:model/a/b"],
        ["/ünï/cødé 用户.gguf", "/a\nb"],
        ["/bytes\udcff"],
        ["/" + "é" * 15_000],
        [f"/a/long/path/to/data-{n}.jsonl" for n in range(200)],
    ],
    ids=["nothing", "address", "letters", "bytes", "long", "many"],
)
def test_a_second_start_hands_over_what_it_was_given(qtbot: QtBot, first: SingleInstance, texts: list[str]) -> None:
    assert heard(qtbot, first, texts) == texts


def test_what_is_too_long_for_the_door_is_refused_behind_it(qtbot: QtBot, first: SingleInstance, desk: Desk) -> None:
    desk.seedling.handed.open(heard(qtbot, first, ["/" + "😀" * 30_000]))
    desk.wait_notice("too much to open at once")


@pytest.mark.parametrize(
    "open", ["/a.gguf", {"0": "/a"}, 7, None, [["/a"]], [{"a": 1}], [None, "/a"], ["seedling:model/a/b", 7]]
)
def test_a_visitor_who_hands_over_nonsense_opens_nothing(
    qtbot: QtBot, first: SingleInstance, desk: Desk, trained: list[list[Path]], asked: list[str], open: Any
) -> None:
    with qtbot.wait_signal(first.knocked) as signal:
        say_at_the_door(qtbot, first, json.dumps({"token": "", "open": open}).encode() + b"\n")
    desk.seedling.handed.open(signal.args[0])
    qtbot.wait(50)
    assert desk.window.current_page == "chat"
    assert (trained, asked, model_list.read()) == ([], [], {})


def test_a_door_without_its_limit_would_take_any_amount(
    qtbot: QtBot, first: SingleInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = json.dumps({"open": ["/" + "a" * 100_000]}).encode() + b"\n"
    with qtbot.assert_not_emitted(first.knocked):
        assert say_at_the_door(qtbot, first, line) == b""
    monkeypatch.setattr(single_instance, "_MOST_BYTES", 10**9)
    with qtbot.wait_signal(first.knocked):
        assert say_at_the_door(qtbot, first, line) == b"here\n"


# --- how it comes in -------------------------------------------------------------------------------------------------


def test_arguments_reach_the_window(monkeypatch: pytest.MonkeyPatch, model: Path) -> None:
    seen: list[dict[str, Any]] = []
    monkeypatch.setattr("engine.desktop_libraries.problem", lambda: None)
    monkeypatch.setattr(opening, "run", lambda **wanted: seen.append(wanted) or 0)
    monkeypatch.setattr("engine.__main__.main", lambda _: 2)
    monkeypatch.chdir(model.parent)
    assert program.main(["--safe", model.name]) == 0
    assert program.main([]) == 0
    assert program.main(["chat", str(model)]) == 2
    assert seen == [{"safely": True, "handed": (str(model),)}, {}]


def test_events_of_the_system_wait_until_somebody_takes_them(qapp: QCoreApplication) -> None:
    told: list[list[str]] = []
    application = QObject()
    events = FileEvents(application)
    QCoreApplication.sendEvent(application, QFileOpenEvent("/a/b.gguf"))
    events.hand_to(told.append)
    QCoreApplication.sendEvent(application, QFileOpenEvent(QUrl("seedling:model/a/b")))
    assert told == [["/a/b.gguf"], ["seedling:model/a/b"]]
