"""Work beside the window: a call on another thread, or a future of the store, answered on the main thread."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, Signal

from engine.errors import EngineError, from_os_error

log = logging.getLogger(__name__)

T = TypeVar("T")


class Background(QObject):
    """`success` or `failure` is called once, on the main thread, some time after the call that asked has returned."""

    _settled = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="background")
        self._closed = False
        self._newest: dict[str, object] = {}
        self._settled.connect(self._call, Qt.ConnectionType.QueuedConnection)

    def run(
        self, work: Callable[[], T], success: Callable[[T], object], failure: Callable[[EngineError], object]
    ) -> None:
        """Do `work` on another thread."""
        self.when_done(self._threads.submit(work), success, failure)

    def renew(
        self,
        what: str,
        work: Callable[[], T],
        success: Callable[[T], object],
        failure: Callable[[EngineError], object],
    ) -> None:
        """As `run`, for what is looked at again and again: only the newest look at `what` is answered, since there are
        several threads, and an older one may end later.
        """
        this = self._newest[what] = object()

        def newest(answer: Callable[[Any], object]) -> Callable[[Any], object]:
            return lambda result: answer(result) if self._newest[what] is this else None

        self.run(work, newest(success), newest(failure))

    def when_done(
        self, future: Future[T], success: Callable[[T], object], failure: Callable[[EngineError], object]
    ) -> None:
        """Answer when the future is done."""
        future.add_done_callback(partial(self._settle, success, failure))

    def close(self) -> None:
        """Wait for what runs; nobody is called any more."""
        self._closed = True
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _settle(
        self, success: Callable[[T], object], failure: Callable[[EngineError], object], done: Future[T]
    ) -> None:
        if not self._closed:
            self._settled.emit(partial(_answer, success, failure, done))

    def _call(self, answer: Callable[[], None]) -> None:
        if not self._closed:
            answer()


def _answer(success: Callable[[T], Any], failure: Callable[[EngineError], Any], done: Future[T]) -> None:
    try:
        result = done.result()
    except CancelledError:
        return
    except EngineError as error:
        failure(error)
    except OSError as error:
        failure(from_os_error(error))
    except Exception:
        log.exception("background work failed in a way we did not foresee")
        failure(EngineError("bug"))
    else:
        success(result)
