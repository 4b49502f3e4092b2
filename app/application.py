"""The whole window program in one place: what it is made of, and who gets what."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import (
    QT_TRANSLATE_NOOP,
    QCoreApplication,
    QMessageLogContext,
    QObject,
    QTimer,
    QtMsgType,
    qInstallMessageHandler,
)
from PySide6.QtWidgets import QApplication

from app import messages, palette_sources
from app.actions import Actions, Handler
from app.background import Background
from app.chat.chat_list import ChatListModel
from app.chat.controller import ChatController
from app.chat.page import ChatPage
from app.chat.parameters import Parameters
from app.chat.replies import Replies
from app.crash import CrashReporter
from app.destinations import Destinations
from app.discover.controller import DiscoverController
from app.discover.downloads import Downloads
from app.discover.view import DiscoverView
from app.drops import FileDrops
from app.garbage import Garbage
from app.known_models import KnownModels
from app.library.controller import LibraryController
from app.library.page import ModelsPage
from app.making_room import MakingRoom
from app.messages import Notice, Remedy
from app.palette import CommandPalette
from app.providers.controller import ServersController
from app.providers.view import ServersView
from app.safe_mode import SafeMode, not_answering, shift_is_held
from app.settings.controller import SettingsController
from app.settings.page import SettingsPage
from app.settings.start import open_store
from app.shortcuts import ShortcutsDialog
from app.signals import SignalListener
from app.single_instance import SingleInstance
from app.theme import Theme, em
from app.training.controller import TrainingController
from app.training.page import TrainingPage
from app.widgets.labels import plain_box
from app.window import MainWindow, decoded, encoded
from app.workers import Workers
from engine import log as logs
from engine.chat.store import Store, StoredMessage
from engine.errors import EngineError, from_os_error
from engine.events import Model
from engine.library import models
from engine.library.models import ModelEntry
from engine.settings import OPTIONS, Settings, runtime_options

log = logging.getLogger(__name__)

PANEL_FROM_WIDTH_EM = 80  # narrower windows start without the side panel
ZOOM_STEP = 10  # per cent
_THEMES: dict[str, Any] = {
    "system": QT_TRANSLATE_NOOP("palette", "As the system"),
    "light": QT_TRANSLATE_NOOP("palette", "Light"),
    "dark": QT_TRANSLATE_NOOP("palette", "Dark"),
    "contrast": QT_TRANSLATE_NOOP("palette", "High contrast"),
}


class Seedling(QObject):
    """Settings, store, engine client, pages and window, wired."""

    def __init__(
        self,
        application: QApplication,
        store: Store,
        settings: Settings,
        workers: Workers | None = None,
        safely: bool = False,
    ) -> None:
        """safely: nothing is loaded, opened, looked for or taken up again before `start_as_usual`."""
        super().__init__()
        workers = workers or Workers()
        self._garbage, self._safely = Garbage(self), safely
        self._settings, self._store = settings, store
        self._clients = (workers.chat, workers.remote)
        self._background = Background(self)
        self._theme = Theme(application, settings)
        self.actions = Actions(settings.mapping("shortcuts"), self)
        chats = ChatListModel(self)
        self.replies = Replies(workers.chat, store, self._background, self, workers.remote)
        self.page = ChatPage(chats)
        self.holders = (workers.chat, *workers.talks)  # those whose workers may hold models
        self.making_room = MakingRoom(self.holders, self)
        self.known = KnownModels(workers.library, self._background, self)
        self.destinations = Destinations(settings, self._background, self)
        self.chat = ChatController(
            self.page, chats, store, self.replies, settings, self.known, self.destinations, self._background, self
        )
        self.window = MainWindow(settings, self.close)
        self.drops = FileDrops(self.window)
        self.palette = CommandPalette(self.window)

        self._panel_at_start = self.page.wants_panel

        self.training_page = TrainingPage()
        self.training = TrainingController(
            self.training_page,
            workers.data,
            workers.training,
            workers.talks,
            self.known,
            self._background,
            self,
        )
        self.models_page = ModelsPage()
        self.library = LibraryController(
            self.models_page,
            self.known,
            workers.library,
            workers.files,
            self.replies,
            settings,
            self._background,
            self,
        )
        self.discover_view = DiscoverView()
        self.discover = DiscoverController(
            self.discover_view, workers.hub, Downloads(workers.fetching, self._background), self._background, self
        )
        self.models_page.add_view("discover", self.tr("Find more"), self.discover_view)
        self.servers_view = ServersView()
        self.servers = ServersController(
            self.servers_view, workers.servers, self.destinations, settings, self._background, self
        )
        self.models_page.add_view("servers", self.tr("Servers and APIs"), self.servers_view)
        pages = {
            "chat": self.tr("Chat"),
            "models": self.tr("Models"),
            "training": self.tr("Training"),
            "settings": self.tr("Settings"),
        }
        self._bind_actions(pages)  # before the settings, which list them
        self.settings_page = SettingsPage(self.actions.bound())
        self.settings = SettingsController(
            self.settings_page, settings, store.path, workers.settings, self._background, self
        )
        self.settings.changed.connect(self._apply)
        self.settings.delete_chats_requested.connect(self.chat.delete_all)
        self.window.add_page("chat", "message-square", pages["chat"], self.page)
        self.window.add_page("models", "box", pages["models"], self.models_page)
        self.window.add_page("training", "curve", pages["training"], self.training_page)
        self.window.add_page("settings", "settings", pages["settings"], self.settings_page)
        self.window.may_close = self.training.allows_closing
        self.training.may_close_now.connect(self.window.close)
        self.training.page_requested.connect(partial(self.window.show_page, "training"))
        self.training.chat_requested.connect(self._chat_with)
        self.training.keep_requested.connect(self._keep_chat)
        self.drops.dropped.connect(self.library.sort_out)
        self.drops.refused.connect(self._refuse_drop)
        self._follow_library()
        self._follow_servers()
        self.discover.model_arrived.connect(lambda _: self.library.refresh())
        self.discover.chat_requested.connect(self._begin_chat)
        self.discover.data_requested.connect(self._train_with)
        for name in ("motion", "statistics", "threads"):
            self._apply(name)

        self.actions.changed.connect(self._show_keys)
        self.actions.install(self.window)
        self._show_keys()

    def start(self) -> None:
        self._restore()
        self.chat.models.gets_ready = not self._safely
        self.chat.start()
        self.settings.start()
        if not self._safely:
            self._take_up()
        self._show_leaving()
        self.window.show()
        if self.actions.problems:
            self.page.notice.show_notice(Notice(" ".join(self.actions.problems)))

    def start_as_usual(self) -> None:
        """Do what a safe start has left out."""
        self._settings.release()
        self._apply("theme")
        self.settings.show_values()
        self._restore()
        self.chat.open_last()
        self.chat.models.get_ready()
        self._take_up()

    def open_last_chat(self) -> None:
        self._settings.release("chat")
        self._in_chat(self.chat.open_last)

    def name_of(self, path: str) -> str:
        """What the model at this path is called."""
        names = {entry.address: entry.name for entry in self.chat.models.entries}
        return names.get(path, Path(path).stem)

    def _restore(self) -> None:
        self.window.restore()
        panel = self._settings.flag("panel_shown")
        self.page.restore_columns(
            decoded(self._settings.text("window_columns")),
            sidebar=bool(self._settings.flag("sidebar_shown")),
            panel=self.window.width() >= em(self.window, PANEL_FROM_WIDTH_EM) if panel is None else panel,
        )
        self._panel_at_start = self.page.wants_panel

    def _take_up(self) -> None:
        """What the pages behind the chat begin with."""
        self.training.start()
        self.library.start()
        self.discover.start()
        self.servers.start()

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
        self.window.remember()
        self._remember_columns()
        self.chat.close()
        self._save_settings()
        for client in self._clients:
            client.close()
        self.settings.close()
        self.training.close()
        self.known.close()
        self.library.close()
        self.discover.close()
        self.servers.close()
        self._background.close()
        self._store.close()
        self._garbage.close()

    # --- pages and actions --------------------------------------------------------------------------------------------

    def _bind_actions(self, pages: Mapping[str, str]) -> None:
        """pages: ids and titles, from the top of the rail."""
        bind, page, chat = self.actions.bind, self.page, self.chat
        for number, (id, title) in enumerate(pages.items(), 1):
            bind(f"page_{number}", partial(self.window.show_page, id), title)
        bind("palette", self.open_palette)
        bind("shortcuts", self._show_shortcuts)
        bind("theme", self._next_theme)
        bind("quit", self.window.close)
        bind("settings", partial(self.window.show_page, "settings"))
        for id, step in (("zoom_in", ZOOM_STEP), ("zoom_out", -ZOOM_STEP), ("zoom_reset", None)):
            bind(id, partial(self._zoom, step))
        bind("stop", self._stop)
        bind("open_data", self._open_data)
        for id, handler in (
            ("new_chat", chat.new_chat),
            ("next_chat", partial(self._open_neighbour, 1)),
            ("previous_chat", partial(self._open_neighbour, -1)),
            ("delete_chat", self._delete_chat),
            ("model", page.picker.showMenu),
            ("find", page.open_find),
            ("find_next", partial(page.find_again, False)),
            ("find_previous", partial(page.find_again, True)),
            ("focus_composer", page.composer.field.setFocus),
            ("regenerate", chat.regenerate),
            ("continue", chat.continue_last),
            ("edit_last", chat.edit_last),
            ("copy_last", chat.copy_last),
            ("copy_code", page.transcript.copy_last_code),
        ):
            bind(id, partial(self._in_chat, handler))
        for id, handler in (
            ("search_chats", self._focus_search),
            ("rename_chat", self._rename_chat),
            ("sidebar", page.toggle_sidebar),
            ("panel", page.toggle_panel),
        ):
            bind(id, partial(self._on_chat_page, handler))

    def _open_data(self) -> None:
        self.window.show_page("training")
        self.training.choose_data()

    def _on_chat_page(self, handler: Handler) -> None:
        """What concerns the chats is done where it can be seen."""
        self.window.show_page("chat")
        handler()

    def _in_chat(self, handler: Handler) -> None:
        self.page.show_chat()
        self._on_chat_page(handler)

    def _show_keys(self) -> None:
        self.page.show_keys(self.actions.text_with_keys)
        pages = {id: f"page_{number}" for number, id in enumerate(self.window.pages, 1)}
        self.window.rail.show_keys(self.actions.text_with_keys, pages)

    def open_palette(self) -> None:
        translate, open_chat = QCoreApplication.translate, self._open_chat
        themes = {choice: translate("palette", _THEMES[choice]) for choice in OPTIONS["theme"].choices}
        self.palette.open(
            (
                palette_sources.of_actions(self.actions, without=("palette", "stop")),
                palette_sources.of_chats(lambda: [(chat.id, chat.title) for chat in self.chat.chats], open_chat),
                palette_sources.of_models(self._usable_models, self._choose_model),
                palette_sources.of_choices("theme", self.tr("Theme"), themes, partial(self.settings.set, "theme")),
            ),
            (palette_sources.of_chat_contents(self._store, self._background, self._title_of, open_chat),),
        )

    def _show_shortcuts(self) -> None:
        dialog = ShortcutsDialog(self.actions, self.window)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    # --- the chat -----------------------------------------------------------------------------------------------------

    def _open_chat(self, chat: int) -> None:
        self._in_chat(partial(self.chat.open_chat, chat))

    def _choose_model(self, name: str) -> None:
        self._in_chat(partial(self.chat.choose_model, name))

    def _open_neighbour(self, step: int) -> None:
        """The chat below or above in the list; past an end, the one at the other end."""
        chats = [chat.id for chat in self.chat.chats]
        if chats:
            here = chats.index(self.chat.current) if self.chat.current in chats else -1 if step > 0 else 0
            self._open_chat(chats[(here + step) % len(chats)])

    def _rename_chat(self) -> None:
        if self.chat.current is not None:
            self.page.show_sidebar(True)
            self.page.sidebar.rename(self.chat.current)

    def _delete_chat(self) -> None:
        if self.chat.current is not None:
            self.page.sidebar.delete_requested.emit(self.chat.current)

    def _stop(self) -> None:
        if self.window.current_page == "chat":
            self.chat.stop()

    def _focus_search(self) -> None:
        self.page.show_sidebar(True)
        self.page.sidebar.focus_search()

    def _title_of(self, chat: int) -> str | None:
        return next((each.title for each in self.chat.chats if each.id == chat), None)

    def _usable_models(self) -> list[str]:
        return self.chat.models.usable

    # --- models -------------------------------------------------------------------------------------------------------

    def _follow_library(self) -> None:
        library, show_page = self.library, self.window.show_page
        library.page_requested.connect(partial(show_page, "models"))
        library.data_dropped.connect(self.training.open)
        library.changed.connect(self.chat.models.refresh)
        library.renamed.connect(self.chat.follow_model)
        library.chat_requested.connect(self._begin_chat)
        library.download_requested.connect(self._download_again)
        library.train_requested.connect(self._train_on)
        library.run_requested.connect(self._show_run)
        library.classify_requested.connect(self.training.uses.classifying.open)
        library.storage_requested.connect(partial(self._show_settings, "storage"))
        library.finding.offered.connect(self.page.notice.show_notice)
        self.making_room.ejected.connect(self._say_ejected)
        for place in (self.page.notice, self.page.transcript):
            place.remedy_chosen.connect(self._remedy)
        self.chat.models.page_requested.connect(partial(show_page, "models"))

    def _remedy(self, remedy: Remedy) -> None:
        """Those that another page than the chat's has."""
        match remedy:
            case Remedy.SHOW_FOUND:
                self.library.finding.show()
            case Remedy.MODEL_SETTINGS:
                self.library.show_settings(self.chat.models.name)
            case Remedy.SHOW_SERVERS:
                self._show_servers()
            case Remedy.ENTER_KEY if (destination := self.destinations.of(self.chat.models.name)) is not None:
                self.servers.enter_key(destination.provider)

    # --- servers ------------------------------------------------------------------------------------------------------

    def _follow_servers(self) -> None:
        self.servers.page_requested.connect(self._show_servers)
        self.servers.models_requested.connect(self._show_models_of)
        self.servers.key_changed.connect(self._ask_anew)
        self.servers.changed.connect(self.library.refresh)
        self.servers.changed.connect(self.chat.models.refresh)
        self.library.server_requested.connect(lambda _: self._show_servers())
        self.destinations.changed.connect(self._show_leaving)
        for switch_requested in (self.servers.switch_requested, self.discover_view.switch_requested):
            switch_requested.connect(partial(self._show_settings, "privacy"))

    def _show_servers(self) -> None:
        self.window.show_page("models")
        self.models_page.show_view("servers")

    def _ask_anew(self, server: str) -> None:
        """A model of it that is connected holds a key that does not count any more."""
        for name in (*self.known.models, self.chat.models.name):
            if name.startswith(f"{server}/"):
                self.replies.reopen(name)

    def _show_models_of(self, server: str) -> None:
        self.window.show_page("models")
        self.models_page.show_view("local")
        self.models_page.local.look_for(f"{server}/")

    def _show_leaving(self) -> None:
        """What may leave this computer, wherever that is said."""
        stays = bool(self._settings.flag("stay_here"))
        servers = [(destination.provider, destination.host) for destination in self.destinations.beyond]
        self.settings_page.privacy.show_leaving(stays, servers)
        self.discover_view.show_stays(stays)

    def _say_ejected(self, old: str, new: str) -> None:
        names = {model.path: model.name for model in self.known.models.values()}
        text = self.tr("{old} is unloaded, because {new} needs its memory.")
        old, new = (names.get(path, Path(path).stem) for path in (old, new))
        self.page.notice.show_notice(Notice(text.format(old=old, new=new), calm=True))

    def _download_again(self, source: dict[str, Any]) -> None:
        self.models_page.show_view("discover")
        self.discover.download_again(source)

    def _begin_chat(self, model: str) -> None:
        self._in_chat(self.chat.new_chat)
        self.chat.choose_model(model)
        self.page.composer.field.setFocus()

    def _train_on(self, model: Model) -> None:
        """The next training is on top of this model."""
        self.window.show_page("training")
        self.training.prefer_model(model.name)

    def _train_with(self, data: list[Path]) -> None:
        self.window.show_page("training")
        self.training.open(data)

    def _show_run(self, folder: Path) -> None:
        self.window.show_page("training")
        self.training.show_run(folder)

    def _show_settings(self, section: str) -> None:
        self.window.show_page("settings")
        self.settings_page.show_section(section)

    # --- training -----------------------------------------------------------------------------------------------------

    def _chat_with(self, place: Path, name: str) -> None:
        """Put a model on the list and begin a chat with it."""

        def begin(entry: ModelEntry) -> None:
            self._in_chat(self.chat.new_chat)
            self.chat.models.take(entry)
            self.page.composer.field.setFocus()
            self.training_page.notice.clear()

        self._background.run(lambda: models.add_as(place, name), begin, self._refuse_drop)

    def _keep_chat(self, model: ModelEntry, name: str, parameters: Parameters, said: Sequence[StoredMessage]) -> None:
        """Put a model on the list, unless it is there, and what was said to it into the chats."""

        def listed() -> ModelEntry:
            known = next((entry for entry in models.entries() if entry.path == model.path), None)
            return known or models.add_as(model.path, name)

        def keep(entry: ModelEntry) -> None:
            self.chat.models.refresh()
            self.chat.add_chat(entry.name, parameters, said)
            self.training_page.notice.show_notice(Notice(self.tr("It is kept among the chats.")))

        self._background.run(listed, keep, self._refuse_drop)

    def _refuse_drop(self, error: EngineError) -> None:
        self.window.show_page("training")
        self.training_page.notice.show_notice(Notice(messages.sentence(error.code, error.data)))

    # --- settings -----------------------------------------------------------------------------------------------------

    def _apply(self, name: str) -> None:
        """Have the parts of the program follow an option."""
        settings, transcript = self._settings, self.page.transcript
        match name:
            case "theme" | "font_percent":
                self._theme.apply()
            case "motion":
                self._theme.apply()
                transcript.set_motion(bool(settings.flag("motion")))
            case "statistics":
                transcript.set_statistics_shown(bool(settings.flag("statistics")))
            case "shortcuts":
                self.actions.set_keys(settings.mapping("shortcuts"))
            case "threads" | "memory_percent":
                self.replies.set_load_options(runtime_options(settings.value))
            case "stay_here":
                self._show_leaving()
                self.servers.show_switch()
                self.library.refresh()
                self.chat.models.look_again()

    def _next_theme(self) -> None:
        choices = OPTIONS["theme"].choices
        self.settings.set("theme", choices[(choices.index(self._settings.text("theme")) + 1) % len(choices)])

    def _zoom(self, step: int | None) -> None:
        """Larger or smaller text by so many per cent; None: the usual size."""
        option, percent = OPTIONS["font_percent"], self._settings.number("font_percent") or 100
        wanted = 100 if step is None else percent + step
        self.settings.set("font_percent", max(int(option.least), min(int(option.most), wanted)))

    def _remember_columns(self) -> None:
        self._settings.set("window_columns", encoded(self.page.columns()))
        self._settings.set("sidebar_shown", self.page.wants_sidebar)
        if self.page.wants_panel != self._panel_at_start:  # else the window's width goes on deciding
            self._settings.set("panel_shown", self.page.wants_panel)

    def _save_settings(self) -> None:
        try:
            self._settings.save()
        except OSError as error:
            log.warning("the settings could not be saved: %s", error)


