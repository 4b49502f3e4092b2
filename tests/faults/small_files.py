"""Operations on the small files of the home, and on the module by which they are written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine import files, vault
from engine.errors import EngineError
from engine.library import learned, model_list, model_settings
from engine.library.download import journal
from engine.library.download.part import Part
from engine.library.memory_fit import Need
from engine.library.model_list import Row
from engine.library.model_settings import ModelSettings
from engine.providers import prices, provider_list
from engine.providers.base import Provider, RemoteModel
from engine.providers.prices import Price
from engine.settings import Settings
from faults.operations import Operation

OLD, NEW = b"old" * 1000, b"new" * 40_000
FIRST, SECOND = "correct horse", "battery staple"  # passphrases


# --- engine.files -----------------------------------------------------------------------------------------------------


def begin_file(place: Path) -> None:
    (place / "x").write_bytes(OLD)


def write_file_in_new_folders(place: Path) -> Iterator[None]:
    files.write_bytes(place / "a" / "b" / "x", NEW)
    yield


def write_file(place: Path) -> Iterator[None]:
    files.write_bytes(place / "x", NEW)
    yield


def begin_folder(place: Path) -> None:
    (place / "x" / "deep").mkdir(parents=True)
    (place / "x" / "deep" / "old").write_bytes(OLD)


def write_folder(place: Path) -> Iterator[None]:
    with files.whole_folder(place / "x") as folder:
        (folder / "deep").mkdir()
        for name in ("a", "deep/b"):
            (folder / name).write_bytes(NEW)
    yield


def write_folder_in_two_steps(place: Path) -> Iterator[None]:
    """As where the system cannot let two names change places."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "_exchange", lambda *_: False)
        yield from write_folder(place)


def remove_folder(place: Path) -> Iterator[None]:
    files.sweep(place)
    if (place / "x").exists():
        files.remove(place / "x")
    yield


def settled(place: Path) -> dict[str, bytes]:
    """As a reader finds it who meets nothing."""
    if not (place / "x").exists():
        files.settle(place / "x")
    return visible(place)


def visible(place: Path) -> dict[str, bytes]:
    """The files below that are not hidden, and lie in no hidden folder."""
    found = [path.relative_to(place) for path in place.rglob("*") if path.is_file()]
    return {str(path): (place / path).read_bytes() for path in found if not any(p.startswith(".") for p in path.parts)}


# --- settings, keys, lists --------------------------------------------------------------------------------------------


def begin_settings(place: Path) -> None:
    settings = Settings()
    settings.set("font_percent", 150)
    settings.save()


def change_settings(place: Path) -> Iterator[None]:
    settings = Settings()
    for name, value in (("theme", "dark"), ("shortcuts", {"send": "Ctrl+Return " * 50})):
        settings.set(name, value)  # type: ignore[arg-type]
        settings.save()
        yield


def see_settings(place: Path) -> Any:
    settings = Settings()
    assert settings.problems == []
    return [settings.value(name) for name in ("font_percent", "theme", "shortcuts")]


def quick_vault() -> None:
    vault._COST = 2  # nobody guesses here
    vault.close()


def begin_vault(place: Path) -> None:
    quick_vault()
    vault.open(FIRST)
    vault.set("s", "a", "one")


def change_vault(place: Path) -> Iterator[None]:
    open_vault()
    vault.set("s", "b", "two")
    yield
    if open_vault() == FIRST:
        vault.change(FIRST, SECOND)
    yield
    vault.delete("s", "a")
    yield


def open_vault() -> str:
    quick_vault()
    try:
        vault.open(FIRST)
    except EngineError as error:
        assert error.code == "vault_passphrase"  # noqa: PT017
        vault.open(SECOND)
        return SECOND
    return FIRST


def see_vault(place: Path) -> Any:
    return open_vault(), vault.get("s", "a"), vault.get("s", "b")


def begin_model_list(place: Path) -> None:
    with model_list.changing() as rows:
        rows["a"] = Row("a", "/models/a.gguf", recorded={"sha256": {"a.gguf": "0" * 64}})
    model_settings.save("a", ModelSettings(context=512))


def change_model_list(place: Path) -> Iterator[None]:
    for name in ("b", "c"):
        with model_list.changing() as rows:
            rows[name] = Row(name, f"/models/{name}.gguf", "copied")
        yield
    with model_list.changing() as rows:
        rows.pop("a", None)
    yield


