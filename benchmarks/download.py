"""How fast a file comes from a hub on loopback, checked on the way: `python benchmarks/download.py [MB] [--rounds N]`.

The hub is a process of its own. Ours and curl take turns, each into an empty folder, once as fast as it goes and once
through a hub that sends 100 MB a second; ours hashes, notes how far it is and flushes, curl only writes. The figure of
ours is the whole job, from asking what the repository holds to the last name given; that of curl its whole process.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from engine.events import Finished
from engine.jobs import JobContext, run
from engine.library.download import job

FAKE_HUB = Path(__file__).resolve().parent.parent / "tests" / "fake_hub.py"
REPO, NAME = "org/name", "model.bin"
LIMIT_MB = 100


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("size", nargs="?", type=int, default=1000, metavar="MB")
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / NAME
        file.write_bytes(os.urandom(args.size * 1_000_000))
        for rate in (None, LIMIT_MB):
            with hub(file, rate) as address:
                os.environ["HF_ENDPOINT"] = address
                compare(Path(place), file, f"{LIMIT_MB} MB/s" if rate else "no limit", args.rounds)


def compare(place: Path, file: Path, name: str, rounds: int) -> None:
    """Turns of ours and curl; their medians in MB/s."""
    speeds: dict[str, list[float]] = {"ours": [], "curl": []}
    for _ in range(rounds):
        for who, fetch in (("ours", ours), ("curl", curl)):
            speeds[who].append(file.stat().st_size / 1e6 / timed(fetch, place / who))
    ours_s, curl_s = median(speeds["ours"]), median(speeds["curl"])
    spread = ", ".join(f"{who} {min(all_):.1f} to {max(all_):.1f}" for who, all_ in speeds.items())
    print(f"{name}: ours {ours_s:.1f} MB/s, curl {curl_s:.1f} MB/s, ratio {ours_s / curl_s:.3f} ({spread})")


def timed(fetch: Callable[[Path], None], folder: Path) -> float:
    folder.mkdir()
    begun = perf_counter()
    fetch(folder)
    seconds = perf_counter() - begun
    shutil.rmtree(folder)
    os.sync()  # what one wrote does not slow the other
    return seconds


def ours(folder: Path) -> None:
    os.environ["SEEDLING_HOME"] = str(folder)
    *_, ended = run(job.download, {"repo": REPO, "files": [NAME]}, JobContext())
    assert isinstance(ended, Finished), ended


def curl(folder: Path) -> None:
    url = f"{os.environ['HF_ENDPOINT']}/{REPO}/resolve/main/{NAME}"
    subprocess.run(["curl", "-sfL", "-o", str(folder / NAME), url], check=True)


@contextmanager
def hub(file: Path, rate: int | None) -> Iterator[str]:
    """A hub with this file; its address."""
    limit = ["--rate", str(rate)] if rate else []
    program = [sys.executable, str(FAKE_HUB), *limit, REPO, str(file)]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as served:
        assert served.stdin is not None
        assert served.stdout is not None
        yield served.stdout.readline().strip()
        served.stdin.close()


if __name__ == "__main__":
    main()
