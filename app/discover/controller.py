"""Decides on the finding page: what is shown of the catalogue, what the hub is asked, what is fetched and then used."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject, Signal

from app import messages
from app.background import Background
from app.discover import texts
from app.discover.downloads import Downloads, Transfer, Wanted
from app.discover.offers import Offer
from app.discover.repository import Choice, Repository
from app.discover.token_dialog import TokenDialog
from app.discover.view import DiscoverView, Query
from app.engine_client import EngineClient, JobHandle
from app.messages import Notice
from app.widgets.links import ask_and_open
from engine import hardware
from engine.events import Event, Failed, Finished, HubRepo
from engine.library import catalogue, hub_access

PAGE = 30  # repositories that are asked for at once


class DiscoverController(QObject):
    """`model_arrived(name)`: it is on the list of models. `chat_requested(name)`; `data_requested(paths)`."""

    model_arrived = Signal(str)
    chat_requested = Signal(str)
    data_requested = Signal(list)

    def __init__(
        self,
        view: DiscoverView,
        client: EngineClient,
        downloads: Downloads,
        background: Background,
        parent: QObject | None = None,
    ) -> None:
        """client: for what is asked of the hub."""
        super().__init__(parent)
        self._view, self._client, self.downloads, self._background = view, client, downloads, background
        self._catalogue: list[Offer] = []
        self._query: Query | None = None  # what the rows answer; None: they are the catalogue
        self._searching: JobHandle | None = None
        self._asking: JobHandle | None = None
        self._known: dict[tuple[str, str], Repository] = {}
        self._introduced = ""  # a repository that a link has named
        self._token: str | None = None  # of the environment, or to be forgotten when the program ends
        view.search_requested.connect(self.search)
        view.words_changed.connect(self._filter)
        view.kind_chosen.connect(lambda _: self._begin())
        view.opened.connect(self.open)
        view.more_requested.connect(self._more)
        repository = view.repository
        repository.chosen.connect(self._show_state)
        repository.download_requested.connect(self._download)
        repository.open_requested.connect(self._use_choice)
        repository.retry_requested.connect(lambda: self._ask(repository.offer))
        repository.token_requested.connect(self._enter_token)
        repository.page_requested.connect(self._show_page)
        repository.link_activated.connect(partial(ask_and_open, view))
        strip = view.downloads
        strip.pause_requested.connect(downloads.pause)
        strip.resume_requested.connect(self._resume)
        strip.remove_requested.connect(downloads.remove)
        strip.open_requested.connect(self._use)
        downloads.changed.connect(self._show_transfer)
        downloads.removed.connect(self._removed)
        downloads.finished.connect(self._arrived)

    def start(self) -> None:
        """Nothing here asks the network for anything."""
        self._background.run(_offers, self._take_catalogue, lambda _: None)
        self._background.run(hub_access.token_of_environment, self._take_token, lambda _: None)
        self.downloads.recover()

    def close(self) -> None:
        self._client.close()
        self.downloads.close()

    # --- what is offered ----------------------------------------------------------------------------------------------

    def _take_catalogue(self, offers: list[Offer]) -> None:
        self._catalogue = offers
        if self._query is None:
            self._begin()
            self._introduce()

    def _begin(self) -> None:
        """What is shown before the hub is asked."""
        self._stop_searching()
        self._query = None
        self._view.show_searching(False)
        self._view.repository.show_offer(None)
        if self._view.kinds.choice == "dataset":
            self._view.show_offers(
                (), self.tr("Datasets from the hub"), self.tr("Say what it should be about, and press Enter.")
            )
        else:
            self._filter(self._view.field.text())

    def _filter(self, text: str) -> None:
        """Words that are typed choose among the catalogue; the hub learns of them with Enter."""
        if self._view.kinds.choice == "dataset":
            return
        if self._query is not None and text.strip() == self._query.text:
            return
        if self._query is not None:
            self._stop_searching()
            self._query = None
            self._view.show_searching(False)
        words = text.casefold().split()
        found = [offer for offer in self._catalogue if all(word in _words(offer) for word in words)]
        if words:
            about = self.tr("Press Enter to look through the whole hub as well.")
            heading = self.tr("Among what we recommend") if found else self.tr("Not among what we recommend")
        else:
            heading = self.tr("Good models for this computer")
            about = self.tr("Openly licensed. The first are quick enough to read along on it.")
        self._view.show_offers(found, heading, about)

    def search(self, query: Query) -> None:
        self._introduced = ""
        if not query.text and query.kind == "model":
            self._begin()
            return
        self._stop_searching()
        self._query = query
        self._view.show_searching(True)
        self._view.show_offers((), self.tr("On the hub"))
        self._view.repository.show_offer(None)
        self._submit(query)

    def _submit(self, query: Query) -> None:
        self._view.show_busy(True)
        params = {
            "text": query.text,
            "kind": query.kind,
            "licence": query.licence,
            "largest_parameters": query.largest,
            "fits": query.fits,
            "sort": query.sort,
            "limit": PAGE,
            "skip": len(self._view.rows.offers),
            "token": self._token,
        }
        handle = self._client.submit("hub_search", params)
        self._searching = handle
        handle.reported.connect(self._found)
        handle.done.connect(partial(self._searched, handle))

    def _found(self, event: Event) -> None:
        if isinstance(event, HubRepo) and self._query is not None:
            self._view.rows.add(_found_offer(event.repo, self._query.kind, event.details))

    def _searched(self, handle: JobHandle, ending: Event) -> None:
        if handle is not self._searching:
            return
        self._searching = None
        self._view.show_busy(False)
        if isinstance(ending, Failed):
            self._view.show_problem(messages.sentence(ending.code, ending.data))
            return
        self._view.more.setVisible(isinstance(ending, Finished) and bool(ending.stats.get("more")))
        if not self._view.rows.offers:
            self._view.show_offers((), self.tr("The hub has nothing like that"), self.tr("Try fewer or other words."))

    def _more(self) -> None:
        if self._query is not None and self._searching is None:
            self._view.more.hide()
            self._submit(self._query)

    def _stop_searching(self) -> None:
        handle, self._searching = self._searching, None
        self._view.show_busy(False)
        if handle is not None:
            handle.cancel()

    # --- one repository -----------------------------------------------------------------------------------------------

    def introduce(self, repo: str) -> None:
        """Show a repository that a link has named. The hub learns of it only when the person asks."""
        self._introduced = repo
        self._introduce()

    def _introduce(self) -> None:
        if self._introduced:
            repo = self._introduced
            self._view.introduce(next((each for each in self._catalogue if each.repo == repo), Offer(repo)))

    def open(self, offer: Offer) -> None:
        self._introduced = ""
        self._view.repository.show_offer(offer)
        known = self._known.get((offer.kind, offer.repo))
        if known is None:
            self._ask(offer)
        else:
            self._show_repository(known)

    def _ask(self, offer: Offer | None) -> None:
        if offer is None:
            return
        self._introduced = ""
        if self._asking is not None:
            self._asking.cancel()
        self._view.repository.show_offer(offer)
        handle = self._client.submit("hub_repo", {"repo": offer.repo, "kind": offer.kind, "token": self._token})
        self._asking = handle
        handle.reported.connect(partial(self._told, offer))
        handle.done.connect(partial(self._asked, handle))

    def _told(self, offer: Offer, event: Event) -> None:
        if isinstance(event, HubRepo):
            found = Repository.of(event.repo, event.details)
            self._known[offer.kind, offer.repo] = found
            if self._view.repository.offer == offer:
                self._show_repository(found)

    def _asked(self, handle: JobHandle, ending: Event) -> None:
        if handle is self._asking:
            self._asking = None
            if isinstance(ending, Failed):
                self._view.repository.show_problem(messages.sentence(ending.code, ending.data))

    def _show_repository(self, repository: Repository) -> None:
        self._view.repository.show_repository(repository)
        self._show_state()

    def _show_state(self) -> None:
        shown = self._view.repository
        if shown.repository is not None and shown.choice is not None:
            shown.show_state(self.downloads.of(_wanted(shown.repository, shown.choice)))

    def _enter_token(self) -> None:
        dialog = TokenDialog(self._view)
        dialog.entered.connect(self._keep_token)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _keep_token(self, token: str, remember: bool) -> None:
        """In the keyring, where workers find it; else in this process, which tells them."""

        def kept(_: object = None) -> None:
            self._known.clear()
            self._ask(self._view.repository.offer)

        if remember:
            self._background.run(partial(hub_access.set_token, token), kept, self._refuse)
        else:
            self._take_token(token)
            kept()

    def _take_token(self, token: str | None) -> None:
        """One that workers cannot find by themselves."""
        self._token = self.downloads.token = token

    def _show_page(self) -> None:
        if (offer := self._view.repository.offer) is not None:
            address = partial(hub_access.page, offer.repo, offer.kind)
            self._background.run(address, partial(ask_and_open, self._view), self._refuse)

    def _refuse(self, error: Any) -> None:
        self._view.notice.show_notice(Notice(messages.sentence(error.code, error.data)))

    # --- fetching and using -------------------------------------------------------------------------------------------

    def _download(self, choice: Choice) -> None:
        repository = self._view.repository.repository
        assert repository is not None
        self.downloads.start(_wanted(repository, choice))

    def download_again(self, source: Mapping[str, Any]) -> None:
        """source: as `journal.source_of` tells it."""
        files = tuple(source["files"])
        self.downloads.start(Wanted(source["repo"], files, source["revision"], source["kind"], again=True))

    def _resume(self, key: Any) -> None:
        for transfer in self.downloads.transfers():
            if transfer.wanted.key == key:
                self.downloads.start(transfer.wanted)

    def _show_transfer(self, transfer: Transfer) -> None:
        self._view.downloads.take(transfer)
        self._show_state()

    def _removed(self, key: Any) -> None:
        self._view.downloads.remove(key)
        self._show_state()

    def _arrived(self, transfer: Transfer) -> None:
        if transfer.wanted.kind == "model":
            self.model_arrived.emit(transfer.model)
        self._show_state()

    def _use_choice(self, choice: Choice) -> None:
        repository = self._view.repository.repository
        assert repository is not None
        self._use(self.downloads.of(_wanted(repository, choice)))

    def _use(self, transfer: Transfer | None) -> None:
        if transfer is None:
            return
        if transfer.wanted.kind == "dataset":
            self.data_requested.emit([Path(path) for path in transfer.paths])
        elif transfer.model:
            self.chat_requested.emit(transfer.model)


def _wanted(repository: Repository, choice: Choice) -> Wanted:
    name = texts.choice_name(choice.kind, choice.quantization, choice.name)
    title = f"{repository.repo}  ·  {name}" if len(repository.choices) > 1 else repository.repo
    return Wanted(repository.repo, choice.files, repository.revision, repository.kind, title)


def _words(offer: Offer) -> str:
    return f"{offer.title} {offer.repo} {offer.uses} {offer.licence}".casefold()


def _offers() -> list[Offer]:
    """The catalogue for this computer: what is quick on it, what fits, and then the rest, which is larger."""
    memory = hardware.memory().total
    suggested = catalogue.suggested(memory)
    offers = [
        _catalogue_offer(each.model, each.quantization, each.about_bytes, "fits" if each.quick else "slow")
        for each in suggested
    ]
    there = {offer.repo for offer in offers}
    left = [model for model in catalogue.models() if model.repo not in there]
    for model in left:
        name, size = next(iter(model.about_bytes.items()))
        offers.append(_catalogue_offer(model, name, size, "too_large"))
    return offers


def _catalogue_offer(model: catalogue.CatalogueModel, quantization: str, size: int, verdict: str) -> Offer:
    return Offer(
        model.repo,
        title=model.title,
        parameters=model.parameters,
        size=size,
        estimated=True,
        quantization=quantization,
        verdict=verdict,
        licence=model.licence,
        context=model.context,
        uses=QCoreApplication.translate("catalogue", model.uses),
    )


def _found_offer(repo: str, kind: str, details: Mapping[str, Any]) -> Offer:
    return Offer(
        repo,
        kind,
        parameters=details.get("parameters"),
        verdict=details.get("fit") or "",
        licence=details.get("licence") or "",
        context=details.get("context"),
        gated=bool(details.get("gated")),
        downloads=details.get("downloads"),
        likes=details.get("likes"),
    )