def run(stands: Callable[[Seedling], None] | None = None, safely: bool = False) -> int:
    """Open the window and stay until it is closed; the exit code. stands: called once it is shown."""
    logs.start("window")
    application = QApplication(sys.argv[:1])
    application.setApplicationName("Seedling")
    application.setDesktopFileName("seedling")
    qInstallMessageHandler(_log_qt)
    instance, safe = SingleInstance(), None
    try:
        match instance.is_first():
            case False:
                return 0
            case None:
                raise not_answering()
        safe = SafeMode(safely or shift_is_held())
        settings = Settings()
        safe.hold(settings)
        opened = open_store(settings)
    except (EngineError, OSError) as error:
        code = _refuse(error if isinstance(error, EngineError) else from_os_error(error))
        if safe is not None:
            safe.refuse()
        return code
    if opened is None:  # the person would rather leave than do without their chats
        safe.refuse()
        return 0
    store, notices = opened
    reporter = CrashReporter()
    reporter.install()
    try:
        seedling = Seedling(application, store, settings, safely=safe.on)
        _watch(seedling, safe, instance)
        seedling.start()
    except Exception as error:  # the next start is a safe one
        reporter.show(error)
        return 1
    if (banner := safe.banner([chat.id for chat in seedling.chat.chats])) is not None:
        seedling.window.add_banner(banner)
    for notice in notices:
        seedling.page.notice.show_notice(notice)
    if stands is not None:
        stands(seedling)
    code = application.exec()
    safe.end()
    instance.release()
    return code


def _watch(seedling: Seedling, safe: SafeMode, instance: SingleInstance) -> None:
    instance.knocked.connect(seedling.come_forward)
    QApplication.instance().lastWindowClosed.connect(instance.close_door)
    SignalListener(seedling.end, parent=seedling)
    safe.watch(seedling.holders, seedling.name_of)
    safe.usual_wanted.connect(seedling.start_as_usual)
    safe.chat_wanted.connect(seedling.open_last_chat)
    QTimer.singleShot(0, safe.usable)


def _refuse(error: EngineError) -> int:
    """Say why the window does not open, in a dialog and to whoever started it from a terminal; the exit code."""
    text = messages.sentence(error.code, error.data)
    print(f"seedling: {text}", file=sys.stderr)
    plain_box(None, "Seedling", text).exec()
    return 1


def _log_qt(kind: QtMsgType, _: QMessageLogContext, text: str) -> None:
    level = logging.WARNING if kind in (QtMsgType.QtWarningMsg, QtMsgType.QtCriticalMsg) else logging.DEBUG
    log.log(level, "Qt: %s", text)
