"""The page of help with all that belongs to it, made when it is first wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app import translation
from app.help import guide
from app.help.page import HelpPage
from app.widgets.links import ask_and_open
from app.wiring import Wiring

if TYPE_CHECKING:
    from app.application import Seedling


class HelpWiring(Wiring):
    """What happens between this page and the rest of the program."""

    page: HelpPage

    def __init__(self, program: Seedling) -> None:
        super().__init__()
        self._program = program
        self.page = HelpPage(guide.read(translation.spoken()))
        self.page.report_wanted.connect(program.handlers.report)
        self.page.link_activated.connect(self._follow)

    def start(self) -> None:
        """All of it is there already."""

    def close(self) -> None:
        """Nothing of it runs on."""

    def _follow(self, address: str) -> None:
        """Go where a link of the guide leads."""
        if address.startswith(guide.PAGE_SCHEME):
            self.show_place(address.removeprefix(guide.PAGE_SCHEME))
        elif address.startswith(guide.ACTION_SCHEME):
            self._program.actions.run(address.removeprefix(guide.ACTION_SCHEME))
        else:
            ask_and_open(self.page, address)

    def show_place(self, place: str) -> None:
        """A page, and in it the part behind a slash: a section of the settings, a view of the models."""
        page, _, part = place.partition("/")
        self._program.window.show_page(page)
        if page == "settings" and part:
            self._program.settings_page.show_section(part)
        elif page == "models" and part:
            self._program.models_page.show_view(part)