def see_model_list(place: Path) -> Any:
    return [row.to_json() for row in model_list.read().values()]


def change_model_settings(place: Path) -> Iterator[None]:
    model_settings.save("b", ModelSettings(context=1024))
    yield
    model_settings.forget("a")
    yield


def see_model_settings(place: Path) -> Any:
    return model_settings.load("a"), model_settings.load("b")


def begin_providers(place: Path) -> None:
    provider_list.add(Provider("one", "openai", "https://one.example/v1"))


def change_providers(place: Path) -> Iterator[None]:
    if "two" not in provider_list.read():
        provider_list.add(Provider("two", "ollama", "http://127.0.0.1:11434"))
    yield
    provider_list.set_models("two", [RemoteModel("two", f"model-{number}") for number in range(200)])
    yield
    if "one" in provider_list.read():
        provider_list.remove("one")
    yield


def see_providers(place: Path) -> Any:
    return [(listed.provider, listed.models) for listed in provider_list.read().values()]


def begin_prices(place: Path) -> None:
    prices.save([Price("one", "model", 1.0, 2.0)])


def change_prices(place: Path) -> Iterator[None]:
    prices.save([Price("one", "model", 3.0, 4.0), Price("one", "other", 5.0, 6.0)])
    yield


def see_prices(place: Path) -> Any:
    table = prices.table()
    assert table.problem is None
    return table.own


def begin_learned(place: Path) -> None:
    learned.record(Need(100, 0, 50, 50), 150)


def learn(place: Path) -> Iterator[None]:
    """A full disk is no trouble for a loaded model, so it is told by nothing: what is kept is what is acknowledged."""
    if len(learned._ratios()) < 2:
        learned.record(Need(100, 0, 50, 50), 260)
    if len(learned._ratios()) == 2:
        yield


def see_learned(place: Path) -> Any:
    return learned._ratios()


# --- downloads --------------------------------------------------------------------------------------------------------

CONTENT = bytes(range(256)) * 1200
BLOB = "4f4d6a6b40a6f1a7a9d15b8a3d36a6d2" * 2


def begin_download_journal(place: Path) -> None:
    with journal.held("model", "org/old", "main", ["a"]) as record:
        record.note(state="failed")


def write_download_journal(place: Path) -> Iterator[None]:
    with journal.held("model", "org/name", "main", ["a"]) as record:
        yield
        if record.state != "done":
            record.note(state="done")
        yield


def see_download_journal(place: Path) -> Any:
    return sorted((download.repo, download.state) for download in journal.downloads())


def place_part(place: Path) -> Iterator[None]:
    import hashlib

    blob = hashlib.sha256(CONTENT).hexdigest()
    if not (place / blob).exists():
        part = Part(place / "part", place / "state", blob, len(CONTENT))
        for _ in part.recover():
            pass
        part.write([CONTENT[part.at : 100_000], CONTENT[max(part.at, 100_000) :]])
        part.pause()
        assert part.is_right()
        part.place(place / blob)
    (place / "state").unlink(missing_ok=True)
    yield


def see_part(place: Path) -> Any:
    found = [path for path in place.iterdir() if len(path.name) == 64]
    assert all(path.read_bytes() == CONTENT for path in found)
    return len(found)


TABLE = (
    Operation("a file", begin_file, write_file, visible),
    Operation("a new file", lambda place: None, write_file, visible),
    Operation("a file in new folders", lambda place: None, write_file_in_new_folders, visible),
    Operation("a folder", begin_folder, write_folder, visible),
    Operation("a new folder", lambda place: None, write_folder, visible),
    Operation("a folder in two steps", begin_folder, write_folder_in_two_steps, settled),
    Operation("a folder removed", begin_folder, remove_folder, visible),
    Operation("settings", begin_settings, change_settings, see_settings),
    Operation("vault", begin_vault, change_vault, see_vault),
    Operation("model list", begin_model_list, change_model_list, see_model_list),
    Operation("model settings", begin_model_list, change_model_settings, see_model_settings),
    Operation("provider list", begin_providers, change_providers, see_providers),
    Operation("prices", begin_prices, change_prices, see_prices),
    Operation("learned memory", begin_learned, learn, see_learned, silent=True),
    Operation("download journal", begin_download_journal, write_download_journal, see_download_journal),
    Operation("download part", lambda place: None, place_part, see_part),
)
