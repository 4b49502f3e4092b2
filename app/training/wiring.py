"""The training page with all that belongs to it, made when it is first wanted."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from app import messages
from app.chat.parameters import Parameters
from app.messages import Notice
from app.training.controller import TrainingController
from app.training.page import TrainingPage
from app.wiring import Wiring
from engine.chat.store import StoredMessage
from engine.errors import EngineError
from engine.library import models
from engine.library.models import ModelEntry

if TYPE_CHECKING:
    from app.application import Seedling

PARTS = (TrainingPage,)


class TrainingWiring(Wiring):
    """What happens between this page and the rest of the program."""

    page: TrainingPage

    def __init__(self, program: Seedling) -> None:
        super().__init__()
        workers = program.workers
        self._program = program
        self.page = program.ahead.part(TrainingPage)
        self.controller = TrainingController(
            self.page, workers.data, workers.training, workers.talks, program.known, program.background, self
        )
        self.controller.may_close_now.connect(program.window.close)
        self.controller.page_requested.connect(partial(program.window.show_page, "training"))
        self.controller.chat_requested.connect(self._chat_with)
        self.controller.keep_requested.connect(self._keep_chat)

    def start(self) -> None:
        self._program.window.may_close = self.controller.allows_closing
        self.controller.start()

    def close(self) -> None:
        self.controller.close()

    def refuse(self, error: EngineError) -> None:
        """Say why a file cannot be taken."""
        self._program.window.show_page("training")
        self.page.notice.show_notice(Notice(messages.sentence(error.code, error.data)))

    def _chat_with(self, place: Path, name: str) -> None:
        """Put a model on the list and begin a chat with it."""
        program = self._program

        def begin(entry: ModelEntry) -> None:
            program.begin_chat(lambda: program.chat.models.take(entry))
            self.page.notice.clear()

        program.background.run(lambda: models.add_as(place, name), begin, self.refuse)

    def _keep_chat(self, model: ModelEntry, name: str, parameters: Parameters, said: Sequence[StoredMessage]) -> None:
        """Put a model on the list, unless it is there, and what was said to it into the chats."""
        chat = self._program.chat

        def listed() -> ModelEntry:
            known = next((entry for entry in models.entries() if entry.path == model.path), None)
            return known or models.add_as(model.path, name)

        def keep(entry: ModelEntry) -> None:
            chat.models.refresh()
            chat.add_chat(entry.name, parameters, said)
            self.page.notice.show_notice(Notice(self.tr("It is kept among the chats.")))

        self._program.background.run(listed, keep, self.refuse)
