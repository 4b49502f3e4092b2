"""The page of models with its three views and all that belongs to them, made when it is first wanted."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.discover.controller import DiscoverController
from app.discover.downloads import Downloads
from app.discover.view import DiscoverView
from app.library.controller import LibraryController
from app.library.page import ModelsPage
from app.providers.controller import ServersController
from app.providers.view import ServersView
from app.wiring import Wiring
from engine.events import Model

if TYPE_CHECKING:
    from app.application import Seedling

PARTS = (ModelsPage, DiscoverView, ServersView)


class ModelsWiring(Wiring):
    """What happens between this page, its views and the rest of the program."""

    page: ModelsPage

    def __init__(self, program: Seedling) -> None:
        super().__init__()
        workers, background, settings = program.workers, program.background, program.options.settings
        self._program = program
        self.page = program.ahead.part(ModelsPage)
        self.library = LibraryController(
            self.page, program.known, workers.library, workers.files, program.replies, background, self
        )
        self.discover_view = program.ahead.part(DiscoverView)
        downloads = Downloads(workers.fetching, background)
        self.discover = DiscoverController(self.discover_view, workers.hub, downloads, background, self)
        self.page.add_view("discover", self.tr("Find more"), self.discover_view)
        self.servers_view = program.ahead.part(ServersView)
        self.servers = ServersController(
            self.servers_view, workers.servers, program.destinations, settings, background, self
        )
        self.page.add_view("servers", self.tr("Servers and APIs"), self.servers_view)
        self._follow_library()
        self._follow_discover()
        self._follow_servers()

    def start(self) -> None:
        self.library.start()
        self.discover.start()
        self.servers.start()
        self._show_stays()

    def follow(self, option: str) -> None:
        if option == "stay_here":
            self._show_stays()
            self.servers.show_switch()
            self.library.refresh()

    def close(self) -> None:
        self.library.close()
        self.discover.close()
        self.servers.close()

    # --- models of this computer --------------------------------------------------------------------------------------

    def _follow_library(self) -> None:
        library, program = self.library, self._program
        library.page_requested.connect(partial(program.window.show_page, "models"))
        library.data_dropped.connect(lambda paths: program.training.open(paths))
        library.changed.connect(program.chat.models.refresh)
        library.renamed.connect(program.chat.follow_model)
        library.chat_requested.connect(self._begin_chat)
        library.download_requested.connect(self._download_again)
        library.train_requested.connect(self._train_on)
        library.run_requested.connect(self._show_run)
        library.classify_requested.connect(lambda run: program.training.uses.classifying.open(run))
        library.storage_requested.connect(lambda: program.settings_wiring.show_section("storage"))
        library.server_requested.connect(lambda _: self.show_servers())

    def _begin_chat(self, model: str) -> None:
        chat = self._program.chat
        self._program.begin_chat(lambda: chat.choose_model(model))

    def _train_on(self, model: Model) -> None:
        """The next training is on top of this model."""
        self._program.window.show_page("training")
        self._program.training.prefer_model(model.name)

    def _show_run(self, folder: Path) -> None:
        self._program.window.show_page("training")
        self._program.training.show_run(folder)

    # --- models of the hub --------------------------------------------------------------------------------------------

    def _follow_discover(self) -> None:
        self.discover.model_arrived.connect(lambda _: self.library.refresh())
        self.discover.chat_requested.connect(self._begin_chat)
        self.discover.data_requested.connect(self._train_with)
        self.discover_view.switch_requested.connect(self._show_switch)

    def show_repository(self, repo: str) -> None:
        """One of the hub that is named from outside."""
        self._program.window.show_page("models")
        self.page.show_view("discover")
        self.discover.introduce(repo)

    def _download_again(self, source: dict[str, Any]) -> None:
        self.page.show_view("discover")
        self.discover.download_again(source)

    def _train_with(self, data: list[Path]) -> None:
        self._program.window.show_page("training")
        self._program.training.open(data)

    # --- models of servers --------------------------------------------------------------------------------------------

    def _follow_servers(self) -> None:
        self.servers.page_requested.connect(self.show_servers)
        self.servers.models_requested.connect(self._show_models_of)
        self.servers.key_changed.connect(self._ask_anew)
        self.servers.changed.connect(self.library.refresh)
        self.servers.changed.connect(self._program.chat.models.refresh)
        self.servers.switch_requested.connect(self._show_switch)

    def show_servers(self) -> None:
        self._program.window.show_page("models")
        self.page.show_view("servers")

    def _ask_anew(self, server: str) -> None:
        """A model of it that is connected holds a key that does not count any more."""
        program = self._program
        for name in (*program.known.models, program.chat.models.name):
            if name.startswith(f"{server}/"):
                program.replies.reopen(name)

    def _show_models_of(self, server: str) -> None:
        self._program.window.show_page("models")
        self.page.show_view("local")
        self.page.local.look_for(f"{server}/")

    # --- what may leave -----------------------------------------------------------------------------------------------

    def _show_stays(self) -> None:
        self.discover_view.show_stays(bool(self._program.options.settings.flag("stay_here")))

    def _show_switch(self) -> None:
        """Of the settings: whether anything may leave this computer."""
        self._program.settings_wiring.show_section("privacy")
