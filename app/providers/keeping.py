"""Keeps a key: in the keyring, and where that does not take it, where the person says. Never on the window's thread."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TypeVar

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app import messages
from app.background import Background
from app.providers.dialog import ServerDialog
from app.providers.key_dialogs import KeepDialog, KeyDialog, PassphraseDialog
from engine import vault
from engine.errors import EngineError
from engine.providers import provider_keys, provider_list
from engine.providers.base import Provider

T = TypeVar("T")

_NO_KEYRING = ("keyring_none", "keyring_failed", "keyring_silent")


class KeyKeeping(QObject):
    """`kept(Provider)`: it has a key now. `unlocked`: the encrypted file is open. `failed(EngineError)`.

    What is called back holds no dialog: another thread might be the last to let go of it.
    """

    kept = Signal(object)
    unlocked = Signal()
    failed = Signal(object)

    def __init__(self, view: QWidget, background: Background, parent: QObject | None = None) -> None:
        """view: over which dialogs stand."""
        super().__init__(parent)
        self._view, self._background = view, background
        self._dialog: ServerDialog | None = None  # the one that is open

    def ask(self, provider: Provider) -> None:
        """For the key of a provider on the list."""
        dialog = KeyDialog(provider.name, provider.address, self._view)
        dialog.entered.connect(partial(self.keep, provider))
        self._open(dialog)

    def keep(self, provider: Provider, secret: str, remember: bool) -> None:
        """Put a key away, in the keyring or for this run."""
        place = "keyring" if remember else "run"
        self._begin(partial(_put, provider, secret, place), self._kept, partial(self._not_kept, provider, secret))

    def unlock(self) -> None:
        """Open the encrypted file."""
        dialog = PassphraseDialog(self._view)
        dialog.entered.connect(self._unlock)
        self._open(dialog)

    def _not_kept(self, provider: Provider, secret: str, error: EngineError) -> None:
        if error.code not in _NO_KEYRING:
            self._refuse(error)
            return
        self._end()
        why = messages.sentence(error.code, error.data)
        dialog = KeepDialog(why, vault.exists(), vault.is_open(), self._view)
        dialog.chosen.connect(partial(self._keep_there, provider, secret))
        self._open(dialog)

    def _keep_there(self, provider: Provider, secret: str, place: str, passphrase: str) -> None:
        self._begin(partial(_put_there, provider, secret, place, passphrase), self._kept, self._refuse)

    def _kept(self, provider: Provider) -> None:
        self._end()
        self.kept.emit(provider)

    def _unlock(self, passphrase: str) -> None:
        self._begin(partial(vault.open, passphrase), self._unlocked, self._refuse)

    def _unlocked(self, _: None) -> None:
        self._end()
        self.unlocked.emit()

    # --- the dialog ---------------------------------------------------------------------------------------------------

    def _open(self, dialog: ServerDialog) -> None:
        self._dialog = dialog
        dialog.finished.connect(self._closed)
        dialog.open()

    def _begin(
        self, work: Callable[[], T], success: Callable[[T], object], failure: Callable[[EngineError], object]
    ) -> None:
        if self._dialog is not None:
            self._dialog.show_busy(True)
        self._background.run(work, success, failure)

    def _end(self) -> None:
        if self._dialog is not None and self._dialog.busy:  # else it is a newer one
            self._dialog.accept()

    def _refuse(self, error: EngineError) -> None:
        if self._dialog is not None and self._dialog.busy:
            self._dialog.show_problem(messages.sentence(error.code, error.data))
        else:
            self.failed.emit(error)

    def _closed(self) -> None:
        self._dialog = None


def _put_there(provider: Provider, secret: str, place: str, passphrase: str) -> Provider:
    if place == "vault" and not vault.is_open():
        vault.open(passphrase)
    return _put(provider, secret, place)


def _put(provider: Provider, secret: str, place: str) -> Provider:
    """Keep the key and have the list say where; where it was kept before, it is forgotten."""
    old = provider_list.find(provider.name).provider.key_place
    kept = provider_keys.keep(provider, secret, place)
    provider_list.replace(kept)
    if old not in ("", place) and (old, place) != ("run", "keyring"):  # the keyring's takes the place of the run's
        with contextlib.suppress(EngineError):  # a keyring that does not answer
            provider_keys.forget(replace(provider, key_place=old))
        if place == "run":  # memory forgets with the keyring
            provider_keys.keep(provider, secret, place)
    return kept
