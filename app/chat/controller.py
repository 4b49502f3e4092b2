"""What happens on the chat page: listens to the view, decides, calls the store and the engine."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from functools import lru_cache, partial
from typing import Any

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QMessageBox

from app import messages
from app.background import Background
from app.chat.chat_list import ChatItem, ChatListModel
from app.chat.footer import footer
from app.chat.history import title_of, to_prompt
from app.chat.model_picker import Choice, Load, LoadState
from app.chat.page import ChatPage
from app.chat.parameters import Parameters
from app.chat.replies import Replies, Reply
from app.messages import Notice, Remedy
from app.widgets.file_dialogs import choose_file, choose_folder
from app.widgets.labels import plain_box
from app.widgets.links import ask_and_open
from engine.chat.messages import Message
from engine.chat.store import Chat, Store, StoredMessage
from engine.errors import EngineError
from engine.library import models
from engine.library.models import ModelEntry
from engine.settings import Settings

log = logging.getLogger(__name__)

PARAMETERS_DELAY_MS = 400


class ChatController(QObject):
    """One chat is shown at a time (`current`, None for one that has no message yet); replies go on in any."""

    def __init__(
        self,
        page: ChatPage,
        chats: ChatListModel,
        store: Store,
        replies: Replies,
        settings: Settings,
        background: Background,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._page, self._list, self._store = page, chats, store
        self._replies, self._settings, self._background = replies, settings, background
        self.current: int | None = None
        self._chats: dict[int, Chat] = {}
        self._model = settings.text("model")
        self._entries: list[ModelEntry] = []
        self._facts: dict[str, dict[str, Any]] = {}  # of each model, by its name
        self._drafts: dict[int | None, str] = {}
        self._notices: dict[int | None, Notice] = {}
        self._searched = ""
        self._sending = False
        self._parameters_timer = QTimer(self, singleShot=True, interval=PARAMETERS_DELAY_MS)
        self._parameters_timer.timeout.connect(self._store_parameters)
        self._listen_to_page()
        self._listen_to_replies()

    def start(self) -> None:
        """Show the chats and the one that was open last."""
        self._chats = {chat.id: chat for chat in self._store.chats()}
        self._list.set_chats(map(_item, self._chats.values()))
        self._refresh_models()
        last = self._settings.number("chat")
        if last in self._chats:
            self.open_chat(last)
        else:
            self.new_chat()

    @property
    def chats(self) -> list[Chat]:
        """All of them, the one changed last first."""
        return sorted(self._chats.values(), key=lambda chat: (-chat.updated, -chat.id))

    @property
    def known_models(self) -> list[ModelEntry]:
        return self._entries

    def close(self) -> None:
        """Keep what must be kept; the store is still open."""
        self._flush_parameters()
        self._settings.set("chat", self.current)
        self._replies.close()

    # --- chats ----------------------------------------------------------------------------------------------

    def new_chat(self) -> None:
        self._leave()
        self._model = self._settings.text("model")
        self._page.panel.set_parameters(Parameters())
        self._page.transcript.clear()
        self._show(None)

    def open_chat(self, chat: int) -> None:
        if chat == self.current or chat not in self._chats:
            return
        self._leave()
        row = self._chats[chat]
        self._model = row.model or self._settings.text("model")
        self._page.panel.set_parameters(Parameters.from_json(row.system, row.sampling))
        self._fill(chat)
        self._show(chat)

    def _leave(self) -> None:
        self._flush_parameters()
        self._drafts[self.current] = self._page.composer.take()

    def _show(self, chat: int | None) -> None:
        self.current = chat
        page = self._page
        page.show_welcome(chat is None)
        page.sidebar.select(chat)
        page.find_bar.hide()
        page.composer.set_streaming(self._replies.of(chat) is not None if chat is not None else False)
        if draft := self._drafts.pop(chat, ""):
            page.composer.restore(draft)
        page.composer.field.setFocus()
        self._show_model()
        if notice := self._notices.pop(chat, None):
            page.notice.show_notice(notice)
        else:
            page.notice.clear()
        title = self._chats[chat].title if chat is not None else ""
        page.window().setWindowTitle(f"{title} — Seedling" if title else "Seedling")

    def _fill(self, chat: int) -> None:
        transcript, reply = self._page.transcript, self._replies.of(chat)
        transcript.clear()
        for stored in self._messages(chat):
            if reply is not None and stored.id == reply.message:
                transcript.begin_message(stored.id, "assistant")
                transcript.append(reply.text)
            elif reply is not None and stored.id == reply.replaces:
                continue
            elif stored.state == "streaming" and not stored.message.content:
                continue  # a reply without a word, whose row is about to go
            else:
                message = stored.message
                foot = footer(stored.state, stored.stats) if message.role == "assistant" else ""
                transcript.add_message(stored.id, message.role, message.content, foot)

    def _messages(self, chat: int) -> list[StoredMessage]:
        """The stored messages; none, and a notice, where the store cannot be read."""
        try:
            return self._store.messages(chat)
        except EngineError as error:
            self._say_error(error)
            return []

    def _rename(self, chat: int, title: str) -> None:
        def renamed(_: object) -> None:
            if chat in self._chats:
                self._chats[chat] = replace(self._chats[chat], title=title)
                self._update_item(chat)
                if chat == self.current:
                    self._page.window().setWindowTitle(f"{title} — Seedling")

        self._background.when_done(self._store.rename_chat(chat, title), renamed, self._say_error)

    def _ask_to_delete(self, chat: int) -> None:
        box = plain_box(
            self._page,
            self.tr("Delete chat"),
            self.tr("Delete “{title}”?").format(title=self._chats[chat].title),
            self.tr("Its messages cannot be brought back."),
        )
        delete = box.addButton(self.tr("Delete"), QMessageBox.ButtonRole.DestructiveRole)
        box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
        box.finished.connect(lambda _: self.delete_chat(chat) if box.clickedButton() is delete else None)
        box.finished.connect(box.deleteLater)
        box.open()

    def delete_chat(self, chat: int) -> None:
        def deleted(_: object) -> None:
            self._chats.pop(chat, None)
            self._drafts.pop(chat, None)
            self._notices.pop(chat, None)
            self._list.remove(chat)
            if chat == self.current:
                self.current = None
                self.new_chat()

        self._replies.abandon(chat)
        self._background.when_done(self._store.delete_chat(chat), deleted, self._say_error)

    def _search(self, text: str) -> None:
        self._searched = text
        if text:
            self._background.run(lambda: self._store.search(text), partial(self._show_found, text), self._say_error)
        else:
            self._show_all()

    def _show_found(self, text: str, found: list[int]) -> None:
        if text == self._searched:  # else the answer to an older question
            self._list.set_chats(self._item(chat) for chat in found if chat in self._chats)
            self._page.sidebar.select(self.current)
            self._page.sidebar.show_nothing_found(not found)

    def _show_all(self) -> None:
        self._list.set_chats(map(self._item, self._chats))
        self._page.sidebar.select(self.current)
        self._page.sidebar.show_nothing_found(False)

    def _item(self, chat: int) -> ChatItem:
        return replace(_item(self._chats[chat]), busy=self._replies.of(chat) is not None)

    def _update_item(self, chat: int) -> None:
        if not self._searched or self._list.item(chat) is not None:
            self._list.put(self._item(chat))
            self._page.sidebar.select(self.current)

    # --- sending --------------------------------------------------------------------------------------------

    def send(self) -> None:
        """Store what was written, then ask the model. Until it is stored, nothing goes anywhere."""
        if self._sending or self._replies.of(self.current) is not None:
            return
        text = self._page.composer.take()
        self._page.notice.clear()
        if self.current is not None:
            self._store_question(self.current, text)
            return
        self._sending = True
        parameters = self._page.panel.parameters()
        title, model = title_of(text), self._model

        def created(chat: int) -> None:
            now = time.time()
            self._chats[chat] = Chat(chat, title, now, now, model, parameters.system, parameters.to_json())
            if self.current is None:
                self._page.transcript.clear()
                self._drafts[chat] = self._page.composer.take()  # written while the chat was being made
                self._show(chat)
            self._store_question(chat, text)

        future = self._store.create_chat(title, model, parameters.system, parameters.to_json())
        self._background.when_done(future, created, lambda error: self._give_back(None, text, error))

    def _store_question(self, chat: int, text: str) -> None:
        def stored(message: int) -> None:
            self._sending = False
            self._chats[chat] = replace(self._chats[chat], updated=time.time())
            self._update_item(chat)
            if chat == self.current:
                self._page.transcript.add_message(message, "user", text)
            self._request(chat)

        self._sending = True
        future = self._store.add_message(chat, Message("user", text))
        self._background.when_done(future, stored, lambda error: self._give_back(chat, text, error))

    def _give_back(self, chat: int | None, text: str, error: EngineError) -> None:
        """It could not be stored: the words return to where they were written."""
        self._sending = False
        if chat == self.current:
            self._page.composer.restore(text)
        else:
            self._drafts[chat] = text
        self._say(chat, messages.notice(error))

    def _request(self, chat: int, replaces: int | None = None) -> None:
        """Have a reply written to what the chat holds, except for the reply to be replaced."""
        self._flush_parameters()
        rows = [row for row in self._messages(chat) if row.id != replaces]
        if not rows:
            return
        row = self._chats[chat]
        parameters = Parameters.from_json(row.system, row.sampling)
        history = to_prompt(row.message for row in rows)
        model = row.model or self._settings.text("model")
        self._replies.request(Reply(chat, model, parameters, history, replaces))

    def regenerate(self) -> None:
        """Write the last reply again, or the one that is missing."""
        chat = self.current
        if chat is None or self._replies.of(chat) is not None:
            return
        rows = self._messages(chat)
        if not rows:
            return
        self._replies.forgive()
        last: StoredMessage = rows[-1]
        self._request(chat, last.id if last.message.role == "assistant" else None)

    def stop(self) -> None:
        """Esc: stop the reply or the loading; else put the find bar away."""
        if self._replies.of(self.current) is not None or self._page.picker.state is LoadState.LOADING:
            self._replies.stop(self.current)
        elif self._page.find_bar.isVisible():
            self._page.find_bar.put_away()

    # --- replies --------------------------------------------------------------------------------------------

    def _began(self, reply: Reply) -> None:
        if reply.chat not in self._chats:  # deleted meanwhile
            self._replies.abandon(reply.chat)
            return
        self._update_item(reply.chat)
        if reply.chat == self.current:
            if reply.replaces is not None:
                self._page.transcript.remove_message(reply.replaces)
            self._page.transcript.begin_message(reply.message, "assistant")
            self._page.composer.set_streaming(True)

    def _reading(self, reply: Reply, done: int, total: int) -> None:
        if reply.chat == self.current and not reply.parts and done < total:
            percent = 100 * done // max(total, 1)
            self._page.transcript.set_notice(self.tr("Reading… {percent} %").format(percent=percent))

    def _grew(self, reply: Reply, text: str) -> None:
        if reply.chat == self.current:
            if len(reply.parts) == 1:
                self._page.transcript.set_notice("")
            self._page.transcript.append(text)

    def _ended(self, reply: Reply) -> None:
        if reply.chat not in self._chats:
            return
        self._update_item(reply.chat)
        if reply.chat == self.current:
            self._page.transcript.set_notice("")
            self._page.transcript.end_message(footer(reply.state, reply.stats), reply.state)
            self._page.composer.set_streaming(False)
            if not reply.parts and reply.state != "done":
                self._page.transcript.remove_message(reply.message)
                if reply.replaces is not None:  # it still stands
                    self._fill(reply.chat)
        if reply.failure is not None:
            self._say(reply.chat, messages.notice(reply.failure))

    def _refused(self, reply: Reply, error: EngineError) -> None:
        self._say(reply.chat, messages.notice(error))

    # --- models ---------------------------------------------------------------------------------------------

    def _refresh_models(self) -> None:
        self._background.run(_look_at_models, self._show_models, self._say_error)

    def _show_models(self, found: list[tuple[ModelEntry, dict[str, Any]]]) -> None:
        self._entries = [entry for entry, _ in found]
        self._facts = {entry.name: facts for entry, facts in found}
        self._fill_picker()
        self._show_model()

    def _fill_picker(self) -> None:
        forms = {"gguf": self.tr("GGUF file"), "folder": self.tr("model folder")}
        choices = []
        for entry in self._entries:
            facts = self._facts.get(entry.name, {})
            problem = entry.problem or facts.get("problem") or ""
            form = forms.get(entry.kind, entry.kind)
            choices.append(Choice(entry.name, form, problem, facts.get("parameters"), facts.get("size_bytes")))
        self._page.picker.set_choices(choices)

    def _entry(self) -> ModelEntry | None:
        """The model of the chat that is shown, once the library has been read."""
        return next((entry for entry in self._entries if entry.name == self._model), None)

    def _show_model(self) -> None:
        self._page.picker.set_model(self._model)
        entry, load = self._entry(), self._replies.load
        self._page.picker.set_load(load if entry is not None and load.path == str(entry.path) else Load())
        self._page.welcome.set_model(self._model, any(e.bundled and e.name == self._model for e in self._entries))

    def choose_model(self, name: str) -> None:
        """This chat, and new ones, are answered by this model from now on."""
        self._model = name
        self._settings.set("model", name)
        self._page.notice.clear()
        chat = self.current
        if chat is not None:
            self._chats[chat] = replace(self._chats[chat], model=name)
            self._background.when_done(self._store.update_chat(chat, model=name), _ignore, self._say_error)
        self._show_model()
        self._fill_picker()
        self._replies.forgive()
        if (entry := self._entry()) is not None:
            self._replies.preload(entry, self._page.panel.parameters().context)

    def _reload_model(self) -> None:
        self._page.notice.clear()
        self._replies.forgive()
        if (entry := self._entry()) is not None:
            self._replies.reload(entry, self._page.panel.parameters().context)

    def _add_model(self, folder: bool) -> None:
        try:
            if folder:
                path = choose_folder(self._page, self.tr("Add a model folder"))
            else:
                path = choose_file(self._page, self.tr("Add a model file"), self.tr("Models (*.gguf);;All files (*)"))
        except EngineError as error:
            self._say_error(error)
            return
        if path is not None:
            self._background.run(lambda: models.add(path), self._added, self._say_error)

    def _added(self, entry: ModelEntry) -> None:
        self._entries = [*(each for each in self._entries if each.name != entry.name), entry]
        self.choose_model(entry.name)

    def _load_changed(self, state: LoadState, percent: int) -> None:
        self._show_model()
        self._fill_picker()
        reply = self._replies.of(self.current)
        if reply is not None and not reply.parts:
            text = self.tr("Loading the model… {percent} %").format(percent=percent)
            self._page.transcript.set_notice(text if state is LoadState.LOADING else "")

    # --- parameters -----------------------------------------------------------------------------------------

    def _flush_parameters(self) -> None:
        if self._parameters_timer.isActive():
            self._parameters_timer.stop()
            self._store_parameters()

    def _store_parameters(self) -> None:
        chat = self.current
        if chat is None:
            return  # they are stored with the chat
        parameters = self._page.panel.parameters()
        values = parameters.to_json()
        self._chats[chat] = replace(self._chats[chat], system=parameters.system, sampling=values)
        future = self._store.update_chat(chat, system=parameters.system, sampling=values)
        self._background.when_done(future, _ignore, self._say_error)

    # --- notices --------------------------------------------------------------------------------------------

    def _say(self, chat: int | None, notice: Notice) -> None:
        """Show it now if its chat is shown, else when that is opened."""
        if chat == self.current:
            self._page.notice.show_notice(notice)
        else:
            self._notices[chat] = notice

    def _say_error(self, error: EngineError) -> None:
        self._page.notice.show_notice(replace(messages.notice(error), remedies=()))

    def _remedy(self, remedy: Remedy) -> None:
        match remedy:
            case Remedy.RETRY:
                if self._page.composer.text():  # it could not be stored
                    self.send()
                else:
                    self.regenerate()
            case Remedy.CHOOSE_MODEL:
                self._page.picker.showMenu()
            case Remedy.ADJUST:
                self._page.show_panel(True)
            case Remedy.NEW_CHAT:
                self.new_chat()

    # --- wiring ---------------------------------------------------------------------------------------------

    def _listen_to_page(self) -> None:
        page = self._page
        page.sidebar.new_requested.connect(self.new_chat)
        page.sidebar.chat_chosen.connect(self.open_chat)
        page.sidebar.delete_requested.connect(self._ask_to_delete)
        page.sidebar.search_changed.connect(self._search)
        self._list.rename_requested.connect(self._rename)
        page.composer.send_requested.connect(self.send)
        page.composer.stop_requested.connect(self.stop)
        page.welcome.suggestion_chosen.connect(self._send_suggestion)
        page.picker.opening.connect(self._refresh_models)
        page.picker.chosen.connect(self.choose_model)
        page.picker.add_file_requested.connect(lambda: self._add_model(folder=False))
        page.picker.add_folder_requested.connect(lambda: self._add_model(folder=True))
        page.picker.unload_requested.connect(self._replies.unload)
        page.picker.reload_requested.connect(self._reload_model)
        page.panel.changed.connect(self._parameters_timer.start)
        page.notice.remedy_chosen.connect(self._remedy)
        page.transcript.link_activated.connect(lambda address: ask_and_open(page, address))

    def _listen_to_replies(self) -> None:
        replies = self._replies
        replies.began.connect(self._began)
        replies.reading.connect(self._reading)
        replies.grew.connect(self._grew)
        replies.ended.connect(self._ended)
        replies.refused.connect(self._refused)
        replies.warned.connect(lambda reply, text: self._say(reply.chat, Notice(text)))
        replies.not_kept.connect(self._say_error)
        replies.load_changed.connect(self._load_changed)
        replies.load_failed.connect(lambda failure: self._page.notice.show_notice(messages.notice(failure)))

    def _send_suggestion(self, text: str) -> None:
        self._page.composer.restore(text)
        self.send()


def _item(chat: Chat) -> ChatItem:
    return ChatItem(chat.id, chat.title, chat.updated)


def _look_at_models() -> list[tuple[ModelEntry, dict[str, Any]]]:
    """The models, each with what its file says of itself; nothing for one that cannot be read."""
    return [(entry, _facts_of(entry)) for entry in models.entries()]


def _facts_of(entry: ModelEntry) -> dict[str, Any]:
    try:
        return _described(entry, entry.path.stat().st_mtime_ns)
    except (EngineError, OSError):
        return {}


@lru_cache(maxsize=200)
def _described(entry: ModelEntry, changed_ns: int) -> dict[str, Any]:
    """Read once for every change of the file: the picker asks whenever it opens."""
    return models.describe(entry)


def _ignore(_: object) -> None:
    pass
