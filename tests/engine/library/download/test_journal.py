"""The journal: what is ours after a kill at any line, and what deleting may take."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from fake_hub import FakeHub
from huggingface_hub import hf_hub_download

from engine.errors import EngineError
from engine.events import Failed, Finished
from engine.library.download import job, journal
from engine.library.download.part import Part

Fetch = Callable[..., Finished | Failed]

WEIGHTS = b"GGUF" * 5000


def files_in(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_symlink() or path.is_file()}


@pytest.fixture
def served(hub: FakeHub) -> FakeHub:
    hub.add("org/name", {"a.gguf": WEIGHTS, "b.gguf": WEIGHTS, "c.gguf": WEIGHTS[::-1], "sub/d.txt": b"d"})
    return hub


def test_releasing_frees_the_content_with_its_last_link(served: FakeHub, fetch: Fetch, home: Path) -> None:
    a = Path(fetch("org/name", "a.gguf").stats["paths"][0])
    b = Path(fetch("org/name", "b.gguf").stats["paths"][0])
    d = Path(fetch("org/name", "sub/d.txt").stats["paths"][0])
    assert {a, b, d} <= journal.owned_paths()
    assert journal.release(a) == 0
    assert (a.exists(), b.read_bytes()) == (False, WEIGHTS)
    assert journal.release(b) == len(WEIGHTS)
    assert d.read_bytes() == b"d"
    assert journal.release(d.parent) == 1
    assert not (home / "hub" / "models--org--name").exists()
    assert journal.owned_paths() == set()
    assert journal.downloads() == []
    assert journal.release(d) == 0


def test_releasing_by_the_content_s_own_name(served: FakeHub, fetch: Fetch) -> None:
    path = Path(fetch("org/name", "a.gguf").stats["paths"][0])
    assert journal.release(path.resolve()) == len(WEIGHTS)
    assert not path.is_symlink()


def test_releasing_leaves_what_others_put_there(served: FakeHub, fetch: Fetch, home: Path) -> None:
    def theirs(name: str) -> Path:
        return Path(hf_hub_download("org/name", name, cache_dir=home / "hub", endpoint=served.url, token=False))

    ours = Path(fetch("org/name", "a.gguf", "c.gguf").stats["paths"][0])
    their_b = theirs("b.gguf")  # the same content under another name
    (ours.parent / "notes.txt").write_text("mine")
    assert journal.release(ours.parent) == len(WEIGHTS)  # that of c; a's is shown by their link still
    assert their_b.read_bytes() == WEIGHTS
    assert (ours.parent / "notes.txt").read_text() == "mine"
    assert not ours.exists()


def test_what_was_replaced_since_is_not_ours(served: FakeHub, fetch: Fetch) -> None:
    path = Path(fetch("org/name", "a.gguf").stats["paths"][0])
    blob = path.resolve()
    blob.unlink()
    blob.write_bytes(b"another program's")
    os.utime(blob, ns=(1, 1))
    assert blob not in journal.owned_paths()
    assert journal.release(path) == 0
    assert blob.read_bytes() == b"another program's"


def test_a_download_that_was_forgotten_leaves_no_parts(served: FakeHub, fetch: Fetch, home: Path) -> None:
    served.fault("drop", at=6000)
    served.fault("status", at=503, path="/resolve/", after=1, times=99)
    fetch("org/name", "a.gguf", "sub/d.txt")
    (download,) = journal.downloads()
    assert (download.state, download.repo, download.files) == ("failed", "org/name", ("a.gguf", "sub/d.txt"))
    assert download.error is not None
    assert download.error.code == "hub_unreachable"
    assert 0 < download.done < download.total
    journal.forget(download.id)
    assert journal.downloads() == []
    assert files_in(home / "hub") == {p for p in files_in(home / "hub") if p.startswith(".locks")}
    for id in ("0" * 16, "../x", ""):
        with pytest.raises(EngineError, match="no download"):
            journal.forget(id)


def test_forgetting_keeps_a_part_that_another_download_wants(served: FakeHub, fetch: Fetch, home: Path) -> None:
    for name in ("a.gguf", "b.gguf"):
        served.fault("drop", at=6000)
        served.fault("status", at=503, path="/resolve/", after=1, times=99)
        fetch("org/name", name)
        served.faults.clear()
    first, second = journal.downloads()
    journal.forget(first.id)
    assert list((home / "hub").rglob("*.seedling-part"))
    journal.forget(second.id)
    assert not list((home / "hub").rglob("*.seedling-*"))


def test_forgetting_what_is_done_leaves_it_ours(served: FakeHub, fetch: Fetch) -> None:
    path = Path(fetch("org/name", "a.gguf").stats["paths"][0])
    journal.forget(journal.downloads()[0].id)
    assert journal.downloads() == []
    assert path in journal.owned_paths()
    assert journal.release(path) == len(WEIGHTS)


def test_what_runs_is_neither_forgotten_nor_released(served: FakeHub, fetch: Fetch) -> None:
    path = Path(fetch("org/name", "a.gguf").stats["paths"][0])
    with journal.held("model", "org/name", "main", ["a.gguf"]) as record:
        assert journal.running() == 1
        for act in (lambda: journal.forget(record.id), lambda: journal.release(path)):
            with pytest.raises(EngineError) as caught:
                act()
            assert caught.value.code == "download_running"
    assert path.exists()
    assert journal.running() == 0


@pytest.mark.parametrize("after", ["a.gguf", "blob"])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_kill_while_a_name_is_given_leaves_no_doubt(
    moment: str, after: str, served: FakeHub, fetch: Fetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ours is what has its name; what has not and appears later is another program's."""

    class Killed(BaseException):
        pass

    def die(*_: object) -> None:
        raise Killed

    def then_die(*arguments: object) -> None:
        act(*arguments)
        raise Killed

    place, name = (Part, "place") if after == "blob" else (job.layout, "show")
    act = getattr(place, name)
    with monkeypatch.context() as patch:
        patch.setattr(place, name, die if moment == "before" else then_die)
        fetch("org/name", "a.gguf")
    owned = {path.name for path in journal.owned_paths()}
    blob = served.repos["model", "org/name"].files()["a.gguf"].sha256
    assert owned == {"blob": set(), "a.gguf": {blob}}[after] | (
        {"blob": {blob}, "a.gguf": {"a.gguf"}}[after] if moment == "after" else set()
    )
    ended = fetch("org/name", "a.gguf")
    assert Path(ended.stats["paths"][0]).read_bytes() == WEIGHTS
    assert journal.release(Path(ended.stats["paths"][0])) == len(WEIGHTS)


