"""The page of servers: who is asked, when, with which key, and what comes of it, with a scripted worker."""

from __future__ import annotations

from typing import Any

import pytest
from memory_keyring import LockedKeyring, MemoryKeyring
from PySide6.QtWidgets import QMessageBox

from app.engine_client import JobHandle
from app.providers.connect_dialog import ConnectDialog
from app.providers.keeping import _put
from app.providers.key_dialogs import KeepDialog, KeyDialog, PassphraseDialog
from engine import keys, vault
from engine.errors import EngineError
from engine.providers import provider_keys, provider_list
from engine.providers.base import Provider

Desk = Any  # tests/app/conftest.py

ADDRESS, SECRET = "http://127.0.0.1:9000", "sk-canary-of-this-test"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Deriving a key takes half a second where it is not a test; what one test keeps, the next does not find."""
    monkeypatch.setattr(vault, "_COST", 16)
    yield
    vault.close()
    keys._for_this_run.clear()
    MemoryKeyring.kept.clear()


@pytest.fixture
def keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "_backend", MemoryKeyring)


@pytest.fixture
def page(desk: Desk) -> Desk:
    """The desk with the page of servers before it, and the list read."""
    desk.window.show_page("models")
    desk.seedling.models_page.show_view("servers")
    desk.wait(lambda: len(desk.seedling.servers_view.servers) == 3)
    return desk


def view(desk: Desk) -> Any:
    return desk.seedling.servers_view


def listed(place: str = "", name: str = "ZZ", address: str = ADDRESS) -> Provider:
    provider = Provider(name, "compatible", address, place)
    provider_list.add(provider)
    return provider


def dialog(desk: Desk, kind: type) -> Any:
    desk.wait(lambda: any(each.isVisible() for each in view(desk).findChildren(kind)))
    return next(each for each in view(desk).findChildren(kind) if each.isVisible())


def place_of(name: str) -> str:
    return provider_list.find(name).provider.key_place


# --- the list --------------------------------------------------------------------------------------------------------


def test_a_server_says_what_it_is_how_far_it_is_and_what_is_wrong(page: Desk) -> None:
    near, locked, far = (view(page).card(name) for name in ("ZZ", "locked", "far"))
    assert [card.badge.text() for card in (near, locked, far)] == [
        "this machine",
        "local network",
        "leaves this machine",
    ]
    assert "Ollama" in near._about.text()
    assert "11434" in near._about.text()
    assert "3 models" in near._state.text()
    assert not near.problem.isVisible()
    assert "wants a key" in locked.problem.text()
    assert locked.enter_key.isVisible()
    view(page).refresh.click()
    page.wait(lambda: "cannot be reached" in far.problem.text())
    assert not far.enter_key.isVisible()
    assert far.refresh.isEnabled()


def test_a_key_that_cannot_be_had_is_said_at_its_server_and_the_others_are_asked(page: Desk, keyring: None) -> None:
    server = view(page).card("ZZ").server
    details = {**server.details, "key_place": "vault"}
    view(page).take(type(server)("ZZ", server.kind, server.address, None, details))
    page.seedling.servers.refresh()
    page.wait(lambda: "locked" in view(page).card("ZZ").problem.text())
    assert view(page).card("ZZ").unlock.isVisible()
    page.wait(lambda: "cannot be reached" in view(page).card("far").problem.text())


def test_its_models_are_shown_among_all_models(page: Desk) -> None:
    view(page).card("far").models.click()
    assert page.seedling.models_page.view == "local"
    assert page.seedling.models_page.local.filter.text() == "far/"


def test_what_is_connected_already_is_not_offered(page: Desk) -> None:
    view(page).scan.click()
    page.wait(lambda: len(view(page).found) == 2)
    server = view(page).card("ZZ").server
    view(page).take(type(server)("ZZ", "llama.cpp", "http://127.0.0.1:8080", None, server.details))
    page.seedling.servers.look_for_servers()
    page.wait(lambda: len(view(page).found) == 1)
    assert view(page).found[0].server.kind == "lmstudio"


# --- connecting ------------------------------------------------------------------------------------------------------


def test_one_that_was_found_is_connected_with_a_click(page: Desk) -> None:
    view(page).scan.click()
    page.wait(lambda: len(view(page).found) == 2)
    view(page).found[0].connect_button.click()
    page.wait(lambda: "ZZ is connected" in view(page).notice.text)
    assert [card.server.kind for card in view(page).found] == ["lmstudio"]
    view(page).found[0].connect_button.click()  # it wants a key
    assert dialog(page, ConnectDialog).address.text() == "http://127.0.0.1:1234"


def test_what_was_written_stays_until_it_is_connected(page: Desk) -> None:
    view(page).connect_button.click()
    asked = dialog(page, ConnectDialog)
    asked.address.setText("http://127.0.0.1/gone")
    asked.name.setText("mine")
    asked.go_on.click()
    page.wait(lambda: "No server answers" in asked.problem.text())
    asked.address.setText("http://127.0.0.1/refuse")
    asked.go_on.click()
    page.wait(lambda: "wants a key" in asked.problem.text())
    assert asked.name.text() == "mine"
    asked.address.setText(ADDRESS)
    asked.go_on.click()
    page.wait(lambda: "mine is connected" in view(page).notice.text)
    assert view(page).card("mine").server.address == ADDRESS


def test_cancel_stops_asking(page: Desk) -> None:
    asked = page.seedling.servers.open_dialog()
    asked.address.setText("http://127.0.0.1/wait")
    asked.go_on.click()
    asked.buttons.rejected.emit()
    asked = page.seedling.servers.open_dialog()  # and the worker is free for the next one
    asked.address.setText(ADDRESS)
    asked.go_on.click()
    page.wait(lambda: "is connected" in view(page).notice.text)


def test_the_dialog_says_where_words_will_go(page: Desk) -> None:
    asked = page.seedling.servers.open_dialog("anthropic")
    assert asked.address.text() == "https://api.anthropic.com"
    assert asked.badge.text() == "leaves this machine"
    assert "api.anthropic.com" in asked._about.text()
    asked.address.setText("localhost:8080")
    assert asked.badge.text() == "this machine"
    asked.address.setText("http://me:secret@host")
    assert not asked.badge.isVisible()


# --- keys ------------------------------------------------------------------------------------------------------------


def connect_with_key(page: Desk) -> ConnectDialog:
    listed("run")
    asked = page.seedling.servers.open_dialog()
    asked.address.setText(ADDRESS)
    asked.key.setText(SECRET)
    asked.go_on.click()
    return asked


def test_a_key_goes_into_the_keyring_and_stays_in_no_widget(page: Desk, keyring: None) -> None:
    asked = connect_with_key(page)
    cleared: list[str] = []
    asked.finished.connect(lambda _: cleared.append(asked.key.text()))
    page.wait(lambda: place_of("ZZ") == "keyring")
    assert cleared == [""]
    assert SECRET in MemoryKeyring.kept.values()
    page.wait(lambda: view(page).card("ZZ").server.details["key_place"] == "keyring")
    assert not keys._for_this_run


@pytest.mark.parametrize("backend", [None, LockedKeyring])
def test_without_a_keyring_the_person_chooses(page: Desk, monkeypatch: pytest.MonkeyPatch, backend: Any) -> None:
    if backend is not None:
        monkeypatch.setattr(keys, "_backend", backend)
    connect_with_key(page)
    where = dialog(page, KeepDialog)
    assert place_of("ZZ") == "run"  # it is connected, and can be used meanwhile
    where.places.button("vault").click()
    where.passphrase.setText("a passphrase")
    where.again.setText("another one")
    where.go_on.click()
    assert "not the same" in where.problem.text()
    where.again.setText("a passphrase")
    where.go_on.click()
    page.wait(lambda: place_of("ZZ") == "vault")
    assert provider_keys.key(provider_list.find("ZZ").provider) == SECRET


def test_a_key_for_this_run_only_is_kept_nowhere(page: Desk) -> None:
    connect_with_key(page)
    where = dialog(page, KeepDialog)
    where.go_on.click()
    page.wait(lambda: page.seedling.servers.keeping._dialog is None)
    assert place_of("ZZ") == "run"
    assert not vault.exists()
    assert provider_keys.key(provider_list.find("ZZ").provider) == SECRET


def test_a_passphrase_that_is_wrong_is_said_and_asked_again(page: Desk) -> None:
    vault.open("a passphrase")
    provider = listed("vault")
    provider_keys.keep(provider, SECRET, "vault")
    vault.close()
    page.seedling.servers.enter_key("ZZ")
    asked = dialog(page, PassphraseDialog)
    asked.field.setText("wrong one")
    asked.go_on.click()
    page.wait(lambda: "not the passphrase" in asked.problem.text())
    asked.field.setText("a passphrase")
    asked.go_on.click()
    page.wait(vault.is_open)


def test_another_key_takes_the_place_of_the_old_one(page: Desk, keyring: None) -> None:
    provider = listed("keyring")
    provider_keys.keep(provider, "sk-old", "keyring")
    page.seedling.servers.enter_key("ZZ")
    asked = dialog(page, KeyDialog)
    assert not asked.go_on.isEnabled()
    asked.field.setText("two words")
    asked.go_on.click()
    page.wait(lambda: "no spaces" in asked.problem.text())
    asked.field.setText(SECRET)
    asked.go_on.click()
    page.wait(lambda: SECRET in MemoryKeyring.kept.values())
    assert "sk-old" not in MemoryKeyring.kept.values()


@pytest.mark.parametrize(("old", "new"), [("vault", "keyring"), ("keyring", "run"), ("keyring", "vault")])
def test_a_key_is_in_one_place_only(keyring: None, old: str, new: str) -> None:
    vault.open("a passphrase")
    provider = provider_keys.keep(listed(), "sk-old", old)
    provider_list.replace(provider)
    kept = _put(provider, SECRET, new)
    assert provider_keys.key(kept) == SECRET
    keys._for_this_run.clear()
    with pytest.raises(EngineError) as caught:
        provider_keys.key(provider)
    assert caught.value.code == "provider_key_missing"


# --- disconnecting ---------------------------------------------------------------------------------------------------


def disconnect(page: Desk, name: str, label: str = "Disconnect") -> None:
    view(page).disconnect_requested.emit(view(page).card(name).server)
    box = view(page).findChild(QMessageBox)
    next(button for button in box.buttons() if button.text() == label).click()


def test_disconnecting_forgets_the_key(page: Desk, keyring: None) -> None:
    connect_with_key(page)
    page.wait(lambda: view(page).card("ZZ").server.details["key_place"] == "keyring")
    disconnect(page, "ZZ", "Cancel")
    assert "ZZ" in provider_list.read()
    page.qtbot.wait(0)
    disconnect(page, "ZZ")
    page.wait(lambda: "ZZ" not in [server.name for server in view(page).servers])
    assert provider_list.read() == {}
    assert not MemoryKeyring.kept


def test_a_listing_that_is_under_way_does_not_put_a_disconnected_server_back(page: Desk, keyring: None) -> None:
    connect_with_key(page)
    page.wait(lambda: view(page).card("ZZ").server.details["key_place"] == "keyring")
    servers, late = page.seedling.servers, view(page).card("ZZ").server
    servers._listings.append(JobHandle(servers._client, 0, "providers", {}))  # it takes its time
    disconnect(page, "ZZ")
    page.wait(lambda: "ZZ" not in [server.name for server in view(page).servers])
    servers._told(late, [])
    assert "ZZ" not in [server.name for server in view(page).servers]
    servers._joined(late)  # connected again meanwhile
    assert "ZZ" in [server.name for server in view(page).servers]


def test_a_key_that_another_server_is_asked_with_stays(page: Desk, keyring: None) -> None:
    connect_with_key(page)
    page.wait(lambda: view(page).card("ZZ").server.details["key_place"] == "keyring")
    listed("keyring", "other", f"{ADDRESS}/v1")
    disconnect(page, "ZZ")
    page.wait(lambda: "ZZ" not in provider_list.read())
    assert provider_keys.key(provider_list.find("other").provider) == SECRET


def test_a_key_that_cannot_be_forgotten_is_said(page: Desk, monkeypatch: pytest.MonkeyPatch, keyring: None) -> None:
    connect_with_key(page)
    page.wait(lambda: view(page).card("ZZ").server.details["key_place"] == "keyring")
    monkeypatch.setattr(keys, "_backend", LockedKeyring)
    disconnect(page, "ZZ")
    page.wait(lambda: "could not be forgotten" in view(page).notice.text)
    assert "ZZ" not in provider_list.read()
