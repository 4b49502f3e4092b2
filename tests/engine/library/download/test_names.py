"""Names that lead elsewhere, or that two computers read differently, are refused before anything is made."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from fake_hub import FakeHub
from hostile_names import COLLISIONS, GOOD, HOSTILE

from engine.errors import EngineError
from engine.events import Failed, Finished
from engine.library.download import journal, names
from engine.library.download.layout import RepoFolder
from engine.phrases import Phrase

Fetch = Callable[..., Finished | Failed]


def tree(folder: Path) -> set[str]:
    """Everything there is, links not followed."""
    return {os.path.join(place, name) for place, folders, files in os.walk(folder) for name in (*folders, *files)}


def test_two_hundred_names_write_nothing_outside(hub: FakeHub, fetch: Fetch, home: Path, tmp_path: Path) -> None:
    """Each is offered by the hub as the only file of a repository, as a model and as a dataset."""
    assert len(HOSTILE) >= 200
    (tmp_path / "canary").write_text("alive")
    before = tree(home.parent)
    for number, name in enumerate(HOSTILE):
        kind = "dataset" if number % 5 == 0 else "model"
        hub.add("org/name", {name: b"hostile"}, kind=kind)
        ended = fetch("org/name", name, kind=kind)
        assert isinstance(ended, Failed), name
        assert ended.code == "hostile_name", (name, ended)
        assert ended.data["file"].isprintable()
    made = {path for path in tree(home.parent) - before if not path.startswith(str(home / "downloads"))}
    assert made <= {str(home / "models.lock")}, made
    assert hub.sent() == 0
    assert not Path("hostile").exists()


@pytest.mark.parametrize("pair", COLLISIONS, ids=ascii)
def test_two_names_for_one_file_are_refused(pair: tuple[str, str], hub: FakeHub, fetch: Fetch, home: Path) -> None:
    for one, other in (pair, pair[::-1]):
        hub.add("org/name", {one: b"1", other: b"2"})
        ended = fetch("org/name", one, other)
        assert isinstance(ended, Failed)
        assert ended.code == "hostile_name"
        assert not (home / "hub").exists()


def test_a_name_that_collides_with_what_is_there_is_refused(hub: FakeHub, fetch: Fetch) -> None:
    hub.add("org/name", {"model.gguf": b"1", "MODEL.gguf": b"2"})
    assert isinstance(fetch("org/name", "model.gguf"), Finished)
    ended = fetch("org/name", "MODEL.gguf")
    assert isinstance(ended, Failed)
    assert ended.code == "hostile_name"


def test_what_is_wrong_with_a_name_is_a_phrase() -> None:
    for hostile in (["../x"], ["A", "a"], ["x", "x/y"]):
        with pytest.raises(EngineError) as caught:
            names.check_files(hostile)
        assert isinstance(caught.value.data["reason"], Phrase)


def test_good_names_pass(hub: FakeHub, fetch: Fetch) -> None:
    names.check_files(GOOD)
    hub.add("org/name", {name: name.encode() for name in GOOD})
    ended = fetch("org/name", *GOOD)
    assert isinstance(ended, Finished), ended
    assert [Path(path).read_text() for path in ended.stats["paths"]] == GOOD


@pytest.mark.parametrize(
    "repo",
    [
        "",
        "/",
        "a/",
        "/a",
        "a/b/c",
        "../x",
        "a/..",
        "a--b/c",
        "a/b.git",
        "a b/c",
        "a/.b",
        "a/b.",
        "-a/b",
        "a/b\n",
        "é/a",
    ],
)
def test_repositories_that_are_none(repo: str) -> None:
    with pytest.raises(EngineError) as caught:
        names.check_repo(repo)
    assert caught.value.code == "repo_name"


@pytest.mark.parametrize("repo", ["gpt2", "org/name", "A_1/b.c-d", "01-ai/Yi-34B", "x/y" + "z" * 90])
def test_repositories_that_are_some(repo: str) -> None:
    names.check_repo(repo)


@pytest.mark.parametrize(
    "where",
    [
        "models--org--name",
        "models--org--name/blobs",
        "models--org--name/snapshots",
        "models--org--name/refs",
        ".locks",
        "SNAPSHOT/sub",
    ],
)
def test_a_link_in_the_way_is_not_followed(where: str, hub: FakeHub, fetch: Fetch, home: Path, tmp_path: Path) -> None:
    commit = hub.add("org/name", {"sub/model.gguf": b"GGUF"}).refs["main"]
    place = home / "hub" / where.replace("SNAPSHOT", f"models--org--name/snapshots/{commit}")
    place.parent.mkdir(parents=True)
    place.symlink_to(tmp_path, target_is_directory=True)
    ended = fetch("org/name", "sub/model.gguf")
    assert isinstance(ended, Failed)
    assert ended.code == "link_in_the_way"
    assert not list(tmp_path.iterdir())


def test_links_under_names_of_ours_are_not_written_through(
    hub: FakeHub, fetch: Fetch, home: Path, tmp_path: Path
) -> None:
    repo = hub.add("org/name", {"model.gguf": b"GGUF"})
    blob = repo.files()["model.gguf"].sha256
    folder = RepoFolder(home / "hub", "model", "org/name")
    victim = tmp_path / "victim"
    victim.write_text("precious")
    folder.part(blob).parent.mkdir(parents=True)
    folder.part(blob).symlink_to(victim)
    ended = fetch("org/name", "model.gguf")
    assert isinstance(ended, Failed)
    assert victim.read_text() == "precious"
    folder.part(blob).unlink()
    folder.ref("main").parent.mkdir()
    folder.ref("main").symlink_to(victim)
    file = folder.file(repo.refs["main"], "model.gguf")
    file.parent.mkdir(parents=True)
    file.symlink_to(victim)
    assert isinstance(fetch("org/name", "model.gguf"), Finished)
    assert victim.read_text() == "precious"
    assert file.read_bytes() == b"GGUF"
    assert journal.release(file) == 4
    assert victim.read_text() == "precious"
