"""Decides what the page of servers does: what is asked of whom, with which key, and what becomes of the list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Signal

from app import messages
from app.background import Background
from app.destinations import Destinations
from app.engine_client import EngineClient, JobHandle
from app.messages import Notice
from app.providers.connect_dialog import ConnectDialog, Wish
from app.providers.dialog import ServerDialog
from app.providers.keeping import KeyKeeping
from app.providers.price_dialog import PriceDialog
from app.providers.view import ServersView
from app.widgets.labels import ask_before, plain_box
from engine import vault
from engine.errors import EngineError
from engine.events import Event, Failed, Finished, Server
from engine.providers import prices, provider_keys, provider_list
from engine.providers.base import Provider
from engine.settings import Settings

Keys = dict[str, str]
Problems = dict[str, EngineError]


class ServersController(QObject):
    """`changed`: other servers are connected, or have other models. `models_requested(name)`: those of one server.

    `key_changed(name)`: of a server, or it is let go. `page_requested`: this shall be seen. `switch_requested`: that of
    what may leave this computer.
    """

    changed = Signal()
    models_requested = Signal(str)
    key_changed = Signal(str)
    page_requested = Signal()
    switch_requested = Signal()

    def __init__(
        self,
        view: ServersView,
        client: EngineClient,
        destinations: Destinations,
        settings: Settings,
        background: Background,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._view, self._client, self._background = view, client, background
        self._destinations, self._settings = destinations, settings
        self.keeping = KeyKeeping(view, background, self)
        self._listings: list[JobHandle] = []  # those that read the list, or ask who is on it
        self._gone: set[str] = set()  # disconnected while these were under way, which may still tell of them
        self._scanning: JobHandle | None = None
        self._dialog: ServerDialog | None = None
        self._listen()

    def start(self) -> None:
        self.show_switch()
        self._destinations.refresh()

    def close(self) -> None:
        self._client.close()

    def show(self) -> None:
        self.page_requested.emit()

    def show_switch(self) -> None:
        """Whether anything may leave this computer has been decided anew."""
        stays = bool(self._settings.flag("stay_here"))
        text = self.tr("“Nothing leaves this computer” is on: only servers on this machine are asked.")
        self._view.show_stays(text if stays else "")
        if self._view.isVisible():
            self.read()

    # --- the list -----------------------------------------------------------------------------------------------------

    def read(self) -> None:
        """What is connected, without asking anybody."""
        if not self._listings:
            self._submit(None, {}, {})

    def refresh(self, names: Sequence[str] | None = None) -> None:
        """Ask these servers, or all, which models they have."""
        wanted = [server for server in self._view.servers if names is None or server.name in names]
        if wanted:
            self._view.show_busy([server.name for server in wanted], True)
            found = partial(_keys_of, [_provider(server) for server in wanted])
            self._background.run(found, lambda found: self._submit(*found), self._say)

    def _submit(self, names: list[str] | None, keys: Keys, unasked: Problems) -> None:
        """names: who is asked; None: nobody. unasked: those that cannot be, since their keys are not to be had."""
        seen: list[Server] = []
        handle = self._client.submit("providers", {"refresh": names is not None, "names": names, "keys": keys})
        self._listings.append(handle)
        handle.reported.connect(lambda event: self._told(event, seen))
        handle.done.connect(lambda ending: self._listed(handle, seen, unasked, ending))

    def _told(self, event: Event, seen: list[Server]) -> None:
        if isinstance(event, Server) and event.name not in self._gone:
            seen.append(event)
            self._view.take(_translated(event))
            self._view.show_busy([event.name], False)

    def _listed(self, handle: JobHandle, seen: list[Server], unasked: Problems, ending: Event) -> None:
        self._listings.remove(handle)
        if not self._listings:
            self._gone.clear()
        handle.params["keys"] = {}
        refreshed = handle.params["refresh"]
        if refreshed:
            self._view.show_busy([server.name for server in self._view.servers], False)
        if isinstance(ending, Failed):
            self._say(EngineError(ending.code, ending.detail, **ending.data))
        elif isinstance(ending, Finished) and ending.reason == "done" and not refreshed:
            self._view.keep([server.name for server in seen])
        for server in self._view.servers:
            if (error := unasked.get(server.name)) is not None:
                told = {"code": error.code, "data": error.data}
                self._view.take(_translated(replace(server, details={**server.details, "error": told})))
        if refreshed:
            self._changed()

    # --- connecting ---------------------------------------------------------------------------------------------------

    def look_for_servers(self) -> None:
        """On the ports of this computer where such programs usually listen."""
        if self._scanning is not None:
            return
        found: list[Server] = []
        self._view.show_scanning(True)
        self._scanning = handle = self._client.submit("scan_servers", {})
        handle.reported.connect(lambda event: found.append(event) if isinstance(event, Server) else None)
        handle.done.connect(lambda ending: self._scanned(found, ending))

    def _scanned(self, found: list[Server], ending: Event) -> None:
        self._scanning = None
        self._view.show_scanning(False)
        if isinstance(ending, Failed):
            self._say(EngineError(ending.code, ending.detail, **ending.data))
            return
        connected = {server.address for server in self._view.servers}
        new = [server for server in found if server.address not in connected]
        text = self.tr("No server answers on this computer.")
        self._view.show_found(new, self.tr("All that answer here are connected.") if found else text)

    def open_dialog(self, kind: str = "") -> ConnectDialog:
        """kind: a service of `texts.SERVICES`, else empty."""
        dialog = ConnectDialog(self._view)
        dialog.wanted.connect(self._connect)
        if kind:
            dialog.choose_service(kind)
        self._open(dialog)
        return dialog

    def _connect_found(self, server: Server) -> None:
        """One that wants no key is connected with a click."""
        if server.details.get("needs_key"):
            self.open_dialog().choose_address(server.address, server.kind)
            return
        for card in self._view.found:
            card.connect_button.setEnabled(False)
        handle = self._submit_connecting(Wish(server.address, server.kind))
        handle.done.connect(lambda ending: self._found_connected(server, ending))

    def _found_connected(self, server: Server, ending: Event) -> None:
        left = [card.server for card in self._view.found]
        if isinstance(ending, Failed):
            self._say(EngineError(ending.code, ending.detail, **ending.data))
        elif isinstance(ending, Finished) and ending.reason == "done":
            left.remove(server)
            self._connected(str(ending.stats.get("name")))
        self._view.show_found(left, "")

    def _connect(self, wish: Wish) -> None:
        handle = self._submit_connecting(wish)
        handle.done.connect(lambda ending: self._wish_ended(handle, wish, ending))
        if self._dialog is not None:
            self._dialog.show_busy(True)
            self._dialog.rejected.connect(handle.cancel)

    def _submit_connecting(self, wish: Wish) -> JobHandle:
        """A key counts for this run until it is put away."""
        for listing in list(self._listings):  # what may take its time
            listing.cancel()
        place = "run" if wish.key else ""
        params = {"address": wish.address, "kind": wish.kind, "name": wish.name, "key": wish.key or None}
        handle = self._client.submit("connect", {**params, "key_place": place})
        handle.reported.connect(self._joined)
        return handle

    def _joined(self, event: Event) -> None:
        if isinstance(event, Server):
            self._gone.discard(event.name)
        self._told(event, [])

    def _wish_ended(self, handle: JobHandle, wish: Wish, ending: Event) -> None:
        handle.params["key"] = None
        if isinstance(ending, Failed):
            self._refuse(EngineError(ending.code, ending.detail, **ending.data))
        elif isinstance(ending, Finished) and ending.reason == "done":
            name = str(ending.stats.get("name"))
            self._end_dialog()
            if wish.key:
                provider = _provider(self._view.card(name).server)
                put = partial(provider_keys.keep, provider, wish.key, "run")
                self._background.run(put, lambda _: self._key_is_there(provider, wish), self._say)
            self._connected(name)

    def _key_is_there(self, provider: Provider, wish: Wish) -> None:
        if wish.remember:
            self.keeping.keep(provider, wish.key, True)

    def _connected(self, name: str) -> None:
        text = self.tr("{name} is connected. Its models are among all models.").format(name=name)
        self._view.notice.show_notice(Notice(text, calm=True))
        self._changed()

    def _ask_to_disconnect(self, server: Server) -> None:
        text = self.tr("Disconnect “{name}”?").format(name=server.name)
        about = self.tr("Its key is forgotten, and its models leave the list. Chats with them stay.")
        box = plain_box(self._view, self.tr("Disconnect a server"), text, about)
        ask_before(box, self.tr("Disconnect"), lambda: self._disconnect(server))

    def _disconnect(self, server: Server) -> None:
        def gone(error: EngineError | None) -> None:
            self._gone |= {server.name} if self._listings else set()
            self._view.keep([other.name for other in self._view.servers if other.name != server.name])
            self.key_changed.emit(server.name)
            if error is not None:
                text = self.tr("{name} is disconnected, but its key could not be forgotten.").format(name=server.name)
                self._view.notice.show_notice(Notice(f"{text} {messages.sentence(error.code, error.data)}"))
            self._changed()

        self._background.run(partial(provider_keys.disconnect, server.name), gone, self._say)

    # --- keys ---------------------------------------------------------------------------------------------------------

    def enter_key(self, name: str) -> None:
        """For a server on the list, which wants one or does not know the one it was given."""

        def found(provider: Provider) -> None:
            if provider.key_place == "vault" and not vault.is_open():
                self.keeping.unlock()
            else:
                self.keeping.ask(provider)

        self._background.run(lambda: provider_list.find(name).provider, found, self._say)

    def _key_kept(self, provider: Provider) -> None:
        self._view.notice.clear()
        self.key_changed.emit(provider.name)
        if any(server.name == provider.name for server in self._view.servers):
            old = self._view.card(provider.name).server
            self._view.take(replace(old, details={**old.details, "key_place": provider.key_place}))
            self.refresh([provider.name])
        self.changed.emit()

    # --- prices -------------------------------------------------------------------------------------------------------

    def open_prices(self) -> None:
        self._background.renew("prices", prices.table, self._show_prices, self._say)

    def _show_prices(self, table: prices.Table) -> None:
        dialog = PriceDialog(table, [_provider(server) for server in self._view.servers], self._view)
        dialog.wanted.connect(self._save_prices)
        self._open(dialog)

    def _save_prices(self, rows: list[dict[str, Any]]) -> None:
        if self._dialog is not None:
            self._dialog.show_busy(True)
        self._background.run(partial(prices.save, rows), self._prices_saved, self._refuse)

    def _prices_saved(self, _: object) -> None:
        self._end_dialog()
        self.changed.emit()

    # --- the dialog that is open; work on other threads holds none, since it might be the last to let go of it --------

    def _open(self, dialog: ServerDialog) -> None:
        self._dialog = dialog
        dialog.finished.connect(self._dialog_closed)
        dialog.open()

    def _end_dialog(self) -> None:
        if self._dialog is not None and self._dialog.busy:
            self._dialog.accept()

    def _refuse(self, error: EngineError) -> None:
        if self._dialog is not None and self._dialog.busy:
            self._dialog.show_problem(messages.sentence(error.code, error.data))
        else:
            self._say(error)

    def _dialog_closed(self) -> None:
        self._dialog = None

    # --- saying -------------------------------------------------------------------------------------------------------

    def _changed(self) -> None:
        self._destinations.refresh()
        self.changed.emit()

    def _say(self, error: EngineError) -> None:
        self._view.show_busy([server.name for server in self._view.servers], False)
        self._view.notice.show_notice(Notice(messages.sentence(error.code, error.data)))

    def _listen(self) -> None:
        view = self._view
        view.shown.connect(self.read)
        view.connect_requested.connect(self.open_dialog)
        view.found_chosen.connect(self._connect_found)
        view.scan_requested.connect(self.look_for_servers)
        view.refresh_requested.connect(self.refresh)
        view.prices_requested.connect(self.open_prices)
        view.switch_requested.connect(self.switch_requested)
        view.models_requested.connect(lambda server: self.models_requested.emit(server.name))
        view.server_refresh_requested.connect(lambda server: self.refresh([server.name]))
        view.key_requested.connect(lambda server: self.keeping.ask(_provider(server)))
        view.unlock_requested.connect(lambda _: self.keeping.unlock())
        view.disconnect_requested.connect(self._ask_to_disconnect)
        self.keeping.kept.connect(self._key_kept)
        self.keeping.unlocked.connect(self.refresh)
        self.keeping.failed.connect(self._say)


def _translated(server: Server) -> Server:
    """With its problem in the person's language."""
    error = server.details.get("error")
    if not isinstance(error, dict):
        return server
    return replace(server, problem=messages.sentence(str(error.get("code")), error.get("data") or {}))


def _provider(server: Server) -> Provider:
    return Provider(server.name, server.kind, server.address, str(server.details.get("key_place") or ""))


def _keys_of(providers: Iterable[Provider]) -> tuple[list[str], Keys, Problems]:
    """Who can be asked, with their keys, and why the others cannot."""
    names: list[str] = []
    keys: Keys = {}
    problems: Problems = {}
    for provider in providers:
        try:
            key = provider_keys.key(provider)
        except EngineError as error:
            problems[provider.name] = error
            continue
        names.append(provider.name)
        if key is not None:
            keys[provider.name] = key
    return names, keys, problems
