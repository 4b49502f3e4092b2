"""Decides what the training page does: from a dropped file to a recipe, to a run, to a model one can talk to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMessageBox

from app import messages
from app.background import Background
from app.engine_client import EngineClient
from app.figures import short_count
from app.known_models import KnownModels
from app.messages import Notice, Remedy
from app.training.beside.controller import Beside
from app.training.dataset import DatasetLoader, Source
from app.training.deleting import Deleting
from app.training.leaving_out import LeavingOut
from app.training.page import TrainingPage
from app.training.plan_sharing import PlanSharing
from app.training.planner import Planner
from app.training.search import RowSearch
from app.training.tokenizing import Tokenizing
from app.training.trainings import Trainings
from app.training.uses import Uses
from app.widgets.file_dialogs import choose_file, choose_folder
from app.widgets.labels import plain_box
from engine import paths
from engine.errors import EngineError
from engine.events import Event, Failed, Finished, Fit, Progress, Started
from engine.library import family
from engine.training import recipe as recipes
from engine.training import runs
from engine.training.runs import RunInfo

USUAL_SHARE = 0.05  # of the rows, held back unless a person says otherwise
REJECTED_SHOWN = 10_000
LEARNS = ("gguf", "folder", "adapter")  # kinds of models that can be trained on top of
_KEPT_OF_REPORT = ("rejections", "repeated", "leaked")  # long lists that a plan has no use for


class TrainingController(QObject):
    """`chat_requested(folder, name)`: of a model. `page_requested`: this shall be seen. `keep_requested(entry, name,
    parameters, messages)`: what was said to a model here becomes a chat.

    `may_close_now`: the window wanted to close, waited for the training to stop, and may go now.
    """

    chat_requested = Signal(object, str)
    keep_requested = Signal(object, str, object, object)
    page_requested = Signal()
    may_close_now = Signal()

    def __init__(
        self,
        page: TrainingPage,
        data_client: EngineClient,
        training_client: EngineClient,
        talk_clients: Sequence[EngineClient],
        known: KnownModels,
        background: Background,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._page, self._background, self._data_client = page, background, data_client
        self._known = known
        self.loader = DatasetLoader(data_client, self)
        self.planner = Planner(data_client, self)
        self.trainings = Trainings(training_client, self)
        self._search = RowSearch(background, self)
        self._leaving_out = LeavingOut(page.prepare.card.rows, self.planner, self)
        self._sharing = PlanSharing(page, self.planner, self.loader, background, self)
        self._tokenizing = Tokenizing(page.prepare.card.tokens, data_client, self)
        self.uses = Uses(page, data_client, background, self)
        self.beside = Beside(page.beside, self.uses, talk_clients, background, self)
        self._deleting = Deleting(page, background, self)
        self._card: dict[str, Any] | None = None
        self._recipe: dict[str, Any] | None = None  # a loaded one, in the place of answers
        self._runs: Sequence[RunInfo] = ()
        self._began = False  # the training that was started last has a run by now
        self._unread = False  # why it did not start stays while the same is planned again
        self._closing = False
        self._listen_to_page()
        self._listen_to_jobs()

    def start(self) -> None:
        self.refresh()
        self._known.glance()

    def refresh(self) -> None:
        """The runs there are."""
        self._background.renew("runs", runs.list_runs, self._show_runs, self._say_error)
        self._background.renew("family", family.family, self._page.home.show_family, self._say_error)

    def close(self) -> None:
        """What trains now is cut short, and can be resumed."""
        self._search.stop()
        self.loader.close()
        self.trainings.close()
        self.beside.close()
        self._data_client.close()
        self._page.watch.close_files()
        self._page.compare.close_files()

    # --- what is dropped ----------------------------------------------------------------------------------------------

    def open(self, dropped: Sequence[Path]) -> None:
        """Look at files that were dropped or chosen; a recipe is taken for one."""
        if len(dropped) == 1 and dropped[0].suffix == ".toml":
            self._load_recipe(dropped[0])
        else:
            self._forget_recipe()
            self._look_at(Source(tuple(map(str, dropped)), model=self._model))

    def _look_at(self, source: Source) -> None:
        prepare, page = self._page.prepare, self._page
        self._card = None
        self._search.stop()
        self._leaving_out.forget()
        page.notice.clear()
        prepare.foot.notice.clear()
        prepare.foot.start.setEnabled(False)
        prepare.card.show_nothing()
        prepare.card.held_back.show_share(source.held_back)
        prepare.show_questions(False)
        page.show_prepare(source.name)
        self.page_requested.emit()
        self.planner.ask(None)
        self.loader.open(source)

    def _look_again(self, **changes: Any) -> None:
        """The same data, read or counted in another way."""
        if self.loader.source is not None:
            self._page.prepare.card.notice.clear()
            self._page.prepare.card.show_busy()
            self.planner.ask(None)
            self._page.prepare.foot.start.setEnabled(False)
            self._card = None
            self.loader.open(replace(self.loader.source, **changes))

    def _found(self, kind: str | None, detected: Mapping[str, Any], index: Any) -> None:
        prepare = self._page.prepare
        prepare.card.show_found(kind, detected, index)
        if kind is not None:
            prepare.questions.show_kind(kind)
            if self._recipe is not None:
                prepare.questions.show_method(str(self._recipe.get("method", "")))
            trainable = bool(prepare.questions.goal.choice)
            prepare.show_questions(trainable)
            prepare.foot.show_text(self.tr("Looking at the data"))
            if not trainable:
                text = self.tr("Questions with choices are for judging a model. It learns nothing from them.")
                prepare.card.notice.show_notice(Notice(text))

    def _carded(self, card: dict[str, Any]) -> None:
        self._card = card
        self._page.prepare.card.show_card(card)
        if card["rejected"] and (index := self.loader.index) is not None:
            shown = self._page.prepare.card.rejected.show_rows
            self._background.run(lambda: index.rejected(0, REJECTED_SHOWN), shown, self._say_error)
        self._plan()

    def _data_failed(self, failure: Failed) -> None:
        card = self._page.prepare.card
        card.show_failed()
        self._page.prepare.show_questions(False)
        remedies = (Remedy.RETRY, Remedy.COPY) if failure.detail else (Remedy.RETRY,)
        card.notice.show_notice(replace(messages.notice(failure), remedies=remedies))

    def _search_rows(self, text: str) -> None:
        rows = self._page.prepare.card.rows
        self._search.stop()
        rows.show_found([] if text else None)
        if text and self.loader.index is not None:
            self._search.start(self.loader.index, text)

    def _show_tokens(self, row: int, samples: Any) -> None:
        rows = self._page.prepare.card.rows
        if rows.current == row and samples:
            rows.detail.show_tokens(samples)

    # --- the plan -----------------------------------------------------------------------------------------------------

    @property
    def _model(self) -> str | None:
        chosen = self._page.prepare.questions.model.currentData()
        return None if chosen is None else str(chosen)

    def _plan(self) -> None:
        source, card = self.loader.source, self._card
        if source is None or card is None or not self._page.prepare.questions.goal.choice:
            return
        self._page.prepare.foot.start.setEnabled(False)
        self._page.prepare.foot.show_text(self.tr("Making a plan"))
        params: dict[str, Any] = {"data": list(source.data), "card": _without_lists(card)}
        if source.columns:
            params["columns"] = [f"{role}={name}" for role, name in sorted(source.columns.items())]
        if self._recipe is not None:
            params = {**self._recipe, **params}
        else:
            params["answers"] = self._page.prepare.questions.answers
            params["name"] = Path(source.data[0]).stem
        if source.held_back != USUAL_SHARE:
            params["validation_share"] = source.held_back
        self.planner.ask(params)

    def _answered(self) -> None:
        """An answer replaces a recipe that was loaded."""
        if self._recipe is not None:
            self._forget_recipe()
        if self.loader.source is not None and self.loader.source.model != self._model:
            self._look_again(model=self._model)
        else:
            self._plan()

    def _planned(self, plan: dict[str, Any]) -> None:
        prepare = self._page.prepare
        if not self._unread:
            prepare.foot.notice.clear()
        self._unread = False
        prepare.risks.show_risks(plan["risks"])
        prepare.card.histogram.show_limit(plan["recipe"].get("max_length"))
        self._show_form()
        self._cut_tokens()
        if self.trainings.running:
            prepare.foot.show_text(self.tr("Another training is running. This one can start when it has ended."))
        else:
            prepare.foot.show_estimate(plan["estimate"])
        prepare.foot.start.setEnabled(not self.trainings.running)

    def _refused(self, failure: Failed) -> None:
        """At the key, where there is one, and above Start."""
        prepare = self._page.prepare
        notice = messages.notice(failure)
        prepare.foot.start.setEnabled(False)
        prepare.foot.show_text("")
        prepare.foot.notice.show_notice(replace(notice, remedies=(Remedy.COPY,) if failure.detail else ()))
        if prepare.form is not None:
            prepare.form.show_refusal(str(failure.data.get("key", "")), notice.text)

    def _show_form(self) -> None:
        prepare, plan = self._page.prepare, self.planner.plan
        if plan is None:
            return
        changed = {*self.planner.changes, *(self._recipe or {})} - {"method"}
        if prepare.form is not None:
            prepare.form.show_plan(plan["recipe"], plan["reasons"], changed)
        if plan["recipe"]["method"] == "pretrain":
            prepare.questions.dial.show_plan(plan, changed)

    def _form_made(self) -> None:
        form = self._page.prepare.form
        assert form is not None
        form.changed.connect(self.planner.change)
        form.reset_requested.connect(self._reset)
        form.load_requested.connect(self._choose_recipe)
        form.save_requested.connect(self._sharing.save)
        form.copy_requested.connect(self._sharing.copy_command)
        self._show_form()

    def _reset(self, key: str) -> None:
        if self._recipe is not None and key in self._recipe:
            del self._recipe[key]
            self._plan()
        self.planner.change(key, None)

    def _cut_tokens(self) -> None:
        """Show how the text is cut, where that is looked at: as the new model would, or as the chosen one does."""
        source, plan, card = self.loader.source, self.planner.plan, self._page.prepare.card
        if card.views.choice != "tokens" or source is None or self._card is None:
            return
        if self._page.prepare.questions.goal.choice != "new":
            self._tokenizing.cut({"model": self._model} if self._model else None)
        elif plan is not None and plan["recipe"].get("vocabulary"):
            columns = {"columns": dict(source.columns)} if source.columns else {}
            by = {"data": list(source.data), "vocabulary": plan["recipe"]["vocabulary"], **columns}
            self._tokenizing.cut(by)

    # --- recipes ------------------------------------------------------------------------------------------------------

    def _choose_recipe(self) -> None:
        path = self._chosen(choose_file, self.tr("Load a recipe"), self.tr("Recipes (*.toml);;All files (*)"))
        if path is not None:
            self._load_recipe(path)

    def _load_recipe(self, path: Path) -> None:
        self._background.run(lambda: recipes.read(path), self._take_recipe, self._say_error)

    def _take_recipe(self, values: dict[str, Any]) -> None:
        """Look at its data; then it is planned as it stands, and can be changed."""
        data = values.pop("data", None)
        if not data:
            self._say_error(EngineError("recipe_missing", key="data", wanted="a file"))
            return
        values.pop("out", None)
        columns = dict(pair.split("=", 1) for pair in values.pop("columns", ()) if "=" in pair)
        share = values.pop("validation_share", USUAL_SHARE)
        self._recipe, model = values, values.get("model")
        self.planner.changes.clear()
        questions = self._page.prepare.questions
        if model is not None:
            questions.choose_model(model)
        share = share if isinstance(share, int | float) else USUAL_SHARE
        source = Source((data,) if isinstance(data, str) else tuple(data), columns=columns, held_back=share)
        self._look_at(replace(source, model=model or self._model))

    def _forget_recipe(self) -> None:
        self._recipe = None
        self.planner.changes.clear()

    # --- training -----------------------------------------------------------------------------------------------------

    def start_training(self) -> None:
        if (plan := self.planner.plan) is None or self.loader.source is None or self.trainings.running:
            return
        name = str(plan["asked"].get("name") or Path(self.loader.source.data[0]).stem)
        self._start({**plan["asked"], "name": name}, name)

    def _start(self, recipe: dict[str, Any], name: str) -> None:
        try:
            folder = free_folder(paths.writable(paths.runs()), name)
        except EngineError as error:
            self._say_start_failed(messages.notice(error))
            return
        self._page.prepare.foot.notice.clear()
        self.trainings.start(recipe, folder)

    def resume(self, folder: Path) -> None:
        if self.trainings.running:
            text = self.tr("Another training is running. This one can go on when it has ended.")
            self._page.notice.show_notice(Notice(text))
        else:
            self.show_run(folder)
            self.trainings.resume(folder)

    def show_run(self, folder: Path) -> None:
        self._page.notice.clear()
        self._page.watch.set_run(folder)
        self._page.show_watch()

    def _training_began(self, folder: Path) -> None:
        self._began = folder.exists()
        if not self._began:
            self._page.prepare.foot.set_preparing(True)
            self._page.prepare.foot.show_preparing(Progress(0, 0))

    def _training_says(self, folder: Path, event: Event) -> None:
        if not self._began and isinstance(event, Started | Fit):
            self._began = True
            self._page.prepare.foot.set_preparing(False)
            self.show_run(folder)
        if not self._began and isinstance(event, Progress):
            self._page.prepare.foot.show_preparing(event)
        elif self._page.watch.run == folder:
            self._page.watch.set_progress(event)

    def _training_ended(self, folder: Path, ending: Event) -> None:
        prepare = self._page.prepare
        prepare.foot.set_preparing(False)
        self._page.watch.refresh()
        self.refresh()
        if isinstance(ending, Failed):
            remedies = (Remedy.COPY,) if ending.detail else ()
            self._say_start_failed(replace(messages.notice(ending), remedies=remedies))
            self._unread = not self._began
        elif self._began and isinstance(ending, Finished) and ending.reason in ("done", "early_stopping"):
            self._page.notice.clear()
        self._plan()
        if self._closing:
            self.may_close_now.emit()

    def _say_start_failed(self, notice: Notice) -> None:
        """Where the training was asked for."""
        bar = self._page.notice if self._began or self._page.view is not self._page.prepare else None
        (bar or self._page.prepare.foot.notice).show_notice(notice)

    def stop_training(self) -> None:
        self.trainings.stop()
        if self.trainings.running and self._began:
            self._page.notice.show_notice(Notice(self.tr("It stops after this step, and writes what it has learnt.")))

    def allows_closing(self) -> bool:
        """Whether the window may close now; where a training runs, the person is asked, and the window may go later."""
        if not self.trainings.running:
            return True
        if not self._closing:
            self._ask_to_close()
        return False

    def _ask_to_close(self) -> None:
        box = plain_box(
            self._page.window(),
            self.tr("A training is running"),
            self.tr("Stop the training and close Seedling?"),
            self.tr("What it has learnt is kept, and it can be resumed when Seedling is opened next."),
        )
        stop = box.addButton(self.tr("Stop and close"), QMessageBox.ButtonRole.AcceptRole)
        stay = box.addButton(self.tr("Stay"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(stay)
        box.setEscapeButton(stay)
        box.finished.connect(lambda _: self._close_later() if box.clickedButton() is stop else None)
        box.finished.connect(box.deleteLater)
        box.open()

    def _close_later(self) -> None:
        self._closing = True
        if self.trainings.running:
            self.stop_training()
        else:
            self.may_close_now.emit()

    # --- runs ---------------------------------------------------------------------------------------------------------

    def _show_runs(self, found: list[RunInfo]) -> None:
        self._runs = found
        self._page.home.show_runs(found)
        self._show_models()

    def _repeat(self, folder: Path) -> None:
        """The same training once more, as a run of its own."""
        if self.trainings.running:
            self._page.notice.show_notice(
                Notice(self.tr("Another training is running. Repeat this one when it has ended."))
            )
            return

        def take(values: dict[str, Any]) -> None:
            values.pop("out", None)
            self._start(values, str(values.get("name") or folder.name))

        self._background.run(lambda: recipes.read(folder / "recipe.toml"), take, self._say_error)

    def _change(self, folder: Path) -> None:
        """The recipe of a run in the form, to be changed before it is started again."""
        self._load_recipe(folder / "recipe.toml")
        self._page.prepare.settings.button.setChecked(True)

    def _delete(self, folder: Path) -> None:
        self._deleting.ask(folder, self._runs, training=folder == self.trainings.folder)

    # --- models -------------------------------------------------------------------------------------------------------

    def prefer_model(self, name: str) -> None:
        """Train on top of this one: what is dropped next, or what is looked at now."""
        self._page.prepare.questions.choose_model(name)
        if self.loader.source is not None and self._page.view is self._page.prepare:
            self._answered()
        else:
            self._go_home()
            text = self.tr("Drop a file here: what is learnt from it goes on top of {name}.")
            self._page.notice.show_notice(Notice(text.format(name=name), calm=True))

    def _show_models(self) -> None:
        """Those of the library, then what trainings made; the folder of the starter is the starter."""
        shown, places = [], set()
        for model in self._known.models.values():
            places.add(Path(model.path))
            if not model.problem and not (model.bundled and model.kind == "folder") and model.kind in LEARNS:
                count = model.details.get("parameters")
                size = self.tr("{count} parameters").format(count=short_count(count)) if count else ""
                shown.append((model.name, model.name, size))
        for run in self._runs:
            if run.model is not None and run.method != "classify" and run.model not in places:
                shown.append((str(run.folder), run.name, self.tr("Trained here")))
        self._page.prepare.questions.show_models(shown)

    # --- wiring -------------------------------------------------------------------------------------------------------

    def _listen_to_page(self) -> None:
        page, home, prepare, watch = self._page, self._page.home, self._page.prepare, self._page.watch
        page.shown.connect(self.refresh)
        page.shown.connect(self._known.refresh)
        self._known.settled.connect(lambda *_: self._show_models())
        self._known.glanced.connect(self._show_models)
        page.back_requested.connect(self._go_back)
        home.file_requested.connect(self.choose_data)
        home.folder_requested.connect(self._choose_data_folder)
        home.resume_requested.connect(self.resume)
        home.runs.run_chosen.connect(self.show_run)
        home.runs.compare_requested.connect(self._compare)
        home.runs.repeat_requested.connect(self._repeat)
        home.runs.delete_requested.connect(self._delete)
        home.tree.run_chosen.connect(self.show_run)
        home.tree.repeat_requested.connect(self._repeat)
        home.tree.delete_requested.connect(lambda folder, _: self._delete(folder))
        page.compare.closed.connect(self._go_home)
        card = prepare.card
        card.mapped.connect(lambda kind, columns: self._look_again(kind=kind, columns=columns))
        card.automatic_requested.connect(lambda: self._look_again(kind=None, columns={}))
        card.held_back_changed.connect(lambda share: self._look_again(held_back=share))
        card.other_file_requested.connect(self.choose_data)
        card.notice.remedy_chosen.connect(lambda _: self._look_again())
        card.rows.search_changed.connect(self._search_rows)
        card.rows.row_shown.connect(self.loader.ask_tokens)
        card.views.chosen.connect(lambda _: self._cut_tokens())
        self._tokenizing.wanted.connect(self._cut_tokens)
        self._search.found.connect(card.rows.add_found)
        prepare.questions.changed.connect(self._answered)
        prepare.settings.made.connect(self._form_made)
        prepare.foot.start_requested.connect(self.start_training)
        prepare.foot.stop_requested.connect(self.stop_training)
        watch.pause_requested.connect(self.stop_training)
        watch.stop_requested.connect(self.stop_training)
        watch.resume_requested.connect(lambda: self.resume(watch.run) if watch.run is not None else None)
        watch.talk_requested.connect(self.uses.talk)
        watch.beside_requested.connect(self.beside.open_checkpoints)
        watch.compare_requested.connect(self.beside.open_with_parent)
        watch.parent_requested.connect(self.beside.open_with_parent)
        watch.use_requested.connect(self.uses.use)
        watch.repeat_requested.connect(self._repeat)
        watch.change_requested.connect(self._change)

    def _listen_to_jobs(self) -> None:
        self.loader.found.connect(self._found)
        self.loader.progressed.connect(self._page.prepare.card.show_busy)
        self.loader.grew.connect(self._page.prepare.card.rows.grow)
        self.loader.carded.connect(self._carded)
        self.loader.failed.connect(self._data_failed)
        self.loader.tokens_ready.connect(self._show_tokens)
        self.planner.planned.connect(self._planned)
        self.planner.refused.connect(self._refused)
        self.trainings.began.connect(self._training_began)
        self.trainings.reported.connect(self._training_says)
        self.trainings.ended.connect(self._training_ended)
        self.uses.said.connect(self._page.notice.show_notice)
        self.uses.chat_requested.connect(self.chat_requested)
        self._leaving_out.said.connect(self._page.notice.show_notice)
        self._sharing.said.connect(self._page.notice.show_notice)
        self._sharing.failed.connect(self._say_error)
        self._deleting.said.connect(self._page.notice.show_notice)
        self._deleting.deleted.connect(self.refresh)
        self.beside.opened.connect(self._page.show_beside)
        self.beside.said.connect(self._page.notice.show_notice)
        self.beside.keep_requested.connect(self.keep_requested)

    def choose_data(self) -> None:
        path = self._chosen(
            choose_file,
            self.tr("Choose a file to learn from"),
            self.tr(
                "Data (*.json *.jsonl *.ndjson *.csv *.tsv *.parquet *.txt *.md *.zst *.xz *.gz *.zip);;All files (*)"
            ),
        )
        if path is not None:
            self.open([path])

    def _choose_data_folder(self) -> None:
        if (path := self._chosen(choose_folder, self.tr("Choose a folder to learn from"))) is not None:
            self.open([path])

    def _chosen(self, choose: Any, *texts: str) -> Path | None:
        try:
            return choose(self._page, *texts)  # type: ignore[no-any-return]
        except EngineError as error:
            self._say_error(error)
            return None

    def _compare(self, folders: Sequence[Path]) -> None:
        self._page.compare.show_runs(folders)
        self._page.show_compare()

    def _go_back(self) -> None:
        if self._page.view is self._page.beside:
            self.beside.leave()
            self._page.show_watch()
        else:
            self._go_home()

    def _go_home(self) -> None:
        self._page.show_home()
        self.refresh()

    def _say_error(self, error: EngineError) -> None:
        self._page.notice.show_notice(Notice(messages.sentence(error.code, error.data), details=error.detail))


def free_folder(root: Path, name: str) -> Path:
    """A folder for a run of this name, where there is none yet."""
    usable = "".join(letter for letter in name if letter.isprintable() and letter not in '/\\:*?"<>|').strip(" .")[:80]
    folder, number = root / (usable or "run"), 2
    while folder.exists():
        folder, number = root / f"{usable or 'run'} {number}", number + 1
    return folder


def _without_lists(card: Mapping[str, Any]) -> dict[str, Any]:
    """What a plan looks at of a card: a line of JSON has its limits, and long lists say nothing to it."""
    report = {name: value for name, value in card["report"].items() if name not in _KEPT_OF_REPORT}
    return {**card, "report": report, "tokens": [], "samples": card["samples"][:1]}
