"""What earlier versions left opens, whole: chats, settings, runs and recipes. tests/old_homes/make.py had it made."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import apsw
import pytest

from engine import paths, settings
from engine.chat import migrations
from engine.chat.messages import Message
from engine.chat.store import Store
from engine.library import model_settings, models
from engine.providers import provider_list
from engine.settings import OPTIONS, Settings
from engine.training import recipe, runs
from engine.training.run import Run

ARCHIVES = Path(__file__).resolve().parents[1] / "old_homes"
FIRST = 2  # no version had less: the first two migrations came together
SCHEMAS = sorted(int(path.name.removeprefix("schema_").split(".")[0]) for path in ARCHIVES.glob("schema_*.tar.gz"))

Told = dict[str, Any]


@pytest.fixture(params=SCHEMAS)
def old(request: pytest.FixtureRequest, home: Path) -> Told:
    """The home is one of an earlier version now; what that version told of it."""
    unpack(request.param, home)
    told: Told = json.loads((home / "told.json").read_text(encoding="utf-8"))
    return told


def unpack(schema: int, home: Path) -> None:
    with tarfile.open(ARCHIVES / f"schema_{schema}.tar.gz") as archive:
        archive.extractall(home.parent / f"{home.name}-old", filter="data")
    home.rmdir()
    (home.parent / f"{home.name}-old" / "home").rename(home)


def names_in(schema: int, home: Path) -> list[str]:
    """The migrations that this home's database has been through."""
    unpack(schema, home)
    connection = apsw.Connection(str(home / "seedling.db"), flags=apsw.SQLITE_OPEN_READWRITE)
    try:
        return migrations.applied(connection)
    finally:
        connection.close()


def without_a_home(steps: list[str], kept: list[int]) -> list[int]:
    """Schemas before the present one of which no home is kept."""
    return [number for number in range(FIRST, len(steps)) if number not in kept]


# --- chats ------------------------------------------------------------------------------------------------------------


def test_every_schema_before_this_one_has_a_home() -> None:
    """With a further migration, make the home of the schema before it: python tests/old_homes/make.py"""
    assert without_a_home([step.__name__ for step in migrations.MIGRATIONS], SCHEMAS) == []


def test_a_migration_without_a_home_of_the_schema_before_it_is_noticed() -> None:
    steps = [step.__name__ for step in migrations.MIGRATIONS]
    newest = max(SCHEMAS)
    longer = steps + [f"m{number:03}_further" for number in range(len(steps) + 1, newest + 2)]
    assert without_a_home(longer, SCHEMAS[:-1]) == [newest]
    assert without_a_home([*longer, "m999_last"], SCHEMAS) == [newest + 1]


@pytest.mark.parametrize("schema", SCHEMAS)
def test_a_home_has_the_schema_that_it_is_called_by(schema: int, home: Path) -> None:
    steps = [step.__name__ for step in migrations.MIGRATIONS]
    assert names_in(schema, home) == steps[:schema]  # a released step was neither renamed, moved nor left out


def stored(store: Store) -> list[dict[str, Any]]:
    return [
        {
            "title": chat.title,
            "model": chat.model,
            "system": chat.system,
            "sampling": chat.sampling,
            "messages": [
                {
                    "message": row.message.to_json(),
                    "state": row.state,
                    "stats": row.stats,
                    "thinking": row.thinking,
                }
                for row in store.messages(chat.id)
            ],
        }
        for chat in store.chats()
    ]


def test_chats_come_whole(old: Told, home: Path) -> None:
    expected = old["chats"]
    for chat in expected:
        for row in chat["messages"]:  # that version has been killed while one was written
            row["state"] = "interrupted" if row["state"] == "streaming" else row["state"]
    store = Store(paths.database())
    try:
        assert stored(store) == expected
        assert sum(row["state"] == "interrupted" for chat in expected for row in chat["messages"]) == 1
        first, second = (next(chat.id for chat in store.chats() if chat.title.startswith(t)) for t in ("Ünï", "Del"))
        assert store.search("patience") == [first]
        assert store.search("first chat") == [first]
        assert store.search("never to be found") == []
        store.add_message(second, Message("user", "a word of today")).result()
        assert store.search("word of today") == [second]
    finally:
        store.close()
    connection = apsw.Connection(str(paths.database()))
    assert connection.pragma("integrity_check") == "ok"
    assert migrations.pending(connection) == []
    connection.close()


def test_the_old_file_is_kept_before_it_is_changed(old: Told, home: Path) -> None:
    connection = apsw.Connection(str(paths.database()))
    pending = migrations.pending(connection)
    connection.close()
    Store(paths.database()).close()
    kept = list(paths.backups().glob("*.db")) if paths.backups().is_dir() else []
    kept += [path for path in home.glob("*.db") if path.name != "seedling.db"]
    assert bool(kept) is bool(pending)


