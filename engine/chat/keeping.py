"""When the state of a conversation goes to the disk, and when it comes back: beside the replies, never in their way.

Kept: a moment after a reply has ended, unless the next one has begun by then; and where another conversation takes
the runtime first, or another model its place, just before. Copying it out of the runtime takes some hundredths of a
second; all else a thread of its own does. So whenever a window is killed, at most the last turn is evaluated again.

Taken back: before a prompt is evaluated of which the runtime holds less than the disk, if reading is quicker.
"""

from __future__ import annotations

import hashlib
import math
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from engine import hardware
from engine.chat import kept_states
from engine.chat.messages import Asked
from engine.errors import EngineError
from engine.runtime.base import CacheReason, Runtime, common_prefix
from engine.runtime.saved_state import Held, State

IDLE_S = 1.0  # after a reply, before its state is copied
WORTH_S = 0.25  # of evaluation that the disk must spare, at least
WORTH_SHARE = 20  # and at least this part of the whole conversation's: a long one is not written again for a short turn
READ_BYTES_PER_S = 400e6  # from a plain disk to the runtime; less than was measured
MEMORY_SHARE = 4  # a copy takes at most this part of the memory that is free


class Keeping:
    """The conversation that a runtime holds, and what the disk has of it. All but `close` on the runtime's thread."""

    def __init__(self, runtime: Runtime, thread: Executor) -> None:
        self._runtime, self._thread = runtime, thread
        self._writer: ThreadPoolExecutor | None = None
        self._asked: Asked | None = None  # the last reply: its chat is whose conversation the runtime holds
        self._template = ""
        self._on_disk: Sequence[int] = ()  # the ids that are kept of it
        self._pace = math.inf  # seconds that evaluating a token takes
        self._due = False  # the state is to be kept
        self._timer: threading.Timer | None = None
        self._writing: dict[int, threading.Event] = {}  # by chat: stops it

    def before(
        self, asked: Asked | None, prompt: Sequence[int], template: str | None, cancelled: threading.Event
    ) -> CacheReason | None:
        """Take back what is kept of a chat, if it holds more of the prompt than the runtime does.

        Where it was made with something else and so is void, what that is: `model`, `adapters`, `options` of the cache,
        `program` (another build of llama.cpp) or `template`.
        """
        if self._timer is not None:
            self._timer.cancel()
        came_back = asked is not None and self._asked is not None and asked.chat == self._asked.chat
        if not came_back:
            self._keep()
        self._due = False
        held = self._runtime.held()
        self._asked, self._template = asked, hashlib.sha256((template or "").encode()).hexdigest()
        there = common_prefix(held.ids, prompt[:-1])
        if asked is None or (came_back and there == len(held.ids) > 0):
            return None
        kept = kept_states.look(asked.chat)
        self._on_disk = () if kept is None else kept.ids
        if kept is None:
            return None
        if (reason := _difference(kept, held, self._template)) is not None:
            self._void(asked.chat)
            return reason
        self._pace = min(self._pace, kept.about["seconds_per_token"])
        more = common_prefix(kept.ids, prompt[:-1])
        if not held.goes_back and more < len(kept.ids):
            more = 0
        if (more - there) * self._pace > kept.size / READ_BYTES_PER_S and _fits_memory(kept.size):
            self._take(asked.chat, cancelled)
        return None

    def after(self, evaluated: int, seconds: float) -> None:
        """A reply has ended. seconds: what evaluating so many tokens of its prompt has taken."""
        if evaluated > 0:
            self._pace = min(self._pace, seconds / evaluated)
        if self._asked is not None and self._is_worth_it(self._asked.chat):
            self._due = True
            self._timer = threading.Timer(IDLE_S, self._when_idle)
            self._timer.daemon = True
            self._timer.start()

    def close(self) -> None:
        """Before the runtime is closed: keep what is still to be kept."""
        if self._timer is not None:
            self._timer.cancel()
        self._thread.submit(self._keep).result()
        if self._writer is not None:
            self._writer.shutdown(wait=False)

    # --- keeping ----------------------------------------------------------------------------------------------

    def _is_worth_it(self, chat: int) -> bool:
        """Whether evaluating what the disk has not takes long enough, and reading all of it half of that at most."""
        held = self._runtime.held()
        if self._on_disk and not kept_states.is_kept(chat):  # it had to make room, or a person deleted it
            self._on_disk = ()
        whole, lacking = len(held.ids), len(held.ids) - common_prefix(held.ids, self._on_disk)
        if lacking == 0 or lacking * self._pace < max(WORTH_S, whole * self._pace / WORTH_SHARE):
            return False
        quick = 2 * held.size / READ_BYTES_PER_S < whole * self._pace
        return quick and kept_states.has_room(held.size) and _fits_memory(held.size)

    def _when_idle(self) -> None:
        with suppress(RuntimeError):  # it has been closed
            self._thread.submit(self._keep)

    def _keep(self) -> None:
        """Copy the state, if it is still to be kept, and have it written."""
        asked = self._asked
        if not self._due or asked is None:
            return
        self._due = False
        try:
            state = self._runtime.copy_state()
        except MemoryError:
            return
        if not state.ids:  # adapters were changed meanwhile
            return
        if (older := self._writing.get(asked.chat)) is not None:
            older.set()
        stop = self._writing[asked.chat] = threading.Event()
        about = {"template": self._template, "seconds_per_token": self._pace}
        self._writer = self._writer or ThreadPoolExecutor(1, "states")
        self._writer.submit(self._write, asked, about, state, stop)

    def _write(self, asked: Asked, about: Mapping[str, Any], state: State, stop: threading.Event) -> None:
        present = self._asked
        if kept_states.keep(asked, about, state, stop) and present is not None and present.chat == asked.chat:
            self._on_disk = state.ids

    # --- taking back ------------------------------------------------------------------------------------------

    def _take(self, chat: int, cancelled: threading.Event) -> None:
        state = kept_states.take(chat, cancelled)
        if state is None:
            return
        try:
            self._runtime.load_state(state, cancelled)
        except MemoryError:
            return
        except EngineError as error:
            if error.code != "bad_state":
                raise
            self._void(chat)

    def _void(self, chat: int) -> None:
        self._on_disk = ()
        kept_states.void(chat)


def _difference(kept: kept_states.Kept, held: Held, template: str) -> CacheReason | None:
    """What a state was made with that is not so now."""
    reasons: tuple[CacheReason, ...] = ("model", "adapters", "program")
    for reason in reasons:
        if kept.belongs_to.get(reason) != held.belongs_to.get(reason):
            return reason
    if kept.belongs_to != held.belongs_to:
        return "options"
    return "template" if kept.about["template"] != template else None


def _fits_memory(size: int) -> bool:
    return size <= hardware.memory().available // MEMORY_SHARE
