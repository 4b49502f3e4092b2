"""A canary for a key, through the window with the real worker: it is nowhere but in the requests.

Whatever way it is kept and whatever goes wrong, it is looked for in every file under the home, in what is shown, and in
what other processes of ours can be asked about themselves.
"""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil
import pytest
from fake_servers import FakeCompatible
from memory_keyring import MemoryKeyring
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.application import Seedling
from app.crash import CrashDialog, CrashReporter
from app.library.model_actions import ModelAction
from app.messages import Remedy
from app.providers.connect_dialog import ConnectDialog
from app.providers.key_dialogs import KeepDialog, KeyDialog
from engine import keys, log, paths, vault
from engine.chat import backups
from engine.chat.store import Store
from engine.providers import provider_keys, provider_list
from engine.settings import Settings

CANARY = "sk-canary/of+this=window?0123456789QWERTY"
PASSPHRASE = "a passphrase of mine"


def forms() -> list[bytes]:
    """The canary as it might be written: plain, in an address, in base64 wherever it begins in it, in UTF-16."""
    written = [CANARY.encode(), quote(CANARY, safe="").encode(), quote(CANARY).encode(), CANARY.encode("utf-16-le")]
    for before in ("", "x", "xx"):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            whole = encode((before + CANARY).encode())
            written.append(whole[4:-4])  # without what its neighbours have a part in
    return written


def leaks(home: Path) -> list[str]:
    """Where a form of the canary is: in a file under the home, or in what the system tells of a process of ours."""
    places = {str(path): path.read_bytes() for path in home.rglob("*") if path.is_file()}
    for process in psutil.Process().children(recursive=True):
        for name in ("environ", "cmdline") if sys.platform == "linux" else ():
            place = Path(f"/proc/{process.pid}/{name}")
            places[str(place)] = place.read_bytes()
    return [place for place, held in places.items() if any(form in held for form in forms())]


class Owner:
    """Someone who has the key of a server."""

    def __init__(self, qtbot: QtBot, application: QApplication) -> None:
        settings = Settings()
        settings.set("motion", False)
        settings.set("stores_offered", True)
        settings.set("log_level", "detailed")
        settings.save()
        log.start("window")
        self.qtbot, self.store = qtbot, Store(paths.database())
        self.seedling = Seedling(application, self.store, settings)
        self.view, self.page = self.seedling.servers_view, self.seedling.page
        self.seedling.start()

    def wait(self, condition: Callable[[], object]) -> None:
        self.qtbot.wait_until(lambda: bool(condition()), timeout=60_000)

    def connect(self, address: str, name: str, key: str, remember: bool) -> ConnectDialog:
        self.seedling.window.show_page("models")
        self.seedling.models_page.show_view("servers")
        self.view.connect_button.click()
        dialog = self.seedling.servers._dialog
        assert isinstance(dialog, ConnectDialog)
        dialog.address.setText(address)
        dialog.name.setText(name)
        dialog.key.setText(key)
        dialog.remember.setChecked(remember)
        dialog.go_on.click()
        return dialog

    def keep_in_file(self) -> None:
        self.wait(lambda: isinstance(self.seedling.servers.keeping._dialog, KeepDialog))
        dialog: Any = self.seedling.servers.keeping._dialog
        dialog.places.button("vault").click()
        dialog.passphrase.setText(PASSPHRASE)
        dialog.again.setText(PASSPHRASE)
        dialog.go_on.click()

    def enter_key(self, secret: str) -> None:
        self.page.transcript.remedy_chosen.emit(Remedy.ENTER_KEY)
        self.wait(lambda: isinstance(self.seedling.servers.keeping._dialog, KeyDialog))
        dialog: Any = self.seedling.servers.keeping._dialog
        dialog.field.setText(secret)
        dialog.remember.setChecked(False)
        dialog.go_on.click()
        self.wait(lambda: self.seedling.servers.keeping._dialog is None)

    def choose(self, model: str) -> None:
        local = self.seedling.models_page.local
        self.seedling.models_page.show_view("local")
        self.wait(lambda: local.rows.model_of(model) is not None)
        local.select(model)
        self.wait(lambda: ModelAction.CHAT in local.detail._buttons)
        local.detail.button(ModelAction.CHAT).click()
        self.wait(lambda: self.seedling.chat.models.name == model)

    def say(self, text: str) -> None:
        self.page.composer.restore(text)
        self.seedling.chat.send()

    def last(self) -> tuple[str, str]:
        """The state and the text of the last message."""
        chat = self.seedling.chat.current
        rows = self.store.messages(chat) if chat is not None else []
        return (rows[-1].state, rows[-1].message.content) if rows else ("", "")


