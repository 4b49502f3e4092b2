"""What each action of the window does: keys, palette and buttons all come here."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, QObject

from app.actions import Handler
from engine.settings import OPTIONS

if TYPE_CHECKING:
    from app.application import Seedling
    from app.help.reporting import Reporting

ZOOM_STEP = 10  # per cent
_THEMES: dict[str, Any] = {
    "system": QT_TRANSLATE_NOOP("palette", "As the system"),
    "light": QT_TRANSLATE_NOOP("palette", "Light"),
    "dark": QT_TRANSLATE_NOOP("palette", "Dark"),
    "contrast": QT_TRANSLATE_NOOP("palette", "High contrast"),
}


class Handlers(QObject):
    """Binds every action there is, and has its keys listened for."""

    def __init__(self, program: Seedling) -> None:
        super().__init__(program)
        self._program, self._window = program, program.window
        self._page, self._chat = program.page, program.chat
        self._reporting: Reporting | None = None
        self._bind()
        program.actions.changed.connect(self._show_keys)
        program.actions.install(program.window)
        if sys.platform == "darwin":
            from app.about.menu import application_menu

            self._menu = application_menu(program.actions)
        self._show_keys()

    def in_chat(self, handler: Handler) -> None:
        """Do what concerns the chat itself where it can be seen."""
        self._page.show_chat()
        self._on_chat_page(handler)

    def _on_chat_page(self, handler: Handler) -> None:
        """What concerns the chats is done where it can be seen."""
        self._window.show_page("chat")
        handler()

    def _bind(self) -> None:
        bind, window, page, chat = self._program.actions.bind, self._window, self._page, self._chat
        for number, id in enumerate(window.pages, 1):
            bind(f"page_{number}", partial(window.show_page, id), window.rail.button(id).accessibleName())
        bind("palette", self.open_palette)
        bind("shortcuts", self._show_shortcuts)
        bind("theme", self._next_theme)
        bind("quit", window.close)
        bind("about", lambda: self._program.about.show())
        bind("settings", partial(window.show_page, "settings"))
        bind("help", partial(window.show_page, "help"))
        bind("report", self.report)
        for id, step in (("zoom_in", ZOOM_STEP), ("zoom_out", -ZOOM_STEP), ("zoom_reset", None)):
            bind(id, partial(self._zoom, step))
        bind("first_steps", self._show_first_steps)
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
            ("copy_code", lambda: page.transcript.copy_last_code()),
        ):
            bind(id, partial(self.in_chat, handler))
        for id, handler in (
            ("search_chats", self._focus_search),
            ("rename_chat", self._rename_chat),
            ("sidebar", page.toggle_sidebar),
            ("panel", page.toggle_panel),
        ):
            bind(id, partial(self._on_chat_page, handler))

    def _show_keys(self) -> None:
        text_with_keys = self._program.actions.text_with_keys
        self._page.show_keys(text_with_keys)
        pages = {id: f"page_{number}" for number, id in enumerate(self._window.pages, 1)}
        self._window.rail.show_keys(text_with_keys, pages)

    # --- the window ---------------------------------------------------------------------------------------------------

    def open_palette(self) -> None:
        from app import palette_sources

        program, translate, open_chat = self._program, QCoreApplication.translate, self._open_chat
        themes = {choice: translate("palette", _THEMES[choice]) for choice in OPTIONS["theme"].choices}
        program.palette.open(
            (
                palette_sources.of_actions(program.actions, without=("palette", "stop")),
                palette_sources.of_chats(lambda: [(chat.id, chat.title) for chat in self._chat.chats], open_chat),
                palette_sources.of_models(lambda: self._chat.models.usable, self._choose_model),
                palette_sources.of_choices("theme", self.tr("Theme"), themes, partial(program.options.set, "theme")),
            ),
            (palette_sources.of_chat_contents(program.store, program.background, self._title_of, open_chat),),
        )

    def _show_shortcuts(self) -> None:
        from app.shortcuts import ShortcutsDialog

        dialog = ShortcutsDialog(self._program.actions, self._window)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def report(self) -> None:
        """Show what is to be told of a problem."""
        from app.help.reporting import Reporting

        if self._reporting is None:
            self._reporting = Reporting(self._window, self._program.background, self)
        self._reporting.open()

    def _show_first_steps(self) -> None:
        """They stand in the welcome of an empty chat."""
        self.in_chat(self._chat.new_chat)
        self._program.first_steps.show()

    def _open_data(self) -> None:
        self._window.show_page("training")
        self._program.training.choose_data()

    def _next_theme(self) -> None:
        choices, options = OPTIONS["theme"].choices, self._program.options
        options.set("theme", choices[(choices.index(options.settings.text("theme")) + 1) % len(choices)])

    def _zoom(self, step: int | None) -> None:
        """Larger or smaller text by so many per cent; None: the usual size."""
        option, options = OPTIONS["font_percent"], self._program.options
        wanted = 100 if step is None else (options.settings.number("font_percent") or 100) + step
        options.set("font_percent", max(int(option.least), min(int(option.most), wanted)))

    # --- the chats ----------------------------------------------------------------------------------------------------

    def _open_chat(self, chat: int) -> None:
        self.in_chat(partial(self._chat.open_chat, chat))

    def _choose_model(self, name: str) -> None:
        self.in_chat(partial(self._chat.choose_model, name))

    def _open_neighbour(self, step: int) -> None:
        """The chat below or above in the list; past an end, the one at the other end."""
        chats = [chat.id for chat in self._chat.chats]
        if chats:
            here = chats.index(self._chat.current) if self._chat.current in chats else -1 if step > 0 else 0
            self._open_chat(chats[(here + step) % len(chats)])

    def _rename_chat(self) -> None:
        if self._chat.current is not None:
            self._page.show_sidebar(True)
            self._page.sidebar.rename(self._chat.current)

    def _delete_chat(self) -> None:
        if self._chat.current is not None:
            self._page.sidebar.delete_requested.emit(self._chat.current)

    def _stop(self) -> None:
        if self._window.current_page == "chat":
            self._chat.stop()

    def _focus_search(self) -> None:
        self._page.show_sidebar(True)
        self._page.sidebar.focus_search()

    def _title_of(self, chat: int) -> str | None:
        return next((each.title for each in self._chat.chats if each.id == chat), None)
