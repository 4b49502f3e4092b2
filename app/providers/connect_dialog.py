"""Asks for the address of a server or an API, and for a key where it wants one."""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLineEdit, QPushButton, QWidget

from app.providers import texts
from app.providers.dialog import ServerDialog, secret_field
from app.providers.reach_badge import ReachBadge
from app.settings.rows import ChoiceBox
from app.settings.texts import breakable, small_label
from app.theme import space
from app.widgets.fitting import follow_font
from app.widgets.flow import FlowLayout
from engine.errors import EngineError
from engine.providers import reach
from engine.providers.base import KINDS


@dataclass(frozen=True)
class Wish:
    """What is to be connected. name: None has one made. key: empty for none; remember: in the keyring."""

    address: str
    kind: str = "auto"
    name: str | None = None
    key: str = field(default="", repr=False)
    remember: bool = True


class ConnectDialog(ServerDialog):
    """`wanted(Wish)`."""

    wanted = Signal(object)
    WIDTH_EM, HEIGHT_EM = 30.0, 34.0

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(self.tr("Connect a server or an API"), self.tr("Connect"), parent)
        self.services = {kind: QPushButton(texts.kind_name(kind)) for kind in texts.SERVICES}
        self.address, self.name, self.key = QLineEdit(), QLineEdit(), secret_field()
        self.address.setPlaceholderText("http://127.0.0.1:8080")
        self.name.setPlaceholderText(self.tr("made from its kind"))
        self.kind = ChoiceBox()
        self.kind.addItem(self.tr("Found out by asking it"), "auto")
        for kind in KINDS:
            self.kind.addItem(texts.kind_name(kind), kind)
        self.remember = QCheckBox(self.tr("Keep the key in the system's keyring"))
        self.remember.setChecked(True)
        self.badge, self._about = ReachBadge(), small_label()
        self._build()
        for kind, button in self.services.items():
            button.setAccessibleName(button.text())
            button.clicked.connect(lambda _, kind=kind: self.choose_service(kind))
        self.address.textChanged.connect(lambda _: self._show_reach())
        self.key.textChanged.connect(lambda text: self.remember.setEnabled(bool(text)))
        self.remember.setEnabled(False)
        self.finished.connect(self.key.clear)
        self._show_reach()

    def choose_service(self, kind: str) -> None:
        """One of `texts.SERVICES`: only its key is left to be written."""
        self.address.setText(texts.SERVICES[kind])
        self.kind.setCurrentIndex(self.kind.findData(kind))
        self.key.setFocus()

    def choose_address(self, address: str, kind: str) -> None:
        self.address.setText(address)
        self.kind.setCurrentIndex(max(0, self.kind.findData(kind)))
        self.key.setFocus()

    def submit(self) -> None:
        if not self.address.text().strip():
            self.address.setFocus()
            return
        name, secret = self.name.text().strip() or None, self.key.text().strip()
        kind = str(self.kind.currentData())
        self.wanted.emit(Wish(self.address.text().strip(), kind, name, secret, self.remember.isChecked()))

    def _show_reach(self) -> None:
        """How far what is written will go, as far as the address says by now."""
        try:
            address = reach.checked(self.address.text())
        except EngineError:
            self.badge.hide()
            self._about.setText(self.tr("Nothing is asked before you press Connect."))
            return
        far = reach.reach(address)
        self.badge.show()
        self.badge.show_reach(far)
        self._about.setText(breakable(texts.about_reach(far, texts.host_of(address))))

    def _build(self) -> None:
        services = FlowLayout()
        for button in self.services.values():
            services.addWidget(button)
        self.column.addLayout(services)
        self.add(self.tr("Address"), self.address)
        says = QHBoxLayout()
        says.addWidget(self.badge)
        says.addWidget(self._about, 1)
        self.column.addLayout(says)
        self.add(self.tr("Kind"), self.kind)
        self.add(self.tr("Name"), self.name)
        self.add(self.tr("Key, if it wants one"), self.key)
        self.column.addWidget(self.remember)
        self.column.addWidget(
            small_label(self.tr("Otherwise it is forgotten when Seedling ends. It is sent to this address alone."))
        )

        def fit() -> None:
            services.setSpacing(space(self))
            says.setSpacing(space(self))

        follow_font(self.badge, fit)
        self.column.addStretch(1)
        self.fill(self.address)
