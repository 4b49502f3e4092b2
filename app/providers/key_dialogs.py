"""Ask for a key, for a place where it is kept when there is no keyring, and for the passphrase of that place."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from app.providers.dialog import ServerDialog, secret_field
from app.settings.texts import breakable, small_label
from app.theme import space
from app.widgets.choices import Cards
from app.widgets.fitting import follow_font
from app.widgets.labels import plain_label


class KeyDialog(ServerDialog):
    """`entered(secret, remember)`: remember: in the keyring."""

    entered = Signal(str, bool)
    WIDTH_EM, HEIGHT_EM = 27.0, 18.0

    def __init__(self, name: str, address: str, parent: QWidget | None = None) -> None:
        super().__init__(self.tr("Key"), self.tr("Use it"), parent)
        words = self.tr("The key for {name}. It is sent to {address} alone.")
        self.column.addWidget(plain_label(breakable(words.format(name=name, address=address)), wrap=True))
        self.field = secret_field()
        self.add(self.tr("Key"), self.field)
        self.remember = QCheckBox(self.tr("Keep the key in the system's keyring"))
        self.remember.setChecked(True)
        self.column.addWidget(self.remember)
        self.column.addWidget(small_label(self.tr("Otherwise it is forgotten when Seedling ends.")))
        self.field.textChanged.connect(lambda text: self.go_on.setEnabled(bool(text.strip())))
        self.go_on.setEnabled(False)
        self.finished.connect(self.field.clear)
        self.column.addStretch(1)
        self.fill(self.field)

    def submit(self) -> None:
        if self.field.text().strip():
            self.entered.emit(self.field.text().strip(), self.remember.isChecked())


class KeepDialog(ServerDialog):
    """Where a key is kept that the keyring does not take: `chosen(place, passphrase)`, place "run" or "vault".

    The passphrase is empty where none is needed, since the encrypted file is open.
    """

    chosen = Signal(str, str)
    WIDTH_EM, HEIGHT_EM = 30.0, 32.0

    def __init__(self, why: str, has_file: bool, is_open: bool, parent: QWidget | None = None) -> None:
        """has_file: there is an encrypted file already, which has a passphrase. is_open: it is unlocked."""
        super().__init__(self.tr("Where to keep the key"), self.tr("Keep it"), parent)
        self._new, self._open = not has_file, is_open
        self.column.addWidget(plain_label(why, wrap=True))
        self.places = Cards()
        file = self.tr("Seedling asks for a passphrase when the key is needed. Nobody can read it without.")
        self.places.set_choices(
            (
                ("run", self.tr("For this run only"), self.tr("It is forgotten when Seedling ends.")),
                ("vault", self.tr("In an encrypted file"), file),
            )
        )
        self.column.addWidget(self.places)
        self.passphrase, self.again = secret_field(), secret_field()
        self._passphrases = QWidget()
        self._fill_passphrases()
        self.places.chosen.connect(lambda _: self._show())
        self.finished.connect(self.passphrase.clear)
        self.finished.connect(self.again.clear)
        self.column.addStretch(1)
        self.fill(self.places.button("run"))
        self._show()

    def submit(self) -> None:
        if self.places.choice == "run":
            self.chosen.emit("run", "")
        elif self._new and self.passphrase.text() != self.again.text():
            self.show_problem(self.tr("The passphrases are not the same."))
        else:
            self.chosen.emit("vault", self.passphrase.text())

    def _fill_passphrases(self) -> None:
        label = self.tr("A passphrase for the file") if self._new else self.tr("Passphrase of the file")
        column = QVBoxLayout(self._passphrases)
        column.setContentsMargins(0, 0, 0, 0)
        self.add(label, self.passphrase, column)
        if self._new:
            self.add(self.tr("The same again"), self.again, column)
            column.addWidget(small_label(self.tr("Nobody can find it out or reset it: keep it in mind.")))
        self.column.addWidget(self._passphrases)
        follow_font(self._passphrases, lambda: column.setSpacing(space(self, 1.5)))

    def _show(self) -> None:
        self._passphrases.setVisible(self.places.choice == "vault" and not self._open)


class PassphraseDialog(ServerDialog):
    """Unlock the encrypted file: `entered(passphrase)`."""

    entered = Signal(str)
    WIDTH_EM, HEIGHT_EM = 26.0, 13.0

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(self.tr("Unlock the keys"), self.tr("Unlock"), parent)
        words = self.tr("The file with the keys is locked. Once unlocked, it stays open until Seedling ends.")
        self.column.addWidget(plain_label(words, wrap=True))
        self.field = secret_field()
        self.add(self.tr("Passphrase"), self.field)
        self.finished.connect(self.field.clear)
        self.column.addStretch(1)
        self.fill(self.field)

    def submit(self) -> None:
        self.entered.emit(self.field.text())
