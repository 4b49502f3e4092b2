"""Trials: downloads killed at random instants, with a fault on top; the hub counts what it sends."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import download_child
import pytest
from download_child import DONE, DONE_ANYHOW, FAILED, Downloads, wait_until
from fake_hub import FakeHub, Repo
from faults import rig
from huggingface_hub import try_to_load_from_cache

from engine.library.download import journal

SIZE = 40_000_000
MOST_FETCHED_TWICE = 16_000_000
POOL = random.Random(0).randbytes(SIZE + 1_000_000)
RATE = 400e6  # so that a kill has something to hit


@dataclass
class Cost:
    """Interruptions of a trial, each of which may have 16 MB fetched twice, and bytes that had to come anew."""

    interruptions: int
    anew: int = 0


@dataclass
class Trial:
    """One home, one hub, one repository, and where it is to be killed."""

    seed: int
    hub: FakeHub
    repo: Repo
    downloads: Downloads
    home: Path
    random: random.Random

    @property
    def content(self) -> bytes:
        stored = self.repo.files()["model.gguf"].content
        assert isinstance(stored, bytes)
        return stored

    def kill_somewhere(self, process: int) -> None:
        """SIGKILL at a random byte of the transfer, or a random while after the last one was sent."""
        begun = self.hub.sent("model.gguf")
        target = begun + self.random.randrange(SIZE)
        if self.random.random() < 0.2:
            wait_until(lambda: self.hub.sent("model.gguf") >= begun + SIZE - 1, 2)
            wait_until(lambda: False, self.random.random() * 0.08)
        else:
            wait_until(lambda: self.hub.sent("model.gguf") >= target, 2)
        self.downloads.kill(process)

    def nothing_wrong_has_a_name(self, *good: bytes) -> None:
        check_names(self.home / "hub" / "models--org--name", *good)

    def finished(self) -> None:
        """The whole file is where every program finds it, nothing else is left, and the journal knows it as ours."""
        path = try_to_load_from_cache("org/name", "model.gguf", cache_dir=self.home / "hub")
        assert isinstance(path, str)
        assert Path(path).read_bytes() == self.content
        assert not list((self.home / "hub").rglob("*.seedling-*"))
        (download,) = journal.downloads()
        assert (download.state, download.done) == ("done", SIZE)
        assert {Path(path), Path(path).resolve()} <= journal.owned_paths()

    def on_disk(self) -> int:
        """Bytes of the part, or of the whole file where it has its name."""
        found = [p for p in (self.home / "hub").rglob("*") if p.name.endswith(".seedling-part") or len(p.name) == 64]
        return sum(path.stat().st_size for path in found)


def check_names(folder: Path, *good: bytes) -> None:
    """Every content under a final name is what its name says, and every link shows a whole file."""
    for blob in (folder / "blobs").glob("*"):
        if len(blob.name) in (40, 64):
            data = blob.read_bytes()
            assert data in good
            assert blob.name in (
                hashlib.sha256(data).hexdigest(),
                hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest(),
            )
    for place, _, names in os.walk(folder / "snapshots"):
        for name in names:
            assert Path(place, name).read_bytes() in good


@pytest.fixture(scope="module")
def forking() -> Iterator[subprocess.Popen[str]]:
    with download_child.program() as program:
        yield program


@pytest.fixture
def new_trial(
    forking: subprocess.Popen[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[int], Trial]]:
    with FakeHub(rate=RATE, send_buffer=256 << 10) as hub:

        def new_trial(seed: int) -> Trial:
            home = tmp_path / f"{seed}"
            monkeypatch.setenv("SEEDLING_HOME", str(home))
            chosen = random.Random(seed)
            start = chosen.randrange(1_000_000)
            repo = hub.add("org/name", {"model.gguf": POOL[start : start + SIZE]})
            hub.seen.clear()
            hub.faults.clear()
            return Trial(seed, hub, repo, Downloads(home, hub.url, forking), home, chosen)

        yield new_trial


def killed_again(trial: Trial) -> Cost:
    trial.kill_somewhere(trial.downloads.start("org/name", ["model.gguf"]))
    assert trial.downloads.run("org/name", ["model.gguf"]) == DONE
    return Cost(2)


def then(kind: str, **how: Any) -> Callable[[Trial], Cost]:
    """What goes wrong in the second process, as `Fault` says."""

    def way(trial: Trial) -> Cost:
        at = {"at": trial.random.randrange(SIZE)} if kind in ("drop", "stall", "truncate") else {}
        trial.hub.fault(kind, **at, **how)
        assert trial.downloads.run("org/name", ["model.gguf"]) == DONE
        return Cost(2)

    way.__name__ = kind
    return way


def flipped(trial: Trial) -> Cost:
    """A flipped bit is found at the end, and then everything comes again."""
    there = trial.on_disk()
    if there < SIZE:
        fault = trial.hub.fault("flip", at=trial.random.randrange(there, SIZE))
    before = trial.hub.sent("model.gguf")
    assert trial.downloads.run("org/name", ["model.gguf"]) == DONE
    if there == SIZE:
        return Cost(1)
    assert fault.times == 0
    assert trial.hub.sent("model.gguf") - before >= SIZE, "a flipped bit was not found"
    return Cost(1, anew=SIZE)


def moved_on(trial: Trial) -> Cost:
    """The branch stands at another file now: the part is of no use, and the branch names only what is here."""
    before, old = trial.hub.sent("model.gguf"), trial.content
    trial.repo.change({"model.gguf": old[::-1]})
    trial.kill_somewhere(trial.downloads.start("org/name", ["model.gguf"]))
    trial.nothing_wrong_has_a_name(trial.content, old)
    folder = trial.home / "hub" / "models--org--name"
    if (folder / "refs" / "main").exists():
        assert (folder / "snapshots" / (folder / "refs" / "main").read_text() / "model.gguf").exists()
    assert trial.downloads.run("org/name", ["model.gguf"]) == DONE
    return Cost(1, anew=before)


def swapped(trial: Trial) -> Cost:
    """Other bytes under the very commit, which no honest hub has: its own headers tell."""
    before, other = trial.hub.sent("model.gguf"), trial.content[::-1]
    if trial.on_disk() == SIZE:
        trial.repo.swap("model.gguf", other)
    trial.hub.fault("call", action=lambda _: trial.repo.swap("model.gguf", other))
    assert trial.downloads.run("org/name", ["model.gguf"]) == DONE
    return Cost(1, anew=before)


def two_at_once(trial: Trial) -> Cost:
    """Two programs want the same content: one fetches it, the other waits for it."""
    trial.repo.change({"copy.gguf": trial.content})
    both = [trial.downloads.start("org/name", files) for files in (["model.gguf", "copy.gguf"], ["model.gguf"])]
    assert [trial.downloads.wait(process) for process in both] == [DONE, DONE]
    journal.forget(next(download.id for download in journal.downloads() if len(download.files) == 2))
    return Cost(1)


WAYS = [
    killed_again,
    then("drop"),
    then("stall"),
    then("truncate"),
    then("ignore_range"),
    then("expired", times=2),
    then("etag", value="0" * 64),
    then("status", at=503, path="/resolve/", times=2),
    flipped,
    moved_on,
    swapped,
    two_at_once,
]


@pytest.mark.trial(sample=12, full=300)
def test_a_killed_download_goes_on(trials: range, new_trial: Callable[[int], Trial]) -> None:
    most = 0
    for seed in trials:
        trial, way = new_trial(seed), WAYS[seed % len(WAYS)]
        first = trial.content
        trial.kill_somewhere(trial.downloads.start("org/name", ["model.gguf"]))
        trial.nothing_wrong_has_a_name(first)
        cost = way(trial)
        trial.nothing_wrong_has_a_name(first, trial.content)
        trial.finished()
        twice = (trial.hub.sent("model.gguf") - SIZE - cost.anew) // cost.interruptions
        assert twice <= MOST_FETCHED_TWICE, f"trial {seed}, {way.__name__}: {twice:,} bytes fetched twice"
        most = max(most, twice)
        print(f"trial {seed}, {way.__name__}: {twice:,} bytes fetched twice")
        shutil.rmtree(trial.home)
    print(f"at most {most:,} bytes fetched twice after an interruption")


@pytest.fixture(scope="module")
def failing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[subprocess.Popen[str]]:
    with download_child.program(LD_PRELOAD=rig.built(tmp_path_factory.mktemp("failing"))) as program:
        yield program


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    with rig.place(tmp_path) as place:
        yield place


@rig.needs_preload
@pytest.mark.trial(sample=20, full=300)
@pytest.mark.parametrize("way", ["full", "broken", "killed", "torn"])
def test_every_call_to_the_disk_may_fail(
    way: str,
    failing: subprocess.Popen[str],
    hub: FakeHub,
    monkeypatch: pytest.MonkeyPatch,
    place: Path,
    trials: range,
) -> None:
    """The first, the second, and so on, until a download passes untouched; each time the next one makes it whole."""
    weights, config = POOL[:300_000], b"{}"
    repo = hub.add("org/name", {"model.gguf": weights, "sub/config.json": config})
    folder = place / "hub" / "models--org--name"
    monkeypatch.setenv("SEEDLING_HOME", str(place))
    downloads = Downloads(place, hub.url, failing)
    names = list(repo.files())
    fault = rig.WAYS[way]
    for call in range(1, 300, 300 // len(trials)):
        ended = downloads.run("org/name", names, (fault.kind, fault.error, call))
        check_names(folder, weights, config)
        if ended == DONE:
            break
        assert ended == -signal.SIGKILL if way in ("killed", "torn") else ended in (FAILED, DONE_ANYHOW)
        if ended == FAILED and way == "full" and (found := journal.downloads()) and found[0].error:
            assert (found[0].state, found[0].error.code) == ("paused", "download_disk_full")
        assert downloads.run("org/name", names) == DONE
        check_names(folder, weights, config)
        snapshot = folder / "snapshots" / repo.refs["main"]
        assert [(snapshot / name).read_bytes() for name in names] == [weights, config]
        assert {snapshot / name for name in names} <= journal.owned_paths()
        assert not list(folder.rglob("*.seedling-*"))
        assert journal.release(snapshot) == len(weights) + len(config)
        assert not folder.exists()
    assert (10 if way == "torn" else 50) < call < 290
