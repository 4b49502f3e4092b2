"""What a model thought before it replied, and how that is said in one line."""

from __future__ import annotations

from dataclasses import dataclass, field
from time import monotonic

from PySide6.QtCore import QCoreApplication


@dataclass(eq=False)
class Thought:
    """`seconds`: what it took so far, None where nobody knows. `since`: of the monotonic clock, while it goes on."""

    parts: list[str] = field(default_factory=list)
    seconds: float | None = None
    since: float | None = None
    unfolded: bool = False

    @classmethod
    def of(cls, text: str, seconds: float | None, running: bool = False) -> Thought | None:
        """None where there is none. running: it goes on, for so many seconds by now."""
        if not text:
            return None
        return cls([text], None, monotonic() - (seconds or 0)) if running else cls([text], seconds)

    @property
    def text(self) -> str:
        return "".join(self.parts)

    def go_on(self) -> None:
        if self.since is None:
            self.since = monotonic()

    def stop(self) -> None:
        self.seconds, self.since = self._spent(), None

    def words(self) -> str:
        """`Thinking… 5 s`, `Thought for 12 s`."""
        translate = QCoreApplication.translate
        spent = self._spent()
        if self.since is not None:
            return translate("thought", "Thinking… {time}").format(time=_time(spent or 0))
        if spent is None:
            return translate("thought", "Thought")
        return translate("thought", "Thought for {time}").format(time=_time(max(1.0, spent)))

    def _spent(self) -> float | None:
        return self.seconds if self.since is None else (self.seconds or 0) + monotonic() - self.since


def _time(seconds: float) -> str:
    translate = QCoreApplication.translate
    minutes, rest = divmod(int(seconds), 60)
    if minutes:
        return translate("thought", "{minutes} min {seconds} s").format(minutes=minutes, seconds=rest)
    return translate("thought", "{seconds} s").format(seconds=rest)
