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
        kind = chance.choices(["create", "add", "stream", "edit", "rename", "remove", "delete"], [2, 8, 4, 6, 2, 2, 1])[
            0
        ]
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
            id, _ = messages.pop(chance.randrange(len(messages)))
            say(["remove", id])
            store.delete_message(id).result()
            say([id])
        else:
            chat = chats.pop(chance.randrange(len(chats)))
            messages = [pair for pair in messages if pair[1] != chat]
            say(["delete", chat])
            store.delete_chat(chat).result()
            say([chat])
