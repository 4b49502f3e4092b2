"""Has a worker cut a text into tokens, by the tokenizer that would be learnt or by a model's; the last wish counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QObject, Signal

from app import messages
from app.engine_client import EngineClient
from app.training.tokens_view import TokensView
from engine.events import Event, Failed, Finished


class Tokenizing(QObject):
    """Fills a `TokensView`. `wanted`: it is to be filled, by `cut`."""

    wanted = Signal()

    def __init__(self, view: TokensView, client: EngineClient, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._view, self._client = view, client
        self._shown: dict[str, Any] | None = None  # what the view shows, or will when the job ends
        self._next: dict[str, Any] | None = None
        self._asking = False
        view.text_changed.connect(self.wanted)

    def cut(self, by: Mapping[str, Any] | None) -> None:
        """by: `model`, or `data` with `vocabulary`, as the job takes them; None where neither is known yet."""
        if by is None:
            self._shown = self._next = None
            self._view.show_nothing(self.tr("There is no tokenizer yet."))
            return
        params = {**by, "sentences": [self._view.text]}
        if params == self._shown and self._next is None:
            return
        self._next = params
        if not self._asking:
            self._ask()

    def _ask(self) -> None:
        params, self._next = self._next, None
        if params is None:
            return
        self._asking, self._shown = True, params
        if "vocabulary" in params:
            self._view.show_text(self.tr("Learning the tokens"))
        self._client.submit("preview_tokenizer", params).done.connect(lambda ending: self._end(params, ending))

    def _end(self, params: Mapping[str, Any], ending: Event) -> None:
        self._asking = False
        if self._next is not None:
            self._ask()
            return
        match ending:
            case Finished("done", {"sentences": [cut], "vocabulary": vocabulary, "sampled": sampled}):
                if params is self._shown:
                    self._view.show_pieces(cut["text"], cut["pieces"], vocabulary, sampled)
            case Failed():
                self._shown = None
                self._view.show_nothing(messages.sentence(ending.code, ending.data))
