"""The whole window program in one place: what it is made of, and who gets what.

The front is there first, and a person can type; then come the chats, a slice at a time. Every other page is made, with
all that belongs to it, when it is first wanted: whoever asks for one of its parts here has it made.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from app import messages
from app.actions import Actions
from app.ahead import Ahead
from app.background import Background
from app.chat.chat_list import ChatListModel
from app.chat.controller import ChatController
from app.chat.replies import Replies
from app.destinations import Destinations
from app.drops import FileDrops
from app.front import Front
from app.garbage import Garbage
from app.handlers import Handlers
from app.known_models import KnownModels
from app.making_room import MakingRoom
from app.messages import Notice, Remedy
from app.opening import run as run
from app.recovering import Recovering
from app.settings.backing_up import BackingUp
from app.settings.options import Options
from app.slices import Slices
from app.wiring import Wiring
from app.workers import Workers
from engine.chat.store import Store
from engine.errors import EngineError
from engine.settings import Settings, runtime_options

if TYPE_CHECKING:
    from app.about.controller import About
    from app.about.updates import Updates
    from app.discover.controller import DiscoverController
    from app.discover.view import DiscoverView
    from app.first_steps.controller import FirstStepsController
    from app.handed import HandedFiles
    from app.help.wiring import HelpWiring
    from app.library.controller import LibraryController
    from app.library.page import ModelsPage
    from app.library.wiring import ModelsWiring
    from app.palette import CommandPalette
    from app.providers.controller import ServersController
    from app.providers.view import ServersView
    from app.settings.controller import SettingsController
    from app.settings.page import SettingsPage
    from app.settings.wiring import SettingsWiring
    from app.training.controller import TrainingController
    from app.training.page import TrainingPage
    from app.training.wiring import TrainingWiring

log = logging.getLogger(__name__)


W = TypeVar("W", bound=Wiring)


class Seedling(QObject):
    """Settings, store, workers, the chat and its window; and the other pages, once they are wanted."""

    def __init__(
        self,
        application: QApplication,
        store: Store,
        settings: Settings,
        workers: Workers | None = None,
        front: Front | None = None,
        safely: bool = False,
    ) -> None:
        """front: where it is shown already. safely: nothing is loaded or taken up again before `start_as_usual`."""
        super().__init__()
        self._garbage, self._safely = Garbage(self), safely
        self.workers = workers or Workers()
        self.store = store
        self._wirings: dict[str, Wiring] = {}
        self._front = front or Front(application, settings)
        self._shown = front is not None
        self.window, self.page, self._theme = self._front.window, self._front.page, self._front.theme
        self.background = Background(self)
        self.options = Options(settings, self.background, self)
        self.backing_up = BackingUp(settings, store.path, self.background, self)
        self.replies = Replies(self.workers.chat, store, self.background, self, self.workers.remote, of_store=True)
        self.making_room = MakingRoom(self.workers.holders, self)
        self.known = KnownModels(self.workers.library, self.background, self)
        self.destinations = Destinations(settings, self.background, self)
        chats = ChatListModel(self)
        self.page.sidebar.show_chats(chats)
        self.chat = ChatController(
            self.page,
            chats,
            store,
            self.replies,
            settings,
            self.known,
            self.destinations,
            self.background,
            self,
        )
        self.recovering = Recovering(store, self.background, self)
        self.drops = FileDrops(self.window)
        self.actions = Actions(settings.mapping("shortcuts"), self)
        self.handlers = Handlers(self)
        self._later = Slices(self._rest(), self)
        self.ahead = Ahead(self.window.place, lambda: self.replies.writing, self)
        self.window.on_close = self.close
        self._follow()
        for name in ("motion", "statistics", "threads"):
            self._apply(name)

    def start(self) -> None:
        if not self._shown:
            self._front.show()
        self.chat.models.gets_ready = not self._safely
        self.chat.start()
        self.known.glance()
        self.destinations.refresh()
        self.window.make_page = self._make_page
        self.window.show_page(self.window.current_page)  # it may be one that is to be made
        if self.actions.problems:
            self.page.notice.show_notice(Notice(" ".join(self.actions.problems)))
        if not self._safely:
            self._take_up()

    def start_as_usual(self) -> None:
        """Do what a safe start has left out."""
        self.options.release()
        self._front.restore()
        self.chat.open_last()
        self.chat.models.get_ready()
        self._take_up()

    def open_last_chat(self) -> None:
        self.options.release("chat")
        self.window.show_page("chat")
        self.chat.open_last()

    def _take_up(self) -> None:
        """Go on with what the last run left, and do what can wait until the window can be used."""
        self.recovering.start()
        self._later.start()
        self.ahead.start()

    def _rest(self) -> Generator[None, None, None]:
        """What need not be done before the window can be used."""
        self.backing_up.start()
        yield
        self.chat.clear_away()
        yield
        settings = self.options.settings
        if settings.mapping("moved"):  # a folder's old place is still to be cleared
            self._make_page("settings")
        yield
        if settings.flag("look_for_updates"):
            self.updates.look_once_a_day()
        yield
        if not settings.flag("stores_offered"):  # at the first start of all
            self.first_steps.show()

    def come_forward(self) -> None:
        self.window.setWindowState(self.window.windowState() & ~self.window.windowState().WindowMinimized)
        self.window.raise_()
        self.window.activateWindow()

    def end(self) -> None:
        """Close as the window's button does, whatever dialog is open; a training that runs can be resumed."""
        self.window.may_close = lambda: True
        self.window.close()
        QApplication.quit()

    def close(self) -> None:
        """What is being written is kept as interrupted; the worker ends; then the store closes."""
        self._later.stop()
        self.ahead.stop()
        self._front.remember()
        self.chat.close()
        self._save_settings()
        workers = self.workers
        for client in (workers.chat, workers.remote, workers.library, workers.servers, workers.updates):
            client.close()
        for wiring in self._wirings.values():
            wiring.close()
        if "first_steps" in vars(self):
            self.first_steps.close()
        self.known.close()
        self.backing_up.close()
        self.recovering.close()
        self.background.close()
        self.store.close()
        self._garbage.close()

    # --- pages that are made when they are first wanted ---------------------------------------------------------------

    def _make_page(self, id: str) -> None:
        """Have a page in the window; a person is told where it could not be made, and the rest goes on."""
        try:
            getattr(self, f"{id}_wiring")
        except Exception as error:
            log.exception("the page %s could not be made", id)
            self.window.show_page("chat")
            text = self.tr("This page could not be opened. The log of today says why.")
            self.page.notice.show_notice(Notice(text, (Remedy.COPY,), details=repr(error)))

    def _made(self, id: str, wiring: W) -> W:
        wiring.start()
        wiring.setParent(self)
        self._wirings[id] = wiring
        self.window.set_page(id, wiring.page)
        return wiring

    @cached_property
    def models_wiring(self) -> ModelsWiring:
        from app.library.wiring import ModelsWiring

        return self._made("models", ModelsWiring(self))

    @cached_property
    def training_wiring(self) -> TrainingWiring:
        from app.training.wiring import TrainingWiring

        return self._made("training", TrainingWiring(self))

    @cached_property
    def settings_wiring(self) -> SettingsWiring:
        from app.settings.wiring import SettingsWiring

        return self._made("settings", SettingsWiring(self))

    @cached_property
    def help_wiring(self) -> HelpWiring:
        from app.help.wiring import HelpWiring

        return self._made("help", HelpWiring(self))

    @cached_property
    def palette(self) -> CommandPalette:
        from app.palette import CommandPalette

        return CommandPalette(self.window)

    @cached_property
    def first_steps(self) -> FirstStepsController:
        from app.first_steps.controller import FirstStepsController

        return FirstStepsController(self)

    @cached_property
    def handed(self) -> HandedFiles:
        from app.handed import HandedFiles

        return HandedFiles(self)

    @cached_property
    def updates(self) -> Updates:
        from app.about.updates import Updates

        updates = Updates(self.workers.updates, self.options, self)
        updates.found.connect(self._say_found)
        return updates

    @cached_property
    def about(self) -> About:
        from app.about.controller import About

        about = About(self.window, self.updates, self.workers.updates, self.background, self)
        about.settings_requested.connect(lambda: self.settings_wiring.show_section("updates"))
        return about

    @property
    def models_page(self) -> ModelsPage:
        return self.models_wiring.page

    @property
    def library(self) -> LibraryController:
        return self.models_wiring.library

    @property
    def discover(self) -> DiscoverController:
        return self.models_wiring.discover

    @property
    def discover_view(self) -> DiscoverView:
        return self.models_wiring.discover_view

    @property
    def servers(self) -> ServersController:
        return self.models_wiring.servers

    @property
    def servers_view(self) -> ServersView:
        return self.models_wiring.servers_view

    @property
    def training(self) -> TrainingController:
        return self.training_wiring.controller

    @property
    def training_page(self) -> TrainingPage:
        return self.training_wiring.page

    @property
    def settings(self) -> SettingsController:
        return self.settings_wiring.controller

    @property
    def settings_page(self) -> SettingsPage:
        return self.settings_wiring.page

    # --- what the parts say to one another ----------------------------------------------------------------------------

    def _follow(self) -> None:
        self.options.changed.connect(self._apply)
        self.options.failed.connect(self._say_not_kept)
        self.recovering.said.connect(self.page.notice.show_notice)
        self.recovering.came_back.connect(self.chat.read_again)
        self.drops.dropped.connect(lambda paths: self.library.sort_out(paths))
        self.drops.refused.connect(lambda error: self.training_wiring.refuse(error))
        self.making_room.ejected.connect(self._say_ejected)
        for place in (self.page.notice, self.page.transcript):
            place.remedy_chosen.connect(self._remedy)
        self.chat.models.page_requested.connect(lambda: self.window.show_page("models"))

    def begin_chat(self, choose: Callable[[], object]) -> None:
        """Show a new chat, have its model chosen, and let a person write."""
        self.handlers.in_chat(self.chat.new_chat)
        choose()
        self.page.composer.field.setFocus()

    def _remedy(self, remedy: Remedy) -> None:
        """Those that another page than the chat's has."""
        match remedy:
            case Remedy.MODEL_SETTINGS:
                self.library.show_settings(self.chat.models.name)
            case Remedy.SHOW_SERVERS:
                self.models_wiring.show_servers()
            case Remedy.SHOW_DAMAGED:
                self.recovering.show_file()
            case Remedy.REPORT:
                self.handlers.report()
            case Remedy.SHOW_BACKUPS:
                self.settings_wiring.show_section("chats")
            case Remedy.SHOW_UPDATE:
                self.about.show()
            case Remedy.ENTER_KEY if (destination := self.destinations.of(self.chat.models.name)) is not None:
                self.servers.enter_key(destination.provider)

    def _say_ejected(self, old: str, new: str) -> None:
        names = {model.path: model.name for model in self.known.models.values()}
        text = self.tr("{old} is unloaded, because {new} needs its memory.")
        old, new = (names.get(path, Path(path).stem) for path in (old, new))
        self.page.notice.show_notice(Notice(text.format(old=old, new=new), calm=True))

    def _say_found(self, version: str) -> None:
        text = self.tr("There is a newer version of Seedling, {version}.").format(version=version)
        self.page.notice.show_notice(Notice(text, (Remedy.SHOW_UPDATE,), calm=True))

    def _say_not_kept(self, error: EngineError) -> None:
        """An option could not be saved; the page of settings says so itself."""
        if "settings" not in self._wirings:
            self.page.notice.show_notice(Notice(messages.sentence(error.code, error.data), details=error.detail))

    def _apply(self, name: str) -> None:
        """Have the parts of the program follow an option."""
        settings = self.options.settings
        match name:
            case "theme" | "font_percent":
                self._theme.apply()
            case "motion":
                self._theme.apply()
                self.page.transcript.set_motion(bool(settings.flag("motion")))
            case "statistics":
                self.page.transcript.set_statistics_shown(bool(settings.flag("statistics")))
            case "shortcuts":
                self.actions.set_keys(settings.mapping("shortcuts"))
            case "threads" | "memory_percent":
                self.replies.set_load_options(runtime_options(settings.value))
            case "kept_states_gb":
                self.chat.clear_away()
            case "stay_here":
                self.chat.models.look_again()
        for wiring in self._wirings.values():
            wiring.follow(name)
        if "first_steps" in vars(self):
            self.first_steps.follow(name)

    def _save_settings(self) -> None:
        try:
            self.options.settings.save()
        except OSError as error:
            log.warning("the settings could not be saved: %s", error)
