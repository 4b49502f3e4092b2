"""What every test may use: its own home, the shared data, and the count of its trials."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from fake_hub import FakeHub
from trial_ledger import Ledger

# Before anything imports Qt, torch or a tokenizer: no screen, English, no thread storms, no network, no keyring.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["LANGUAGE"], os.environ["LC_ALL"] = "en", "C.UTF-8"
os.environ.setdefault("OMP_NUM_THREADS", "1" if "PYTEST_XDIST_WORKER" in os.environ else "2")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["GGML_NO_BACKTRACE"] = "1"
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"  # nobody's own keyring is asked

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("SEEDLING_DATA", ROOT.parent / "shared" / "data"))
_NO_DATA = "shared data not found"


@pytest.fixture(scope="session", autouse=True)
def common_home(tmp_path_factory: pytest.TempPathFactory) -> None:
    """For what is made once for many tests: nothing is written into the home of who runs them."""
    os.environ["SEEDLING_HOME"] = str(tmp_path_factory.mktemp("common-home"))


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own for every test."""
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("SEEDLING_HOME", str(folder))
    return folder


@pytest.fixture
def data() -> Callable[..., Path]:
    """`data(name, sha256=None)`: a file or folder of the shared data; the test is skipped where it is absent."""

    def find(name: str, sha256: str | None = None) -> Path:
        path = DATA / name
        if not path.exists():
            pytest.skip(f"{_NO_DATA}: {name}")
        if sha256 is not None:
            assert hashlib.sha256(path.read_bytes()).hexdigest() == sha256, f"{name} is not the file we know"
        return path

    return find


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    """A hub on loopback, which everything that asks for the hub's address is sent to; see tests/fake_hub.py."""
    from huggingface_hub import constants

    with FakeHub() as served:
        monkeypatch.setenv("HF_ENDPOINT", served.url)
        monkeypatch.delenv("HF_HUB_OFFLINE")
        monkeypatch.delenv("HF_TOKEN", raising=False)
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        yield served


# --- trials: a sample in the suite, the full count in `make trials` --------------------------------------------------


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--trials", action="store_true", help="run only the trials, at full count, resuming where it stopped"
    )
    parser.addoption("--installed", metavar="DEB", help="tests/installed with this package; root, Linux, its own tools")
    parser.addoption("--gpu", action="store_true", help="tests/devices on the graphics processor, which must be there")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--trials"):
        return
    done = _ledger(config.rootpath).done()
    chosen = [item for item in items if item.get_closest_marker("trial") and item.nodeid not in done]
    config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
    items[:] = chosen


@cache
def _ledger(root: Path) -> Ledger:
    """One for the whole session: its commit is the one that the tests were read at."""
    return Ledger(root)


@pytest.fixture
def trials(request: pytest.FixtureRequest) -> range:
    """Seeds of the trials of a test marked `trial(sample=…, full=…)`."""
    return range(_count(request.node, request.config))


def _count(item: pytest.Item, config: pytest.Config) -> int:
    marker = item.get_closest_marker("trial")
    assert marker is not None, "a test with trials says how many: @pytest.mark.trial(sample=…, full=…)"
    count = marker.kwargs["full" if config.getoption("--trials") else "sample"]
    assert isinstance(count, int)
    return count


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):  # type: ignore[no-untyped-def]
    report = yield
    if report.when == "call" and item.config.getoption("--trials") and report.outcome != "skipped":
        count = dict(item.user_properties).get("trials", _count(item, item.config))  # where a test counts for itself
        _ledger(item.config.rootpath).record(item.nodeid, count, report.outcome, report.duration)
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    skipped = [report for report in terminalreporter.stats.get("skipped", ()) if _NO_DATA in str(report.longrepr)]
    if skipped:
        terminalreporter.write_line(f"{len(skipped)} tests skipped: shared data is absent (set SEEDLING_DATA)")
    if config.getoption("--trials"):
        _ledger(config.rootpath).write_report(config.rootpath / "docs" / "trials.md")
