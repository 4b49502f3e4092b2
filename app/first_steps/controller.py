"""Decides what a new home is offered: what of other programs is here, what suits this computer, and how to begin.

Folders of other programs are looked at unasked, by a worker and once the window can be used. Ports of this computer are
asked, and the network is used, only by a press.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject

from app import messages
from app.discover.downloads import Transfer, Wanted
from app.discover.texts import progress
from app.engine_client import JobHandle
from app.figures import number, size_text
from app.first_steps.view import FirstSteps
from app.library import texts
from app.library.scan import Scan, add_all
from app.messages import Notice
from app.providers.texts import kind_name
from engine import hardware
from engine.errors import EngineError
from engine.events import Event, Failed, Model, Server
from engine.library import catalogue
from engine.library.catalogue import Suggestion

if TYPE_CHECKING:
    from app.application import Seedling

FIRST_BYTES = 5_000_000_000  # a quarter of an hour on a line of 50 Mbit/s
OFFERED = "stores_offered"  # the option that says that a home is no new one any more


class FirstStepsController(QObject):
    """One for the program, made when it is first wanted. It is over with the first message, or when it is put away."""

    def __init__(self, program: Seedling) -> None:
        super().__init__(program)
        self._program = program
        self.view = FirstSteps()
        self._scan = Scan(program.workers.library, self)
        self._found: dict[str, Model] = {}  # by path: what can be used
        self._asking: JobHandle | None = None
        self._suggested: Suggestion | None = None
        self._wanted: Wanted | None = None
        self._listen()

    def show(self) -> None:
        """Have it in the welcome, and look again for what it offers."""
        view, settings = self.view, self._program.options.settings
        self._program.page.welcome.show_steps(view)
        for name in view.boxes:
            view.show_value(name, settings.value(name))
        self._look_for_models()
        self._show_servers(None)
        if self._suggested is None:
            self._program.background.run(_suggestion, self._suggest, lambda _: None)

    def put_away(self) -> None:
        """The person has begun, or does not want it."""
        self._program.page.welcome.show_steps(None)
        self._program.options.set(OFFERED, True)

    def close(self) -> None:
        self._scan.close()
        self._asking = None

    def follow(self, option: str) -> None:
        if option == "stay_here" and self._suggested is not None and self._wanted is None:
            self._suggest(self._suggested)

    def _listen(self) -> None:
        view, program = self.view, self._program
        view.option_changed.connect(program.options.set)
        program.options.taken.connect(lambda name: view.show_value(name, program.options.settings.value(name)))
        self._scan.found.connect(self._take)
        self._scan.ended.connect(self._scanned)
        view.use_requested.connect(self._use)
        view.choose_requested.connect(lambda: program.library.finding.look())
        view.servers_requested.connect(self._look_for_servers)
        view.found_servers_requested.connect(self._show_found_servers)
        view.download_requested.connect(self._download)
        view.downloads_requested.connect(self._show_downloads)
        view.chat_requested.connect(self._chat)
        view.dismissed.connect(self.put_away)
        program.replies.began.connect(lambda _: self.put_away())

    # --- models of other programs -------------------------------------------------------------------------------------

    def _look_for_models(self) -> None:
        self._found = {}
        step = self.view.models
        step.show_texts(self.tr("Looking for models of other programs…"), self._places())
        step.show_buttons()
        self._scan.start()

    def _take(self, model: Model) -> None:
        listed = {known.path for known in self._program.known.models.values()}
        if not model.problem and model.path not in listed:
            self._found[model.path] = model

    def _scanned(self, _: set[str], failure: Failed | None) -> None:
        step, count = self.view.models, len(self._found)
        if failure is not None:
            step.show_texts(self.tr("Models of other programs"), messages.sentence(failure.code, failure.data))
            step.show_buttons()
            return
        if not self._found:
            step.show_texts(self.tr("No models of other programs are here"), self._places())
            step.show_buttons()
            return
        programs = sorted({texts.origin_name(str(model.details.get("store"))) for model in self._found.values()})
        one, several = self.tr("A model of {programs} is here"), self.tr("{count} models of {programs} are here")
        title = (one if count == 1 else several).format(count=number(count), programs=", ".join(programs))
        step.show_texts(title, self.tr("They are used where they lie, and nothing of another program is changed."))
        step.show_buttons(self.view.use, self.view.choose)

    def _use(self) -> None:
        """Put all of them on the list."""
        wanted = list(self._found.values())
        self.view.models.show_buttons()

        def added(result: tuple[list[str], list[EngineError]]) -> None:
            names, errors = result
            one, several = self.tr("1 model is on the list"), self.tr("{count} models are on the list")
            title = (one if len(names) == 1 else several).format(count=number(len(names)))
            said = self.tr("Choose who answers above this chat.")
            self.view.models.show_texts(
                title, str(messages.sentence(errors[0].code, errors[0].data)) if errors else said
            )
            self._program.known.refresh()
            self._program.chat.models.refresh()

        self._program.background.run(lambda: add_all(wanted), added, self._say)

    def _places(self) -> str:
        return self.tr(
            "Ollama, LM Studio, Jan, GPT4All, llama.cpp and the Hugging Face cache keep theirs in known places."
        )

    # --- servers ------------------------------------------------------------------------------------------------------

    def _look_for_servers(self) -> None:
        if self._asking is not None:
            return
        found: list[Server] = []
        self.view.ask.setEnabled(False)
        self._asking = handle = self._program.workers.servers.submit("scan_servers", {})
        handle.reported.connect(lambda event: found.append(event) if isinstance(event, Server) else None)
        handle.done.connect(lambda ending: self._asked(found, ending))

    def _asked(self, found: Sequence[Server], ending: Event) -> None:
        if self._asking is None:
            return
        self._asking = None
        if isinstance(ending, Failed):
            self._say(EngineError(ending.code, ending.detail, **ending.data))
            found = ()
        self._show_servers(found)

    def _show_servers(self, found: Sequence[Server] | None) -> None:
        """found: None where nobody has been asked."""
        view, step = self.view, self.view.servers
        view.ask.setEnabled(True)
        about = self.tr("Only this computer's own ports are asked, and only when you press.")
        if found:
            names = ", ".join(sorted({kind_name(server.kind) for server in found}))
            one, several = self.tr("A server answers here: {names}"), self.tr("{count} servers answer here: {names}")
            title = (one if len(found) == 1 else several).format(count=number(len(found)), names=names)
            step.show_texts(title, self.tr("Its models can answer in Seedling, too, once you have connected it."))
            step.show_buttons(view.connect_found)
        else:
            title = self.tr("Servers on this computer") if found is None else self.tr("No server answers here now")
            step.show_texts(title, about)
            step.show_buttons(view.ask)

    def _show_found_servers(self) -> None:
        self._program.models_wiring.show_servers()
        self._program.servers.look_for_servers()

    # --- a model that suits -------------------------------------------------------------------------------------------

    def _suggest(self, suggestion: Suggestion | None) -> None:
        self._suggested = suggestion
        if suggestion is None:
            return
        view, model = self.view, suggestion.model
        licence = catalogue.LICENCES.get(model.licence, model.licence)
        facts = self.tr("About {size}, {licence}.").format(size=size_text(suggestion.about_bytes), licence=licence)
        stays = bool(self._program.options.settings.flag("stay_here"))
        where = (
            self.tr("“Nothing leaves this computer” is on, so nothing is fetched.")
            if stays
            else self.tr("It comes from the Hugging Face Hub; this alone needs the network.")
        )
        uses = QCoreApplication.translate("catalogue", model.uses)
        title = self.tr("{model} suits this computer").format(model=model.title)
        view.suggestion.show_texts(title, f"{uses} {facts} {where}")
        view.suggestion.show_buttons(*([] if stays else [view.download]))
        view.suggestion.show()

    def _download(self) -> None:
        assert self._suggested is not None
        model = self._suggested.model
        downloads = self._program.discover.downloads
        if self._wanted is None:
            self._wanted = Wanted(model.repo, (self._suggested.quantization,), title=model.title)
            downloads.changed.connect(self._show_transfer)
        downloads.start(self._wanted)

    def _show_transfer(self, transfer: Transfer) -> None:
        if self._wanted is None or transfer.wanted.key != self._wanted.key:
            return
        view, step, title = self.view, self.view.suggestion, transfer.wanted.title
        running = transfer.state in ("waiting", "running")
        view.show_progress(transfer.done / transfer.total if running and transfer.total else 0 if running else None)
        match transfer.state:
            case "done":
                step.show_texts(self.tr("{model} is here").format(model=title), transfer.problem)
                step.show_buttons(*([view.chat] if transfer.model else [view.show_downloads]))
            case "failed" | "paused":
                step.show_texts(
                    title, transfer.problem or self.tr("The download was stopped; it goes on where it was.")
                )
                step.show_buttons(view.download, view.show_downloads)
            case _:
                step.show_texts(
                    self.tr("{model} is on its way").format(model=title), progress(transfer.done, transfer.total)
                )
                step.show_buttons(view.show_downloads)

    def _show_downloads(self) -> None:
        self._program.window.show_page("models")
        self._program.models_page.show_view("discover")

    def _chat(self) -> None:
        assert self._wanted is not None
        transfer = self._program.discover.downloads.of(self._wanted)
        if transfer is not None and transfer.model:
            name = transfer.model
            self._program.begin_chat(lambda: self._program.chat.choose_model(name))

    def _say(self, error: EngineError) -> None:
        self._program.page.notice.show_notice(Notice(messages.sentence(error.code, error.data), details=error.detail))


def _suggestion() -> Suggestion | None:
    """The best of the catalogue that is quick on this computer and no long download, else what there is."""
    suggested = catalogue.suggested(hardware.memory().total)
    small = (each for each in suggested if each.quick and each.about_bytes <= FIRST_BYTES)
    return next(small, next(iter(suggested), None))
