"""What is on its way here: a few downloads at once, the others waiting; each can be paused and goes on where it was."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Signal

from app import messages
from app.background import Background
from app.engine_client import EngineClient, JobHandle
from engine.events import Event, Failed, Finished, Progress, Waiting
from engine.library.download import journal

AT_ONCE = 2  # more share the same line, and each takes longer
_SETTLE_S = 0.5  # between two looks at the speed
_OLD = 0.7  # weight of what the speed was


@dataclass(frozen=True)
class Wanted:
    """What to fetch: files of a repository. key: the same for the same wish."""

    repo: str
    files: tuple[str, ...]
    revision: str = "main"
    kind: str = "model"  # or "dataset"
    title: str = ""
    again: bool = False  # what is here is read, and fetched anew where it is broken

    @property
    def key(self) -> tuple[str, str, tuple[str, ...]]:
        return self.kind, self.repo, tuple(sorted(self.files))

    @property
    def name(self) -> str:
        return self.title or (f"{self.repo}: {self.files[0]}" if len(self.files) == 1 else self.repo)

    def params(self) -> dict[str, Any]:
        return {"repo": self.repo, "files": list(self.files), "revision": self.revision, "kind": self.kind} | (
            {"again": True} if self.again else {}
        )


@dataclass(frozen=True)
class Transfer:
    """How a download stands. state: "waiting", "running", "paused", "failed" or "done". speed: bytes a second.

    quiet: it runs, and nothing has come for some seconds.
    """

    wanted: Wanted
    state: str = "waiting"
    done: int = 0
    total: int = 0
    speed: float = 0.0
    quiet: bool = False
    problem: str = ""
    paths: tuple[str, ...] = ()
    model: str = ""  # its name on the list of models

    @property
    def seconds_left(self) -> float | None:
        return (self.total - self.done) / self.speed if self.speed > 0 and self.total else None


class Downloads(QObject):
    """`changed(Transfer)`: news of one. `removed(key)`. `finished(Transfer)`: its files lie here, verified."""

    changed = Signal(object)
    removed = Signal(object)
    finished = Signal(object)

    def __init__(
        self, clients: Callable[[], EngineClient], background: Background, parent: QObject | None = None
    ) -> None:
        """clients: makes one for each that runs at once."""
        super().__init__(parent)
        self._make, self._background = clients, background
        self.token: str | None = None  # one that workers cannot find by themselves
        self._free: list[EngineClient] = []
        self._clients: list[EngineClient] = []
        self._transfers: dict[Any, Transfer] = {}
        self._running: dict[Any, tuple[JobHandle, EngineClient, _Speed]] = {}
        self._ending: dict[Any, str] = {}  # why a running one was asked to stop: "paused" or "removed"

    def close(self) -> None:
        for client in self._clients:
            client.close()

    def transfers(self) -> list[Transfer]:
        return list(self._transfers.values())

    def of(self, wanted: Wanted) -> Transfer | None:
        return self._transfers.get(wanted.key)

    def recover(self) -> None:
        """Offer again what was not finished when the program ended last."""
        self._background.run(journal.downloads, self._recovered, lambda _: None)

    def start(self, wanted: Wanted) -> None:
        """Fetch it, or go on with it; what runs or waits already is left alone."""
        known = self._transfers.get(wanted.key)
        if known is not None and known.state in ("running", "waiting"):
            return
        self._set(replace(known, wanted=wanted, state="waiting", problem="") if known else Transfer(wanted))
        self._start_next()

    def pause(self, key: Any) -> None:
        if key in self._running:
            self._ending[key] = "paused"
            self._running[key][0].cancel()
        elif self._transfers[key].state == "waiting":
            self._set(replace(self._transfers[key], state="paused"))

    def remove(self, key: Any) -> None:
        """Take it off the list; what was fetched of an unfinished one is deleted."""
        if key in self._running:
            self._ending[key] = "removed"
            self._running[key][0].cancel()
        else:
            self._forget(key)

    # --- one after another --------------------------------------------------------------------------------------------

    def _start_next(self) -> None:
        waiting = [key for key, transfer in self._transfers.items() if transfer.state == "waiting"]
        for key in waiting[: max(0, AT_ONCE - len(self._running))]:
            if not self._free:
                self._clients.append(self._make())
                self._free.append(self._clients[-1])
            client = self._free.pop()
            handle = client.submit("download", self._transfers[key].wanted.params() | {"token": self.token})
            self._running[key] = handle, client, _Speed()
            handle.reported.connect(partial(self._report, key))
            handle.done.connect(partial(self._end, key))
            self._set(replace(self._transfers[key], state="running", speed=0.0, quiet=False))

    def _report(self, key: Any, event: Event) -> None:
        if isinstance(event, Progress) and event.unit == "bytes" and key in self._running:
            speed = self._running[key][2].at(event.done)
            now = replace(self._transfers[key], done=event.done, total=event.total, speed=speed, quiet=False)
            self._set(now)
        elif isinstance(event, Waiting) and key in self._running:
            self._set(replace(self._transfers[key], speed=0.0, quiet=True))

    def _end(self, key: Any, ending: Event) -> None:
        _, client, _ = self._running.pop(key)
        client.stop_worker()  # waiting costs memory, starting one a second
        self._free.append(client)
        asked, transfer = self._ending.pop(key, ""), self._transfers[key]
        match ending:
            case _ if asked == "removed" and not (isinstance(ending, Finished) and ending.reason == "done"):
                self._forget(key)
            case Failed():
                problem = messages.sentence(ending.code, ending.data)
                self._set(replace(transfer, state="failed", speed=0.0, problem=problem))
            case Finished("done", stats):
                problem = stats.get("problem") or ""
                done = replace(transfer, state="done", speed=0.0, problem=problem, paths=tuple(stats["paths"]))
                self._set(replace(done, done=transfer.total, model=stats.get("model") or ""))
                self.finished.emit(self._transfers[key])
            case _:
                self._set(replace(transfer, state="paused", speed=0.0))
        self._start_next()

    def _set(self, transfer: Transfer) -> None:
        self._transfers[transfer.wanted.key] = transfer
        self.changed.emit(transfer)

    def _forget(self, key: Any) -> None:
        transfer = self._transfers.pop(key, None)
        if transfer is None:
            return
        self.removed.emit(key)
        if transfer.state != "done":
            wanted = transfer.wanted
            self._background.run(partial(_delete_parts, wanted), lambda _: None, lambda _: None)

    def _recovered(self, found: Sequence[journal.Download]) -> None:
        for download in found:
            wanted = Wanted(download.repo, tuple(download.files), download.revision, download.kind)
            if download.state in ("paused", "failed") and wanted.key not in self._transfers:
                error = download.error
                problem = messages.sentence(error.code, error.data) if error is not None else ""
                self._set(Transfer(wanted, download.state, download.done, download.total, problem=problem))


def _delete_parts(wanted: Wanted) -> None:
    for download in journal.downloads():
        if Wanted(download.repo, tuple(download.files), download.revision, download.kind).key == wanted.key:
            journal.forget(download.id)


class _Speed:
    """Bytes a second, smoothed: what a line gives jumps, and a time left that jumps with it helps nobody."""

    def __init__(self) -> None:
        self._then: tuple[float, int] | None = None
        self._speed = 0.0

    def at(self, done: int) -> float:
        now = time.monotonic()
        if self._then is None:
            self._then = now, done
            return 0.0
        passed = now - self._then[0]
        if passed >= _SETTLE_S:
            latest = max(0, done - self._then[1]) / passed
            self._speed = _OLD * self._speed + (1 - _OLD) * latest if self._speed else latest
            self._then = now, done
        return self._speed