@pytest.fixture
def owner(qtbot: QtBot, qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> Iterator[Owner]:
    monkeypatch.setattr(vault, "_COST", 2)
    for name in ("OPENAI_API_KEY", "SHOP_TOKEN"):  # which workers must not be given either
        monkeypatch.setenv(name, CANARY)
    owner = Owner(qtbot, qapp)
    yield owner
    owner.seedling.window.close()
    owner.seedling.window.deleteLater()
    owner.seedling.deleteLater()
    qtbot.wait(0)
    keys._for_this_run.clear()
    vault.close()


@pytest.fixture
def memory_keyring(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "memory_keyring.MemoryKeyring")
    keys._backend.cache_clear()
    yield
    keys._backend.cache_clear()
    MemoryKeyring.kept.clear()


@pytest.fixture
def reports(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What crash reports say that are shown."""
    shown: list[str] = []
    monkeypatch.setattr(CrashDialog, "exec", lambda dialog: shown.append(dialog._report))
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    reporter = CrashReporter()
    reporter.install()
    yield shown
    reporter.deleteLater()


def place_of(name: str) -> str:
    listed = provider_list.read().get(name)
    return listed.provider.key_place if listed is not None else ""


@pytest.mark.parametrize("place", ["keyring", "run", "vault"])
def test_a_key_is_nowhere_but_in_the_requests(
    place: str, request: pytest.FixtureRequest, home: Path, reports: list[str]
) -> None:
    if place == "keyring":
        request.getfixturevalue("memory_keyring")
    owner: Owner = request.getfixturevalue("owner")
    with FakeCompatible(models=["small"], reply="Hello there, friend.", key=CANARY) as server:
        address = f"{server.url}/api/v1"
        dialog = owner.connect(address, "shop", CANARY + "-wrong", place != "run")
        owner.wait(lambda: bool(dialog.problem.text()))
        assert CANARY not in dialog.problem.text()
        dialog.key.setText(CANARY)
        dialog.go_on.click()
        if place == "vault":
            owner.keep_in_file()
        owner.wait(lambda: place_of("shop") == place)
        owner.choose("shop/small")
        owner.say("Hello!")
        owner.wait(lambda: owner.last() == ("done", "Hello there, friend."))
        assert leaks(home) == []

        _refused_and_killed(owner, server, home)
        _crashed(owner, address, reports)
        assert provider_keys.key(provider_list.find("shop").provider) == CANARY
        backups.make(paths.database())
        assert leaks(home) == []
        assert any(path.stat().st_size for path in paths.logs().rglob("*.log"))
    owner.seedling.window.close()
    assert leaks(home) == []
    assert vault.exists() is (place == "vault")
    if place == "vault":
        held = json.loads((home / "keys.json.enc").read_text())
        assert CANARY.encode() not in base64.b64decode(held["data"])


def _refused_and_killed(owner: Owner, server: FakeCompatible, home: Path) -> None:
    """The server wants another key, says ours, and loses the worker in the middle of a reply."""
    leak = {"error": {"message": f"the key {CANARY} is bad", "type": "invalid_request_error"}}
    server.fault("answer", path="completions", status=400, body=leak)
    owner.say("Say it.")
    owner.wait(owner.page.transcript.failure)
    assert CANARY not in owner.page.transcript.failure()
    server.reply, server.pace = ["word "] * 400, 0.05
    owner.seedling.chat.regenerate()
    owner.wait(lambda: owner.last()[0] == "streaming" and owner.last()[1])
    workers = psutil.Process().children(recursive=True)
    assert workers
    assert leaks(home) == []
    for worker in workers:
        worker.kill()
    owner.wait(lambda: owner.last()[0] != "streaming")
    server.reply, server.pace = "Hello again.", 0.0
    owner.seedling.chat.regenerate()
    owner.wait(lambda: owner.last() == ("done", "Hello again."))


def _crashed(owner: Owner, address: str, reports: list[str]) -> None:
    """A bug where the key is at hand, whose report tells all that is there."""
    controller = owner.seedling.servers

    def stumble(provider: object, wish: object) -> None:
        raise RuntimeError(f"a bug: {provider!r} {wish!r} {vars(controller)!r}")

    controller._key_is_there = stumble  # type: ignore[method-assign]
    owner.connect(address, "again", CANARY, False)
    owner.wait(lambda: reports)
    assert "a bug: Provider(" in reports[0]
    assert not [form for form in forms() if form in reports[0].encode()]


def test_each_form_of_the_canary_would_be_found(home: Path) -> None:
    basic = base64.b64encode(f"user:{CANARY}".encode()).decode()
    for text in (CANARY, f"?key={quote(CANARY, safe='')}&x", f"Basic {basic}", json.dumps({"key": CANARY})):
        (home / "found.txt").write_text(f"a line\n{text}\n")
        assert leaks(home) == [str(home / "found.txt")], text