# --- settings ---------------------------------------------------------------------------------------------------------


def test_settings_are_taken_as_they_stood(old: Told, home: Path) -> None:
    before = (home / "settings.json").read_bytes()
    found = Settings()
    assert found.problems == []
    assert {name: found.value(name) for name in old["settings"]} == old["settings"]
    assert all(settings.stored(name) == value for name, value in old["settings"].items())
    assert (home / "settings.json").read_bytes() == before
    found.set("statistics", True)
    found.save()
    again = Settings()
    assert {name: again.value(name) for name in old["settings"]} == old["settings"]


def test_an_option_that_is_left_out_is_noticed(old: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a version had, a later one still knows: without it, it would be a problem, and this suite red."""
    monkeypatch.setattr(settings, "OPTIONS", {name: OPTIONS[name] for name in OPTIONS if name != "theme"})
    assert [problem.code for problem in Settings().problems] == ["setting_unknown"]


# --- runs and recipes -------------------------------------------------------------------------------------------------


def test_runs_are_read(old: Told, home: Path) -> None:
    (info,) = runs.list_runs()
    assert (info.name, info.state, info.done, info.steps, info.problem) == ("small", "done", 4, 4, None)
    assert info.method == "pretrain"
    assert info.data == ("data.txt",)
    assert [step for step, _ in runs.checkpoints(info.folder)] == [2, 4]
    rows = runs.MetricsFile(info.folder / "metrics.jsonl").read_new()
    assert [row["step"] for row in rows] == [json.loads(line)["step"] for line in old["metrics"]]


def test_recipes_are_read(old: Told, home: Path) -> None:
    opened = Run.open(home / "runs" / "small")
    assert (opened.recipe.steps, opened.recipe.seed, opened.recipe.width) == (4, 7, 8)
    again = recipe.make(recipe.read(home / "runs" / "small" / "recipe.toml"))
    assert again.given() == opened.recipe.given()
    opened.check_same(again)


# --- models and servers -----------------------------------------------------------------------------------------------


def test_models_and_servers_are_on_their_lists(old: Told, home: Path) -> None:
    listed = home / "models.json"
    listed.write_text(listed.read_text(encoding="utf-8").replace(old["home"], str(home)), encoding="utf-8")
    grown = next(entry for entry in models.entries() if entry.name == "grown")
    assert (grown.problem, grown.kind, grown.path) == (None, "folder", home / "runs" / "small" / "model")
    found = model_settings.load("grown")
    assert {name: getattr(found, name) for name in old["model_settings"]} == old["model_settings"]
    providers = list(provider_list.read())
    assert providers == old["servers"]
    remote = [entry.name for entry in models.entries() if entry.remote]
    assert remote == [f"{name}/small:1b" for name in old["servers"]]


# One process for all, because loading torch takes longer than the rest: opens each model, and trains on from step 2.
_GO_ON = """
import json, sys
from pathlib import Path
import torch
from engine.gpt.opening import open_model
from engine.jobs import JobContext, find, run
from engine.training import recipe
torch.set_num_threads(1)
for folder in map(Path, sys.argv[1:]):
    model, tokenizer = open_model(folder / "model")
    logits = model(torch.tensor([tokenizer.encode("The old tree")]))
    params = recipe.read(folder / "recipe.toml") | {"out": str(folder), "resume": True}
    end = list(run(find("train"), params, JobContext()))[-1]
    print(json.dumps([bool(logits.isfinite().all()), end.to_json()]))
"""


def test_models_open_and_runs_go_on_from_their_checkpoints(tmp_path: Path) -> None:
    """Each was interrupted after step 2 by its version, and is resumed by this one."""
    folders = []
    for schema in SCHEMAS:
        home = tmp_path / f"{schema}"
        home.mkdir()
        unpack(schema, home)
        folder = home / "runs" / "small"
        info = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        (folder / "run.json").write_text(json.dumps(info | {"state": "running"}), encoding="utf-8")
        shutil.rmtree(folder / "checkpoints" / "step-00000004")
        assert runs.run_info(folder).state == "interrupted"
        folders.append(folder)
    command = [sys.executable, "-c", _GO_ON, *map(str, folders)]
    done = subprocess.run(command, capture_output=True, check=False, encoding="utf-8", timeout=300)
    assert done.returncode == 0, done.stderr
    for folder, line in zip(folders, done.stdout.splitlines(), strict=True):
        finite, end = json.loads(line)
        assert finite
        assert (end["event"], end.get("reason")) == ("Finished", "done"), end
        assert runs.run_info(folder).done == 4