def test_a_line_that_was_cut_off_costs_only_itself(served: FakeHub, fetch: Fetch, home: Path) -> None:
    path = Path(fetch("org/name", "a.gguf").stats["paths"][0])
    (record,) = (home / "downloads").glob("*.jsonl")
    whole = record.read_bytes()
    lines = whole.splitlines(keepends=True)
    for cut in range(len(lines[0]), len(whole), 37):
        record.write_bytes(whole[:cut])
        (download,) = journal.downloads()
        assert download.repo == "org/name"
        assert download.state in ("paused", "done")
    record.write_bytes(whole[: len(whole) - 5])
    assert isinstance(fetch("org/name", "a.gguf"), Finished)
    assert json.loads(record.read_bytes().splitlines()[-1]) == {"state": "done"}
    assert path in journal.owned_paths()


@pytest.mark.parametrize("junk", [b"", b"\0" * 100, b"[]\n{}\n5\n", b"{" * 5000, b'{"repo": 5}\n', b"\xff\xfe"])
def test_a_record_that_is_none_is_passed_over(junk: bytes, home: Path) -> None:
    (home / "downloads").mkdir()
    (home / "downloads" / "0123456789abcdef.jsonl").write_bytes(junk)
    assert journal.downloads() == []
    assert journal.owned_paths() == set()


def test_the_limit_is_shared_by_those_that_run(home: Path) -> None:
    from engine import settings

    options = settings.Settings()
    options.set("download_limit", 1000)
    options.save()
    assert job._limit() == 1e6
    with journal.held("model", "a/b", "main", []), journal.held("model", "a/c", "main", []):
        assert job._limit() == 5e5
    options.set("download_limit", 0)
    options.save()
    assert job._limit() == 0


def test_what_others_still_need_is_counted(served: FakeHub, fetch: Fetch, home: Path) -> None:
    with journal.held("model", "org/name", "main", ["c.gguf"]) as record:
        plan = [["c.gguf", served.repos["model", "org/name"].files()["c.gguf"].sha256, len(WEIGHTS)]]
        record.note(commit="0" * 40, cache=str(home / "hub"), plan=plan)
        assert journal.remaining(home / "hub", "other") == len(WEIGHTS)
        assert journal.remaining(home / "hub", record.id) == 0
    assert journal.remaining(home / "hub", "other") == 0
