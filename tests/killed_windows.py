"""Windows that are killed: a server that imports the program once, and forks one window after another from there.

A request on stdin is {"home": folder, "seed": n}, and maybe "without": guards that are taken away, and "deeds": what
the person may do. The answer is the process id of a window on that home. It writes JSON lines into the file `said`
there, the time of the monotonic clock first:

    opened, {chat: title}, {message: [chat, role, text, how it ended]}     what is shown, all chats opened once
    shown, message, chat, text · titled, chat, title · deleted, chat        what a person has seen acknowledged
    wants, what …                                                           what was asked for and may have been done
    grew, message, chat, characters                                            how much of a reply is shown

It is the real window (store, settings, all pages) with scripted workers; what it leaves out is the one-copy lock, the
reporter of crashes and the mode that follows a bad start. What the person does is a function of the seed.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

import apsw
import scripted_workers
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from app.application import Seedling
from app.chat.replies import Replies
from engine import paths
from engine.chat import store as stores
from engine.library import models
from engine.library.models import ModelEntry
from engine.processes import end_with_parent
from engine.settings import Settings

_STARTER = ModelEntry("starter", Path("/models/starter.gguf"), "gguf", "llama", True)
_DEEDS = ["send", "send", "send", "edit", "rename", "delete", "leave", "again"]


class Person:
    """Someone who does one thing after another, as a seed says, until somebody pulls the plug."""

    def __init__(self, seedling: Seedling, store: stores.Store, seed: int, deeds: list[str], said: int) -> None:
        self.seedling, self.chance, self._said, self._store = seedling, random.Random(seed), said, store
        self.page, self.chat = seedling.page, seedling.chat
        self._counter, self._seed, self._deeds = 0, seed, deeds
        self._told = 0.0

    def say(self, *what: object) -> None:
        os.write(self._said, json.dumps([time.monotonic(), *what]).encode() + b"\n")

    def _listen(self) -> None:
        """Tell what is shown as it is shown."""
        show = self.page.transcript.add_message

        def add_message(key: int, role: str, text: str, *rest: Any) -> None:
            show(key, role, text, *rest)
            if role == "user":
                ((chat,),) = self._store._read("SELECT chat FROM messages WHERE id = ?", key) or [(None,)]
                self.say("shown", key, chat, text)

        self.page.transcript.add_message = add_message  # type: ignore[method-assign]
        self.seedling.replies.grew.connect(self._grew)

    def _grew(self, reply: Any, _: str) -> None:
        if time.monotonic() - self._told > 0.02:
            self._told = time.monotonic()
            self.say("grew", reply.message, reply.chat, len(reply.text))

    def look(self) -> None:
        """Open every chat once and say what stands there."""
        transcript, messages = self.page.transcript, {}
        for chat in [chat.id for chat in self.chat.chats]:
            self.chat.open_chat(chat)
            for key in transcript.shown():
                message = transcript._messages[key]
                messages[key] = [chat, message.role, message.text, message.state]
        self.say("opened", {chat.id: chat.title for chat in self.chat.chats}, messages)
        self._listen()
        QTimer.singleShot(0, self._act)

    def _act(self) -> None:
        deed = self.chance.choice(self._deeds)
        if deed != "tell" and self.seedling.replies.of(self.chat.current) is not None and self.chance.random() < 0.7:
            deed = self.chance.choice(("wait", "rename", "leave"))
        getattr(self, f"_{deed}")()
        QTimer.singleShot(self.chance.choice((0, 5, 20, 60, 150, 400)), self._act)

    def _words(self) -> str:
        self._counter += 1
        order = f"do count {self.chance.choice((1, 30, 3000))} {self.chance.choice((0, 2, 8))}"
        if self.chance.random() < 0.15:
            order = "do native 30"  # the worker can hear nothing then
        return f"{self._seed}.{self._counter} {'ä🌱' * self.chance.randrange(200)}\n\n{order}"

    def _send(self) -> None:
        if self.chance.random() < 0.2:
            self.chat.new_chat()
        self.page.composer.restore(self._words())
        self.chat.send()

    def _tell(self) -> None:
        """A question with a long answer, and then nothing more."""
        if self.seedling.replies.of(self.chat.current) is None:
            self.page.composer.restore(f"{self._seed}\n\ndo count 3000 5")
            self.chat.send()

    def _edit(self) -> None:
        if self.seedling.replies.of(self.chat.current) is not None:
            self.chat.stop()
        self.chat.edit_last()
        if self.page.composer.editing:
            self.page.composer.field.setPlainText(self._words())
            self.chat.send()

    def _again(self) -> None:
        self.chat.regenerate()

    def _wait(self) -> None:
        pass

    def _leave(self) -> None:
        if self.chat.chats:
            self.chat.open_chat(self.chance.choice(self.chat.chats).id)

    def _rename(self) -> None:
        if self.chat.chats:
            chat, title = self.chance.choice(self.chat.chats).id, f"title {self._seed}.{self.chance.random()}"
            self.say("wants", "title", chat, title)
            self.chat._rename(chat, title)
            self._when(lambda: any(row.title == title for row in self.chat.chats), ("titled", chat, title))

    def _delete(self) -> None:
        if len(self.chat.chats) > 2:
            chat = self.chance.choice(self.chat.chats).id
            self.say("wants", "delete", chat)
            self.chat.delete_chat(chat)
            self._when(lambda: all(row.id != chat for row in self.chat.chats), ("deleted", chat))

    def _when(self, condition: Any, what: tuple[object, ...]) -> None:
        if condition():
            self.say(*what)
        else:
            QTimer.singleShot(2, partial(self._when, condition, what))


def live(seed: int, without: list[str], deeds: list[str]) -> None:
    """Be a window until killed."""
    _take_away(without)
    said = os.open(paths.home() / "said", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    settings = Settings()
    settings.set("stores_offered", True)  # nothing is looked for unasked
    models.entries = lambda: [_STARTER]
    application = QApplication(["seedling"])
    store = stores.Store(paths.database())
    seedling = Seedling(application, store, settings, scripted_workers.workers())
    seedling.start()
    QTimer.singleShot(0, Person(seedling, store, seed, deeds, said).look)
    application.exec()


def _take_away(without: list[str]) -> None:
    if "keeping" in without:
        Replies._keep = lambda _: None  # type: ignore[method-assign]
    if "marking" in without:
        stores._open = partial(_unmarked, stores._open)  # type: ignore[assignment]
    if "committing" in without:
        stores.Store._write = _write_without_committing  # type: ignore[method-assign]


def _unmarked(opened: Any, path: Path) -> apsw.Connection:
    """The store with its cut replies as they were left."""
    before: list[Any] = []
    if path.exists():
        connection = apsw.Connection(str(path))
        before = connection.execute("SELECT id FROM messages WHERE state = 'streaming'").fetchall()
        connection.close()
    connection = opened(path)
    connection.executemany("UPDATE messages SET state = 'streaming' WHERE id = ?", before)
    return connection


def _write_without_committing(store: stores.Store, connection: apsw.Connection) -> None:
    connection.execute("BEGIN")
    while (item := store._queue.get()) is not None:
        write, future, *_ = item
        future.set_result(write(connection))


def main() -> None:
    end_with_parent()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them
    for line in sys.stdin:
        asked = json.loads(line)
        child = os.fork()
        if child == 0:
            end_with_parent()
            os.dup2(os.open(os.devnull, os.O_RDWR), 0)
            os.environ["SEEDLING_HOME"] = asked["home"]
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            live(asked["seed"], asked.get("without", []), asked.get("deeds", _DEEDS))
            os._exit(1)  # it was to be killed
        print(child, flush=True)


if __name__ == "__main__":
    main()
