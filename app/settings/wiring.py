"""The page of settings with all that belongs to it, made when it is first wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.settings.controller import SettingsController
from app.settings.page import SettingsPage
from app.wiring import Wiring

if TYPE_CHECKING:
    from app.application import Seedling

PARTS = ()  # it is made from the table of options, with the actions there are


class SettingsWiring(Wiring):
    """What happens between this page and the rest of the program."""

    page: SettingsPage

    def __init__(self, program: Seedling) -> None:
        super().__init__()
        self._program = program
        self.page = SettingsPage(program.actions.bound())
        self.controller = SettingsController(
            self.page,
            program.options,
            program.backing_up,
            program.store.path,
            program.workers.settings,
            program.background,
            self,
        )
        self.page.about.button.clicked.connect(lambda: program.about.show())
        self.controller.delete_chats_requested.connect(program.chat.delete_all)
        program.destinations.changed.connect(self._show_leaving)

    def start(self) -> None:
        self.controller.start()
        self._show_leaving()

    def follow(self, option: str) -> None:
        if option == "stay_here":
            self._show_leaving()

    def close(self) -> None:
        self.controller.close()

    def show_section(self, section: str) -> None:
        self._program.window.show_page("settings")
        self.page.show_section(section)

    def _show_leaving(self) -> None:
        """What may leave this computer, and to whom."""
        beyond = [(destination.provider, destination.host) for destination in self._program.destinations.beyond]
        self.page.privacy.show_leaving(bool(self._program.options.settings.flag("stay_here")), beyond)
