"""Writes to a store until it is killed.

Every change is announced as a JSON line before it is asked for, and acknowledged by `[id]` when it is done.
"""

from __future__ import annotations

import json
import os
import random
from pathlib import Path
from typing import Any

from engine.chat.messages import Message
from engine.chat.store import Store


def main(path: Path, seed: int, output: int) -> None:
    """Announcements and acknowledgements go to the file descriptor `output`."""
    store, chance = Store(path), random.Random(seed)
    chats: list[int] = []
    messages: list[tuple[int, int]] = []  # (id, chat)

    def say(line: Any) -> None:
        os.write(output, json.dumps(line).encode() + b"\n")

    while True:
        kinds = {"create": 2, "add": 8, "stream": 4, "version": 4, "show": 2, "edit": 6, "rename": 2, "remove": 2}
        (kind,) = chance.choices([*kinds, "delete"], [*kinds.values(), 1])
        text = "".join(chance.choices("aé你🙂 \n\0<", k=chance.randrange(800)))
        if kind == "create" or not chats:
            say(["create", text])
            chats.append(store.create_chat(text).result())
            say([chats[-1]])
        elif kind in ("add", "stream") or not messages:
            chat, state = chance.choice(chats), "streaming" if kind == "stream" else "done"
            say(["add", chat, text, state])
            id = store.add_message(chat, Message("user", text, tuple(text.encode()), "m"), state).result()
            messages.append((id, chat))
            say([id])
        elif kind == "version":
            beside, chat = chance.choice(messages)
            say(["version", beside, text])
            message = Message("user", text, tuple(text.encode()), "m")
            messages.append((store.add_message(chat, message, beside=beside).result(), chat))
            say([messages[-1][0]])
        elif kind == "show":
            id, _ = chance.choice(messages)
            say(["show", id])
            store.show_message(id).result()
            say([id])
        elif kind == "edit":
            id, _ = chance.choice(messages)
            say(["edit", id, text])
            store.update_message(id, Message("user", text, tuple(text.encode()), "m")).result()
            say([id])
        elif kind == "rename":
            chat = chance.choice(chats)
            say(["rename", chat, text])
            store.rename_chat(chat, text).result()
            say([chat])
        elif kind == "remove":
            id, _ = chance.choice(messages)
            say(["remove", id])
            store.delete_message(id).result()
            left = {id for (id,) in store._read("SELECT id FROM messages")}  # what followed it is gone, too
            messages = [pair for pair in messages if pair[0] in left]
            say([id])
        else:
            chat = chats.pop(chance.randrange(len(chats)))
            messages = [pair for pair in messages if pair[1] != chat]
            say(["delete", chat])
            store.delete_chat(chat).result()
            say([chat])
