"""The page that finds models: what it asks, when, and what comes of it, with a scripted hub."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QTextDocument
from pytestqt.qtbot import QtBot
from scripted_hub import EMPTY, GATED, OPEN

from app.discover import downloads as downloads_module
from app.discover.card_view import CardView, without_html
from app.discover.downloads import Wanted
from app.discover.token_dialog import TokenDialog
from engine.library import catalogue

Desk = Any  # tests/app/conftest.py


@pytest.fixture
def view(desk: Desk) -> Any:
    desk.window.show_page("models")
    desk.seedling.models_page.show_view("discover")
    found = desk.seedling.discover_view
    desk.wait(lambda: bool(found.rows.offers))
    return found


def search(desk: Desk, view: Any, words: str) -> list[str]:
    view.field.setText(words)
    desk.qtbot.keyClick(view.field, Qt.Key.Key_Return)
    desk.wait(view.busy.isHidden)
    return [offer.repo for offer in view.rows.offers]


def open_offer(desk: Desk, view: Any, place: int) -> Any:
    view.list.opened.emit(view.rows.offers[place])
    desk.wait(lambda: view.repository.repository is not None)
    return view.repository.repository


def choose(view: Any, name: str) -> None:
    if view.repository.more.isVisible():
        view.repository.more.click()
    place = next(place for place, each in enumerate(view.repository.repository.choices) if each.name == name)
    view.repository.choices.button(str(place)).click()


def states(desk: Desk) -> list[str]:
    return [transfer.state for transfer in desk.seedling.discover.downloads.transfers()]


def test_what_is_recommended_is_there_without_asking_anybody(desk: Desk, view: Any) -> None:
    assert {offer.repo for offer in view.rows.offers} == {model.repo for model in catalogue.models()}
    view.field.setText("qwen3 4b")
    assert all("Qwen3" in offer.name for offer in view.rows.offers)
    assert view.rows.offers
    view.list.setCurrentIndex(view.rows.index(0, 0))
    assert desk.seedling.discover._client._process is None, "typing and looking ask nobody"


def test_a_search_and_its_next_page(desk: Desk, view: Any) -> None:
    assert search(desk, view, "ZZ") == [OPEN, GATED, EMPTY]
    assert view.more.isVisible()
    view.more.click()
    desk.wait(view.busy.isHidden)
    assert view.rows.rowCount() == 6
    assert not view.more.isVisible()
    view.field.clear()
    assert view.rows.rowCount() == len(catalogue.models()), "an empty field is the catalogue again"


def test_a_search_that_fails_can_be_tried_again(desk: Desk, view: Any) -> None:
    assert search(desk, view, "broken") == []
    assert "cannot be reached" in view.problem.text()
    view.field.setText("ZZ")
    view.again.click()
    desk.wait(lambda: view.rows.rowCount() == 3)
    assert view.problem.isHidden()


def test_the_latest_search_counts(desk: Desk, view: Any) -> None:
    view.field.setText("wait")
    view.search.click()
    assert search(desk, view, "ZZ") == [OPEN, GATED, EMPTY]


def test_a_download_from_the_choice_to_the_chat(desk: Desk, view: Any) -> None:
    search(desk, view, "ZZ")
    repository = open_offer(desk, view, 0)
    assert repository.choices[repository.recommended].name == "qqq4.gguf"
    assert "3.0" in view.repository.download.text()
    view.repository.download.click()
    desk.wait(lambda: states(desk) == ["done"])
    assert view.repository.download.text() == "Chat with it"
    view.repository.download.click()
    desk.wait(lambda: desk.window.current_page == "chat")
    assert desk.chat.models.name == "starter", "the name under which the job put it on the list"


def test_each_graphics_processor_has_a_verdict(desk: Desk, view: Any) -> None:
    search(desk, view, "ZZ")
    repository = open_offer(desk, view, 0)
    cards = (("Card A", "fits"), ("Card B", "slow"), ("Card C", "too_large"))
    judged = tuple(replace(choice, on_gpus=cards) for choice in repository.choices)
    view.repository.show_repository(replace(repository, choices=judged))
    card = view.repository.choices.button(str(repository.recommended))
    assert card.accessibleDescription().endswith("fits on Card A  ·  fits in part on Card B  ·  no room on Card C")


def test_pausing_and_going_on(desk: Desk, view: Any) -> None:
    search(desk, view, "ZZ")
    open_offer(desk, view, 0)
    choose(view, "slow.gguf")
    view.repository.download.click()
    transfer = desk.seedling.discover.downloads.transfers()[0]
    row = view.downloads.row(transfer.wanted.key)
    desk.wait(lambda: "2.0" in row.words.text())
    assert not view.repository.download.isEnabled(), "it is on its way"
    row.pause.click()
    desk.wait(lambda: states(desk) == ["paused"])
    assert view.repository.download.text() == "Go on downloading"
    row.resume.click()
    desk.wait(lambda: states(desk) == ["running"])
    row.remove.click()
    desk.wait(lambda: states(desk) == [])


def test_a_failed_download_says_why(desk: Desk, view: Any) -> None:
    search(desk, view, "ZZ")
    open_offer(desk, view, 0)
    choose(view, "qqq2.gguf")
    view.repository.download.click()
    desk.wait(lambda: states(desk) == ["failed"])
    key = desk.seedling.discover.downloads.transfers()[0].wanted.key
    assert "Free some space" in view.downloads.row(key).words.text()
    assert view.downloads.row(key).resume.isVisible()


def test_so_many_at_once_and_the_others_wait(desk: Desk) -> None:
    downloads = desk.seedling.discover.downloads
    for number in range(downloads_module.AT_ONCE + 1):
        downloads.start(Wanted(OPEN, (f"slow{number}.gguf",)))
    assert states(desk) == ["running"] * downloads_module.AT_ONCE + ["waiting"]
    first = downloads.transfers()[0].wanted
    downloads.start(first)
    assert states(desk).count("running") == downloads_module.AT_ONCE, "the same wish once"
    desk.wait(lambda: downloads.of(first).done > 0)
    downloads.pause(first.key)
    desk.wait(lambda: states(desk) == ["paused"] + ["running"] * downloads_module.AT_ONCE)


def test_a_download_that_nothing_comes_of_says_so(desk: Desk, view: Any) -> None:
    downloads, wanted = desk.seedling.discover.downloads, Wanted(OPEN, ("slow quiet.gguf",))
    downloads.start(wanted)
    desk.wait(lambda: downloads.of(wanted).quiet)
    assert "nothing has come" in view.downloads.row(wanted.key).words.text()
    assert "2.0\xa0GB" in view.downloads.row(wanted.key).words.text()
    downloads.pause(wanted.key)
    desk.wait(lambda: states(desk) == ["paused"])
    assert "nothing has come" not in view.downloads.row(wanted.key).words.text()


def test_gated_models_want_a_token_which_may_be_for_this_run_alone(desk: Desk, view: Any) -> None:
    search(desk, view, "ZZ")
    assert open_offer(desk, view, 1).access == "token"
    assert not view.repository.download.isEnabled()
    view.repository.token.click()
    dialog = view.findChild(TokenDialog)
    assert not dialog.accept_button.isEnabled()
    desk.qtbot.keyClicks(dialog.field, "hf_canary")
    dialog.remember.setChecked(False)
    dialog.accept_button.click()
    desk.wait(lambda: view.repository.repository is not None and view.repository.repository.access == "open")
    assert view.repository.download.isEnabled()
    assert "hf_canary" not in repr(desk.seedling.discover.downloads.transfers())


def test_datasets_are_asked_for_and_trained_on(desk: Desk, view: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(desk.seedling.training, "open", asked.append)
    view.kinds.button("dataset").click()
    assert not view.rows.offers
    search(desk, view, "ZZ")
    assert not view.fits.isVisible(), "rows fit everywhere"
    open_offer(desk, view, 0)
    assert view.repository.offer.kind == "dataset"
    view.repository.download.click()
    desk.wait(lambda: states(desk) == ["running"])


@pytest.mark.parametrize(
    ("card", "plain"),
    [
        ("<p align='center'>a</p>", "a"),
        ("a<br/>b", "a\nb"),
        ("a <!-- b\nc --> d", "a  d"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ("```html\n<p>a</p>\n```\n<p>b</p>", "```html\n<p>a</p>\n```\nb"),
        ("`<p>` <b>x</b>", "`<p>` x"),
        ("<img src='//host/share/x.png'>", ""),
    ],
)
def test_cards_are_shown_without_their_tags(card: str, plain: str) -> None:
    assert without_html(card) == plain


def test_nothing_in_a_card_is_fetched(qtbot: QtBot) -> None:
    card = CardView()
    qtbot.addWidget(card)
    card.show_card("# ZZ\n\n![x](//host/share/x.png) [y](file:///etc/passwd) [z](https://example.org)")
    qtbot.wait_until(lambda: "ZZ" in card.toPlainText())
    assert card.loadResource(QTextDocument.ResourceType.ImageResource.value, "//host/share/x.png").isNull()
    opened: list[str] = []
    card.link_activated.connect(opened.append)
    for address in ("file:///etc/passwd", "//host/share", "javascript:alert(1)", "https://example.org"):
        card.anchorClicked.emit(QUrl(address))
    assert opened == ["https://example.org"], "and that is only asked about"
