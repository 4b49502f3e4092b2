"""What the hub has: repositories found by words and filters, and one repository with its files, card and terms.

What the hub says is not trusted: it is data of known kinds and lengths before it leaves here, names that no computer
should have are left out, and nothing in a card is followed or fetched.
"""

from __future__ import annotations

import io
import json
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from engine import hardware
from engine.errors import EngineError
from engine.events import Event, Finished, HubRepo
from engine.gpt.hf_names import config_from_json
from engine.jobs import JobContext
from engine.library import catalogue, hub_files, hub_fit, memory_fit
from engine.library.download import names
from engine.library.hub_client import Hub
from engine.library.hub_files import Choice, File
from engine.library.hub_fit import Room
from engine.phrases import phrase
from engine.runtime.gguf_header import GGUFHeader, read_header_from, shown

FORMATS = ("gguf", "safetensors")
KINDS = ("model", *FORMATS, "dataset")
SORTS = {
    "trending": "trending_score",
    "downloads": "downloads",
    "likes": "likes",
    "updated": "last_modified",
    "created": "created_at",
}
MOST_FOUND = 500
LARGEST_CARD = 512_000  # bytes
LARGEST_HEADER = 32 << 20  # bytes of a GGUF file that are fetched to read its header; the largest have 16 MB

