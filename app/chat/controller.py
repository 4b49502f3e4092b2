"""What happens on the chat page: listens to the view, decides, calls the store and the engine."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from PySide6.QtCore import QObject, QTimer

from app import messages
from app.background import Background
from app.chat.chat_list import ChatListModel
from app.chat.chats import Chats
from app.chat.footer import figures, money, outcome, seconds_of_thought
from app.chat.history import title_of, to_prompt
from app.chat.load import LoadState
from app.chat.model_choice import ModelChoice
from app.chat.notices import Notices
from app.chat.page import ChatPage
from app.chat.parameters import Parameters
from app.chat.phase import Phase
from app.chat.replies import Replies
from app.chat.reply import Reply
from app.chat.shown_message import Version
from app.chat.thought import Thought
from app.destinations import Destinations
from app.known_models import KnownModels
from app.messages import Notice, Remedy
from app.widgets.labels import ask_before, plain_box
from app.widgets.links import ask_and_open
from engine.chat.messages import Message, whole_characters
from engine.chat.store import Chat, Store, StoredMessage
from engine.errors import EngineError
from engine.library.models import REMOTE
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
        known: KnownModels,
        destinations: Destinations,
        background: Background,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._page, self._store = page, store
        self._replies, self._settings, self._known, self._background = replies, settings, known, background
        self._notices = Notices(page.notice)
        self.current: int | None = None
        self._chats = Chats(page.sidebar, chats, store, background, self._is_busy, self._notices.say_error, self)
        chats.rename_requested.connect(self._rename)
        self.models = ModelChoice(page, replies, settings, known, destinations, background, self)
        self._drafts: dict[int | None, str] = {}
        self._failures: dict[int, Failure] = {}
        self._edited: int | None = None  # the message in the composer, while that is editing
        self._sending = False
        self._parameters_timer = QTimer(self, singleShot=True, interval=PARAMETERS_DELAY_MS)
        self._parameters_timer.timeout.connect(self._store_parameters)
        self._listen_to_page()
        self._listen_to_replies()

    def start(self) -> None:
        """Show the chats and the one that was open last."""
        self._chats.read()
        self.models.refresh()
        composer = self._page.composer
        # Of the time while there was nothing but the front: it is not a draft of another chat.
        asked, typed = composer.asked, composer.take()
        if not self.open_last():
            self.new_chat()
        if typed:
            composer.restore(typed)
        if asked:
            self.send()

    def open_last(self) -> bool:
        """Show the chat that was open last, where there is one."""
        last = self._settings.number("chat")
        if last is None or last not in self._chats:
            return False
        self.open_chat(last)
        return True

    def read_again(self) -> None:
        """The store holds chats that nobody here has made."""
        self._chats.read()

    @property
    def chats(self) -> list[Chat]:
        """All of them, the one changed last first."""
        return self._chats.all

    def close(self) -> None:
        """Keep what must be kept; the store is still open."""
        self._flush_parameters()
        self._settings.set("chat", self.current)
        self._replies.close()

    # --- chats ----------------------------------------------------------------------------------------------

    def new_chat(self) -> None:
        self._leave()
        self._page.panel.set_parameters(Parameters())
        self._page.transcript.clear()
        self._show(None)

    def open_chat(self, chat: int) -> None:
        if chat == self.current or chat not in self._chats:
            return
        self._leave()
        row = self._chats[chat]
        self._page.panel.set_parameters(Parameters.from_json(row.system, row.sampling))
        self._page.transcript.clear()
        self._fill(chat)
        self._show(chat)

    def add_chat(self, model: str, parameters: Parameters, said: Sequence[StoredMessage]) -> None:
        """Keep a conversation that was led elsewhere."""
        title = title_of(next((each.message.content for each in said), ""))

        def created(chat: int) -> None:
            for each in said:
                future = self._store.add_message(chat, each.message, each.state, each.stats, thinking=each.thinking)
                self._background.when_done(future, _ignore, self._notices.say_error)
            self._chats.put(chat)

        self._chats.create(title, model, parameters.system, parameters.to_json(), created, self._notices.say_error)

    def _leave(self) -> None:
        self._flush_parameters()
        self._page.composer.end_editing()
        self._drafts[self.current] = self._page.composer.take()

    def _show(self, chat: int | None) -> None:
        self.current = chat
        page = self._page
        page.show_welcome(chat is None)
        self._chats.select(chat)
        page.find_bar.hide()
        page.composer.set_streaming(self._replies.of(chat) is not None if chat is not None else False)
        if draft := self._drafts.pop(chat, ""):
            page.composer.restore(draft)
        page.composer.field.setFocus()
        self.models.show(self._chats[chat].model if chat is not None else "")
        self._show_offers()
        self._show_cost()
        self._notices.open(chat)
        title = self._chats[chat].title if chat is not None else ""
        page.window().setWindowTitle(f"{title} — Seedling" if title else "Seedling")

    def _fill(self, chat: int) -> None:
        """Show what the chat holds; what is shown already stays."""
        transcript, reply = self._page.transcript, self._replies.of(chat)
        known = set(transcript.shown())
        for stored in self._messages(chat):
            message, version = stored.message, _version(stored)
            if stored.id in known:
                continue
            if reply is not None and stored.id == reply.message:
                thought = Thought.of(reply.thinking, reply.thinking_seconds, reply.thinks)
                transcript.begin_message(stored.id, "assistant", reply.text, version, thought)
                transcript.set_phase(reply.phase, reply.percent)
            elif stored.state == "streaming" and not message.content and not stored.thinking:
                continue  # a reply without a word, whose row is about to go
            else:
                said = (figures(stored.stats), outcome(stored.state, stored.stats))
                thought = Thought.of(stored.thinking, seconds_of_thought(stored.stats))
                transcript.add_message(stored.id, message.role, message.content, *said, version, thought)
        self._show_failure(chat)

    def _show_failure(self, chat: int) -> None:
        failure = self._failures.get(chat)
        self._page.transcript.show_failure(failure.notice if failure is not None else None)

    def _messages(self, chat: int) -> list[StoredMessage]:
        """The stored messages; none, and a notice, where the store cannot be read."""
        try:
            return self._store.messages(chat)
        except EngineError as error:
            self._notices.say_error(error)
            return []

    def _rename(self, chat: int, title: str) -> None:
        def renamed() -> None:
            if chat == self.current:
                self._page.window().setWindowTitle(f"{title} — Seedling")

        self._chats.rename(chat, title, renamed)

    def _is_busy(self, chat: int) -> bool:
        return self._replies.of(chat) is not None

    def _ask_to_delete(self, chat: int) -> None:
        box = plain_box(
            self._page,
            self.tr("Delete chat"),
            self.tr("Delete “{title}”?").format(title=self._chats[chat].title),
            self.tr("Its messages cannot be brought back."),
        )
        ask_before(box, self.tr("Delete"), lambda: self.delete_chat(chat))

    def delete_chat(self, chat: int) -> None:
        def deleted() -> None:
            self._drafts.pop(chat, None)
            self._notices.forget(chat)
            self._failures.pop(chat, None)

        self._replies.abandon(chat)
        if chat == self.current:  # now: what is written from here on is for another chat
            self.current = None
            self.new_chat()
        self._chats.delete(chat, deleted)

    def clear_away(self) -> None:
        """Delete what models have made of chats that are gone, or that there is no room for any more."""
        self._chats.clear_away()

    def delete_all(self) -> None:
        for chat in self._chats.all:
            self.delete_chat(chat.id)

    # --- sending --------------------------------------------------------------------------------------------

    def send(self) -> None:
        """Store what was written, then ask the model. Until it is stored, nothing goes anywhere."""
        if self._sending or self._replies.of(self.current) is not None:
            return
        composer = self._page.composer
        edited = self._edited if composer.editing else None
        text = composer.take()
        composer.end_editing()
        self._page.notice.clear()
        if self.current is not None:
            self._store_question(self.current, text, edited)
            return
        self._sending = True
        parameters = self._page.panel.parameters()
        title, model = title_of(text), self.models.name

        def created(chat: int) -> None:
            if self.current is None:
                self._page.transcript.clear()
                self._drafts[chat] = self._page.composer.take()  # written while the chat was being made
                self._show(chat)
            self._store_question(chat, text)

        failed = partial(self._give_back, None, text)
        self._chats.create(title, model, parameters.system, parameters.to_json(), created, failed)

    def _store_question(self, chat: int, text: str, edited: int | None = None) -> None:
        """`edited`: the message that this is a new version of."""

        def stored(message: int) -> None:
            self._sending = False
            self._chats.touch(chat)
            if chat == self.current:
                if edited is not None:
                    self._page.transcript.remove_from(edited)
                    self._fill(chat)
                else:
                    self._page.transcript.add_message(message, "user", text)
            self._request(chat, self._messages(chat))

        self._sending = True
        future = self._store.add_message(chat, Message("user", text), beside=edited)
        self._background.when_done(future, stored, lambda error: self._give_back(chat, text, error, edited))

    def _give_back(self, chat: int | None, text: str, error: EngineError, edited: int | None = None) -> None:
        """It could not be stored: the words return to where they were written."""
        self._sending = False
        if chat != self.current:
            self._drafts[chat] = text
        elif edited is not None:
            self._edit(edited, text)
        else:
            self._page.composer.restore(text)
        self._notices.say(chat, messages.notice(error))

    def _request(
        self,
        chat: int,
        before: list[StoredMessage],
        beside: int | None = None,
        continues: StoredMessage | None = None,
    ) -> None:
        """Have a reply written to the messages before it: a new one, or as `Reply` says."""
        if not before:
            return
        self._flush_parameters()
        self._failures.pop(chat, None)
        row = self._chats[chat]
        history = to_prompt(stored.message for stored in before)
        if continues is not None:
            begun = continues.message
            history.append(replace(begun, content=whole_characters(begun.content)))
        model = row.model or self._settings.text("model")
        parameters = Parameters.from_json(row.system, row.sampling)
        reply = Reply(chat, model, parameters, history, beside, continues, offers=self._offers(model))
        self.models.agree(model, lambda: self._replies.request(reply))

    def stop(self) -> None:
        """Esc: end editing; else stop the reply or the loading; else put the find bar away."""
        if self._page.composer.editing:
            self._page.composer.end_editing()
        elif self._replies.of(self.current) is not None or self._page.picker.state is LoadState.LOADING:
            self._replies.stop(self.current)
        elif self._page.find_bar.isVisible():
            self._page.find_bar.put_away()

    # --- messages -------------------------------------------------------------------------------------------

    def act(self, message: int, action: str) -> None:
        """What a person asks of a message; while a reply is written here, the transcript itself copies, no more."""
        chat = self.current
        if chat is None or self._sending or self._replies.of(chat) is not None:
            return
        rows = self._messages(chat)
        place = next((place for place, row in enumerate(rows) if row.id == message), None)
        if place is None:
            return
        row = rows[place]
        match action:
            case "edit":
                self._edit(message, row.message.content)
            case "regenerate":
                self._replies.forgive()
                self._request(chat, rows[:place], beside=message)
            case "continue":
                self._replies.forgive()
                self._request(chat, rows[:place], continues=row)
            case "delete":
                self._ask_to_delete_message(chat, row)
            case "previous" | "next":
                self._switch(chat, row, -1 if action == "previous" else 1)

    def regenerate(self) -> None:
        """Write the last reply again, keeping the old version; or the one that is missing."""
        transcript, chat = self._page.transcript, self.current
        keys = transcript.shown()
        if chat is None or not keys or self._sending or self._replies.of(chat) is not None:
            return
        if transcript.last("assistant") == keys[-1]:
            self.act(keys[-1], "regenerate")
        else:
            self._replies.forgive()
            self._request(chat, self._messages(chat))

    def continue_last(self) -> None:
        """Go on with the last reply, where it was cut short."""
        transcript = self._page.transcript
        key = next(reversed(transcript.shown()), None)
        if key is not None and "continue" in transcript.offered(key):
            self.act(key, "continue")

    def copy_last(self) -> None:
        """Put the last reply on the clipboard, as far as it is written."""
        key = self._page.transcript.last("assistant")
        if key is not None:
            self._page.transcript.act(key, "copy")

    def edit_last(self) -> None:
        key = self._page.transcript.last("user")
        if key is not None:
            self.act(key, "edit")

    def _edit(self, message: int, text: str) -> None:
        self._edited = message
        self._page.composer.begin_editing(text)

    def _switch(self, chat: int, row: StoredMessage, step: int) -> None:
        """Show the version before or after, and what followed it when it was last seen."""
        place = row.versions.index(row.id) + step
        if 0 <= place < len(row.versions):
            future = self._store.show_message(row.versions[place])
            self._background.when_done(future, lambda _: self._fill_again(chat, row.id), self._notices.say_error)

    def _fill_again(self, chat: int, message: int) -> None:
        """Another version may stand at the place of this message now, or none."""
        self._failures.pop(chat, None)
        if chat == self.current:
            self._page.composer.end_editing()
            self._page.transcript.remove_from(message)
            self._fill(chat)

    def _ask_to_delete_message(self, chat: int, row: StoredMessage) -> None:
        text = self.tr("Delete this message?") if len(row.versions) == 1 else self.tr("Delete this version?")
        explanation = self.tr("It goes with all that follows it, and cannot be brought back.")
        box = plain_box(self._page, self.tr("Delete message"), text, explanation)
        ask_before(box, self.tr("Delete"), lambda: self._delete_message(chat, row.id))

    def _delete_message(self, chat: int, message: int) -> None:
        if self._replies.of(chat) is None:
            self._chats.forget_state(chat)
            future = self._store.delete_message(message)
            self._background.when_done(future, lambda _: self._fill_again(chat, message), self._notices.say_error)

    # --- replies --------------------------------------------------------------------------------------------

    def _began(self, reply: Reply) -> None:
        if reply.chat not in self._chats:  # deleted meanwhile
            self._replies.abandon(reply.chat)
            return
        self._chats.put(reply.chat)
        if reply.chat != self.current:
            return
        transcript = self._page.transcript
        if reply.beside is not None or reply.continues is not None:
            transcript.remove_from(reply.beside or reply.message)
            self._fill(reply.chat)
        else:
            transcript.begin_message(reply.message, "assistant")
            transcript.set_phase(reply.phase, reply.percent)
            self._show_failure(reply.chat)
        self._page.composer.set_streaming(True)

    def _phase_changed(self, reply: Reply) -> None:
        if reply.chat == self.current and self._page.transcript.busy:
            self._page.transcript.set_phase(reply.phase, reply.percent)
            if reply.phase is Phase.STOPPING:
                self._page.composer.set_stopping()

    def _grew(self, reply: Reply, text: str) -> None:
        self._notices.go_on(reply.chat)
        if reply.chat == self.current:
            self._page.transcript.append(text)

    def _thought(self, reply: Reply, text: str) -> None:
        self._notices.go_on(reply.chat)
        if reply.chat == self.current:
            self._page.transcript.think(text)

    def _ended(self, reply: Reply) -> None:
        self._notices.go_on(reply.chat)
        if reply.chat not in self._chats:
            return
        self._chats.put(reply.chat)
        if reply.failure is not None:
            self._failures[reply.chat] = Failure(messages.notice(reply.failure), reply.continues)
        if reply.chat != self.current:
            return
        self._page.composer.set_streaming(False)
        if reply.began or reply.state == "done":
            self._page.transcript.end_message(figures(reply.stats), outcome(reply.state, reply.stats))
            self._show_failure(reply.chat)
        else:  # what was there before still stands
            self._page.transcript.remove_from(reply.message)
            self._fill(reply.chat)

    def _refused(self, reply: Reply, error: EngineError) -> None:
        self._failures[reply.chat] = Failure(messages.notice(error), reply.continues)
        if reply.chat == self.current:
            self._show_failure(reply.chat)

    def choose_model(self, name: str) -> None:
        self.models.choose(name)

    def follow_model(self, old: str, new: str) -> None:
        """A model is called otherwise: chats with it go on with it."""
        for chat in self._chats.all:
            if chat.model == old:
                self._chats.change_model(chat.id, new)
        self.models.follow(old, new)

    def _model_chosen(self, name: str) -> None:
        """This chat, and new ones, are answered by this model from now on."""
        self._page.notice.clear()
        self._show_offers(name)
        if self.current is not None:
            self._chats.change_model(self.current, name)

    # --- parameters -----------------------------------------------------------------------------------------

    def _flush_parameters(self) -> None:
        if self._parameters_timer.isActive():
            self._parameters_timer.stop()
            self._store_parameters()

    def _store_parameters(self) -> None:
        if self.current is not None:  # else they are stored with the chat
            parameters = self._page.panel.parameters()
            self._chats.change_parameters(self.current, parameters.system, parameters.to_json())

    def _offers(self, model: str) -> frozenset[str] | None:
        """What the provider of a model heeds, nothing as long as that is not known; None of a model on this machine."""
        known = self._known.models.get(model)
        if known is None or known.backend != REMOTE:
            return None
        offers = self._replies.offers_of(model)
        return frozenset(known.details.get("offers") or ()) if offers is None else offers

    def _show_offers(self, model: str | None = None) -> None:
        """What can be set, and done, with this model, or that of the chat that is shown."""
        offers = self._offers(model or self.models.name)
        self._page.panel.set_offers(offers)
        self._page.transcript.continues = offers is None or "continue" in offers

    def _show_cost(self) -> None:
        """What the chat has cost so far, where anything was paid for."""
        chat = self.current
        if chat is None:
            self._page.panel.set_cost("")
            return

        def show(costs: dict[str, float]) -> None:
            if chat == self.current:
                self._page.panel.set_cost(" + ".join(money(amount, name) for name, amount in costs.items()))

        self._background.run(lambda: self._store.costs(chat), show, self._notices.say_error)

    # --- what helps -----------------------------------------------------------------------------------------

    def _send_or_load(self) -> None:
        """What failed without a reply: words that could not be stored, or else loading the model."""
        if self._page.composer.text():
            self.send()
        else:
            self.models.choose(self.models.name)

    def _try_again(self) -> None:
        failure = self._failures.get(self.current or 0)
        if failure is not None and failure.continued is not None:
            self.act(failure.continued.id, "continue")
        else:
            self.regenerate()

    def _remedy(self, remedy: Remedy, retry: Callable[[], None]) -> None:
        match remedy:
            case Remedy.RETRY:
                retry()
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
        page.composer.send_requested.connect(self.send)
        page.composer.stop_requested.connect(self.stop)
        page.welcome.suggestion_chosen.connect(self._send_suggestion)
        page.panel.changed.connect(self._parameters_timer.start)
        page.notice.remedy_chosen.connect(lambda remedy: self._remedy(remedy, self._send_or_load))
        page.composer.edit_last_requested.connect(self.edit_last)
        page.transcript.remedy_chosen.connect(lambda remedy: self._remedy(remedy, self._try_again))
        page.transcript.action_requested.connect(self.act)
        self.models.chosen.connect(self._model_chosen)
        self._known.told.connect(lambda _: self._show_offers())
        self.models.failed.connect(self._notices.say_error)
        page.transcript.link_activated.connect(lambda address: ask_and_open(page, address))

    def _listen_to_replies(self) -> None:
        replies = self._replies
        replies.began.connect(self._began)
        replies.phase_changed.connect(self._phase_changed)
        replies.grew.connect(self._grew)
        replies.thought.connect(self._thought)
        replies.ended.connect(self._ended)
        replies.kept.connect(lambda _: self._show_cost())
        replies.refused.connect(self._refused)
        replies.warned.connect(lambda reply, text: self._notices.say(reply.chat, Notice(text)))
        replies.held_up.connect(lambda reply, text: self._notices.say(reply.chat, Notice(text, passing=True)))
        replies.not_kept.connect(self._notices.say_error)
        replies.load_changed.connect(lambda *_: self._show_offers())
        replies.load_failed.connect(lambda failure: self._page.notice.show_notice(messages.notice(failure)))

    def _send_suggestion(self, text: str) -> None:
        self._page.composer.restore(text)
        self.send()


@dataclass(frozen=True)
class Failure:
    """Why a chat has no reply, or only half of one; `continued` is the reply that should have gone on."""

    notice: Notice
    continued: StoredMessage | None = None


def _version(stored: StoredMessage) -> Version:
    return Version(stored.versions.index(stored.id) + 1, len(stored.versions))


def _ignore(_: object) -> None:
    pass