_LARGEST_CONFIG = 1 << 20
_LARGEST_EVENT = 400_000  # bytes of JSON for the card, and as many for the files: a worker's line has a million
_REPO_KINDS = ("model", "dataset")
_REFUSALS = ("repo_gated", "repo_missing", "hub_refused", "hub_token")
_LICENCE = re.compile(r"[\w.+-]{1,100}")
_FRONT_MATTER = re.compile(r"\A\ufeff?---[ \t]*\r?\n.*?^---[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
_UNSEEN = re.compile(r"[^\S\n\t ]|[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_IN_LISTS = ["downloads", "likes", "gated", "lastModified", "tags"]
_OF_MODELS = ["gguf", "pipeline_tag", "safetensors"]
# Tasks of models that write or tell apart texts; what the hub has beside them is not for Seedling.
_TASKS = frozenset(
    "text-generation image-text-to-text any-to-any text-classification summarization translation "
    "question-answering".split()
)


# --- jobs ------------------------------------------------------------------------------------------------------------


def search_job(params: dict[str, Any], context: JobContext) -> Iterator[Event]:
    """A `HubRepo` for each repository found. params: as `search`, and `token` where the window holds one."""
    wanted = {name: value for name, value in params.items() if name != "token"}
    found, more = search(Hub(params.get("token")), **wanted)
    yield from found
    yield Finished("done", {"found": len(found), "more": more})


def repo_job(params: dict[str, Any], context: JobContext) -> Iterator[Event]:
    """The repository, and once more with exact figures where the header of one of its files gives them.

    params: `repo`, `kind` ("model" or "dataset"), `revision`, `freed` (bytes that unloading would give back), `exact`
    (false: only once), `token` where the window holds one.
    """
    hub, room = Hub(params.get("token")), Room(hardware.memory(), int(params.get("freed", 0)))
    repo = str(params["repo"])
    details, choices = describe(hub, repo, str(params.get("kind", "model")), str(params.get("revision", "main")))
    files = _files(repo, details, choices, room)
    yield HubRepo(repo, details | files)
    usable = [choice for choice in choices if choice.kind == "gguf" and choice.problem is None]
    chosen = next((choice for choice in usable if choice.name == files["recommended"]), next(iter(usable), None))
    wanted = params.get("exact", True) and details["access"] in ("open", "granted")
    if chosen is not None and wanted and not context.cancelled.is_set():
        header = read_header(hub, repo, details["revision"], chosen)
        if header is not None:
            room = replace(room, gpus=_gpus())
            exact = _files(repo, details, choices, room, (chosen.name, header))
            yield HubRepo(repo, details | _facts_of(header, room) | exact)
    yield Finished("done")


def _gpus() -> dict[str, int]:
    from engine.runtime.llama_library import gpus  # loads llama.cpp

    return {gpu.name: gpu.memory.available for gpu in gpus()}


def _files(
    repo: str,
    details: dict[str, Any],
    choices: Sequence[Choice],
    room: Room,
    header: tuple[str, GGUFHeader] | None = None,
) -> dict[str, Any]:
    """`files`: of each choice what `Choice.to_json` and `hub_fit.of_choices` say; `recommended`: the name of one."""
    fits = hub_fit.of_choices(choices, details["parameters"], room, header)
    rows = [choice.to_json() | fit for choice, fit in zip(choices, fits, strict=True)]
    kept = _within(rows, _LARGEST_EVENT)
    best = hub_fit.recommended(repo, choices, fits, room)
    return {"files": kept, "left_out": details["left_out"] + len(rows) - len(kept), "recommended": best}


# --- search ----------------------------------------------------------------------------------------------------------


def search(
    hub: Hub,
    text: str = "",
    kind: str = "model",
    licence: str = "",
    largest_parameters: int | None = None,
    fits: bool = False,
    freed: int = 0,
    sort: str = "trending",
    limit: int = 30,
    skip: int = 0,
) -> tuple[list[HubRepo], bool]:
    """Repositories whose names hold the words, `limit` of them behind the first `skip`; and whether there may be more.

    kind: "gguf", "safetensors", "model" (either) or "dataset". fits: without those that are plainly too large here,
    when unloading gives `freed` bytes back. sort: one of SORTS. Raises EngineError.
    """
    for option, value, known in (("kind", kind, KINDS), ("sort", sort, tuple(SORTS))):
        if value not in known:
            raise EngineError("bad_option", option=option, expected=" or ".join(known), value=shown(value))
    limit, skip = max(1, min(limit, MOST_FOUND)), max(0, min(skip, MOST_FOUND))
    asked: dict[str, Any] = {
        "search": text.strip()[:200] or None,
        "filter": [*([kind] if kind in FORMATS else []), *([f"license:{licence}"] if licence else [])] or None,
        "sort": SORTS[sort],
        "limit": min(3 * (skip + limit), MOST_FOUND),  # some are not for us
    }
    list_: Any = hub.api.list_datasets if kind == "dataset" else hub.api.list_models
    asked["expand"] = _IN_LISTS if kind == "dataset" else [*_IN_LISTS, *_OF_MODELS]
    if largest_parameters and kind != "dataset":
        asked["num_parameters"] = f"min:0,max:{math.ceil(largest_parameters / 1e6)}M"

    room = Room(hardware.memory(), freed)

    def question(token: str | bool) -> tuple[list[HubRepo], bool]:
        rows = list(list_(**asked, token=token))
        known = (_listed(row, "dataset" if kind == "dataset" else "model", room) for row in rows)
        wanted = [found for found in known if found is not None and _is_wanted(found, largest_parameters, fits)]
        return wanted[skip : skip + limit], len(wanted) > skip + limit or len(rows) == asked["limit"] < MOST_FOUND

    return hub.ask(question, "")


def _listed(info: Any, kind: str, room: Room) -> HubRepo | None:
    """A row of a list; None where its name is none."""
    try:
        names.check_repo(info.id)
    except (EngineError, AttributeError):
        return None
    details = _common(info, kind)
    return HubRepo(info.id, details | {"fit": hub_fit.of_list(details, room) if kind == "model" else None})


def _is_wanted(found: HubRepo, largest_parameters: int | None, fits: bool) -> bool:
    details = found.details
    if details["kind"] == "dataset":
        return True
    task, parameters = details["task"], details["parameters"]
    if (task and task not in _TASKS) or not details["formats"] or (fits and details["fit"] == "too_large"):
        return False
    return not largest_parameters or parameters is None or parameters <= largest_parameters


def _common(info: Any, kind: str) -> dict[str, Any]:
    """What lists and single repositories both tell."""
    tags = [shown(tag, 100) for tag in _list(info.tags)[:200] if isinstance(tag, str)]
    gguf, weights = _mapping(getattr(info, "gguf", None)), getattr(info, "safetensors", None)
    known = catalogue.find(info.id) if kind == "model" else None
    return {
        "kind": kind,
        "downloads": _count(info.downloads),
        "likes": _count(info.likes),
        "licence": _licence(tags),
        "gated": info.gated if info.gated in ("auto", "manual") else ("manual" if info.gated else ""),
        "updated": info.last_modified.isoformat() if isinstance(info.last_modified, datetime) else None,
        "parameters": _count(gguf.get("total")) or _count(getattr(weights, "total", None)),
        "architecture": shown(gguf["architecture"], 60) if isinstance(gguf.get("architecture"), str) else None,
        "context": _count(gguf.get("context_length")),
        "task": shown(info.pipeline_tag, 60) if isinstance(getattr(info, "pipeline_tag", None), str) else None,
        "formats": [name for name in FORMATS if name in tags],
        "tags": tags,
        "catalogue": known.id if known else None,
    }


# --- one repository --------------------------------------------------------------------------------------------------


def describe(hub: Hub, repo: str, kind: str = "model", revision: str = "main") -> tuple[dict[str, Any], list[Choice]]:
    """All there is to know about a repository without fetching its files, and what may be chosen in it.

    The details: what lists have, and `revision` (the commit everything here is of), `left_out` (files too many, or
    under names that no computer should have), `card` (Markdown without its front matter), `card_cut`, `access` ("open",
    "granted", "terms" or "token"), `gate` (what to say of terms), `problem`, `base`, `languages`. Raises EngineError.
    """
    names.check_repo(repo)
    names.check_revision(revision)
    if kind not in _REPO_KINDS:
        raise EngineError("bad_option", option="kind", expected=phrase("model or dataset"), value=shown(kind))
    place = f"datasets/{repo}" if kind == "dataset" else repo
    wanted = ["sha", "private", *_IN_LISTS, "cardData", *(_OF_MODELS if kind == "model" else [])]
    about: Any = hub.api.dataset_info if kind == "dataset" else hub.api.model_info
    info: Any = hub.ask(lambda token: about(repo, revision=revision, expand=wanted, token=token), place, revision)
    commit = info.sha
    if not names.is_commit(commit):
        raise EngineError("hub_strange", detail="a version without its commit", host=hub.host)

    def listing(token: str | bool) -> tuple[list[File], int]:
        tree = hub.api.list_repo_tree(repo, recursive=True, revision=commit, repo_type=kind, token=token)
        return hub_files.checked(islice(tree, 4 * hub_files.MOST_FILES))

    files, left_out = hub.ask(listing, place, revision)
    choices, problem = _choices(hub, repo, kind, commit, files)
    card, cut = _card(hub, place, commit, files)
    details = {
        **_common(info, kind),
        "revision": commit,
        "left_out": left_out,
        "card": card,
        "card_cut": cut,
        "problem": problem and {"code": problem.code, "data": problem.data},
        **_access(hub, place, commit, bool(info.gated), files),
        **_from_card_data(info.card_data),
    }
    return details, choices


def _choices(
    hub: Hub, repo: str, kind: str, commit: str, files: Sequence[File]
) -> tuple[list[Choice], EngineError | None]:
    if kind == "dataset":
        from engine.data import dataset, unpacking

        found = hub_files.choices_of_dataset(files, dataset.FORMATS, unpacking.SUFFIXES)
        return found, None if found else EngineError("repo_no_data", repo=repo)
    found = [
        _with_family(hub, repo, commit, choice) if choice.kind == "folder" and choice.problem is None else choice
        for choice in hub_files.choices_of_model(repo, files)
    ]
    if any(choice.kind != "projector" for choice in found):
        return found, None
    return found, hub_files.of_no_use(repo, files)


def _with_family(hub: Hub, repo: str, commit: str, folder: Choice) -> Choice:
    """A model folder with the reason why Seedling cannot open it, as far as its config.json tells."""
    try:
        data = hub.read(repo, commit, "config.json", _LARGEST_CONFIG)
        fields = json.loads(data)
        if not isinstance(fields, dict):
            raise ValueError("no mapping")
        config_from_json(fields, "config.json")
        return folder
    except (ValueError, RecursionError) as error:
        problem = EngineError("bad_json", place="config.json", reason=type(error).__name__)
    except EngineError as error:
        if error.code in _REFUSALS:  # its terms are said elsewhere
            return folder
        problem = error
    return Choice(folder.kind, folder.name, folder.files, folder.size, parts=folder.parts, problem=problem)


def _access(hub: Hub, place: str, commit: str, gated: bool, files: Sequence[File]) -> dict[str, Any]:
    """Whether the person may fetch the files, and what to say where they may not."""
    if not gated or not files:
        return {"access": "open", "gate": None}
    # the card and what lies hidden may be open to all
    behind = [file for file in files if file.name != "README.md" and not file.name.startswith(".")] or files
    smallest = min(behind, key=lambda file: file.size)
    try:
        hub.read(place, commit, smallest.name, 1)
        return {"access": "granted", "gate": None}
    except EngineError as error:
        if error.code not in _REFUSALS:
            raise
        said = error if error.code == "hub_token" else hub.gate(place)
        return {"access": "terms" if hub.token() else "token", "gate": {"code": said.code, "data": said.data}}


def _card(hub: Hub, place: str, commit: str, files: Sequence[File]) -> tuple[str, bool]:
    """README.md without its front matter, and whether it was cut. Empty where there is none, or none for us."""
    size = next((file.size for file in files if file.name == "README.md"), 0)
    if not size:
        return "", False
    try:
        raw = hub.read(place, commit, "README.md", LARGEST_CARD)
    except EngineError as error:
        if error.code in (*_REFUSALS, "repo_file_missing"):
            return "", False
        raise
    text = _UNSEEN.sub("", _FRONT_MATTER.sub("", raw.decode("utf-8", "replace"), count=1)).strip()
    short = _cut(text, _LARGEST_EVENT)
    return short, size > len(raw) or len(short) < len(text)


def _cut(text: str, most: int) -> str:
    """The beginning of a text that takes at most so many bytes as JSON."""
    if len(text) * 12 <= most or len(json.dumps(text)) <= most:
        return text
    least, beyond = 0, len(text)
    while beyond - least > 1:
        middle = (least + beyond) // 2
        least, beyond = (middle, beyond) if len(json.dumps(text[:middle])) <= most else (least, middle)
    return text[:least]


def _within(rows: list[dict[str, Any]], most: int) -> list[dict[str, Any]]:
    """As many of the first rows as take at most so many bytes as JSON."""
    taken = 0
    for index, row in enumerate(rows):
        taken += len(json.dumps(row)) + 2
        if taken > most:
            return rows[:index]
    return rows


def _from_card_data(card: Any) -> dict[str, Any]:
    """What the card's front matter says of itself, of the kinds it may have."""
    get = card.get if callable(getattr(card, "get", None)) else lambda name: None
    bases = [name for name in _list(get("base_model"))[:10] if isinstance(name, str) and _is_repo(name)]
    spoken = [shown(name, 40) for name in _list(get("language"))[:200] if isinstance(name, str)]
    return {"base": bases, "languages": spoken}


# --- a GGUF file's header before it is here --------------------------------------------------------------------------


def read_header(hub: Hub, repo: str, commit: str, choice: Choice) -> GGUFHeader | None:
    """The header of a GGUF file, of a split one its first part, by one request for the file's beginning.

    None where it is not given to us, is larger than we fetch, or is none.
    """

    def question(token: str | bool) -> GGUFHeader:
        with hub.open(repo, commit, choice.name, token, LARGEST_HEADER) as pieces:
            body = io.BufferedReader(_Body(pieces), 1 << 16)
            return read_header_from(body, choice.size, Path(choice.name.rpartition("/")[2]))

    try:
        return hub.ask(question, repo, choice.name)
    except EngineError as error:
        if error.code in (*_REFUSALS, "gguf_broken", "gguf_not", "repo_file_missing"):
            return None
        raise


class _Body(io.RawIOBase):
    """An answer's pieces as a file that is read from its beginning."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._rest = pieces, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._rest:
            self._rest = next(self._pieces, b"")
        count = min(len(buffer), len(self._rest))
        buffer[:count], self._rest = self._rest[:count], self._rest[count:]
        return count


def _facts_of(header: GGUFHeader, room: Room) -> dict[str, Any]:
    """What a header tells better than the hub does."""
    context = _count(header.model_value("context_length"))
    largest = memory_fit.largest_context(header, room.memory, room.freed)
    facts = {"architecture": shown(header.architecture, 60) or None, "context": context, "largest_context": largest}
    return {name: value for name, value in facts.items() if value is not None}


# --- values of the kinds they should have ----------------------------------------------------------------------------


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 60 else None


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _licence(tags: Sequence[str]) -> str | None:
    found = next((tag.removeprefix("license:") for tag in tags if tag.startswith("license:")), "")
    return found if _LICENCE.fullmatch(found) else None


def _is_repo(name: str) -> bool:
    try:
        names.check_repo(name)
    except EngineError:
        return False
    return True
