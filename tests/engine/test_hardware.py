"""The machine as the system describes it: this one, and others laid out as files."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from engine import hardware


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty machine: `proc`, `cpu` and `cgroup` are folders to fill."""
    for name, place in (("_PROC", "proc"), ("_CPU", "cpu"), ("_CGROUP", "cgroup")):
        (tmp_path / place).mkdir()
        monkeypatch.setattr(hardware, name, tmp_path / place)
    monkeypatch.setattr("platform.system", lambda: "Linux")
    return tmp_path


def lay(path: Path, text: str | int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{text}\n")


def lay_cores(machine: Path, monkeypatch: pytest.MonkeyPatch, cores: int, threads_each: int, packages: int = 1) -> None:
    """Number them as Linux does: first every core's first thread, then every second one."""
    count = cores * threads_each
    for cpu in range(count):
        core = cpu % cores
        lay(machine / "cpu" / f"cpu{cpu}" / "topology" / "core_id", core // packages)
        lay(machine / "cpu" / f"cpu{cpu}" / "topology" / "physical_package_id", core % packages)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(count)), raising=False)


# --- this machine ----------------------------------------------------------------------------------------------------


def test_this_machine_is_plausible() -> None:
    memory = hardware.memory()
    assert 1 <= hardware.physical_cores() <= hardware.logical_cores() <= (os.cpu_count() or 1)
    assert 0 < memory.available <= memory.total <= psutil.virtual_memory().total
    assert hardware.disk_free(Path.cwd()) > 0
    assert hardware.bf16() in (True, False, None)


def test_it_is_cheap_to_ask() -> None:
    code = "import sys; from engine import hardware as h; h.bf16(); h.accelerators(); h.memory(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"torch", "llama_cpp", "numpy", "PySide6"} & set(done.stdout.split())


def test_disk_space_is_asked_of_the_nearest_folder_that_exists(tmp_path: Path) -> None:
    assert hardware.disk_free(tmp_path / "not" / "yet" / "there") > 0


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="affinity")
def test_a_process_that_may_use_one_core_has_one() -> None:
    cpu = min(os.sched_getaffinity(0))
    code = "from engine import hardware as h; print(h.logical_cores(), h.physical_cores(), h.threads_for('training'))"
    code = f"import os; os.sched_setaffinity(0, {{{cpu}}}); {code}"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout.split() == [b"1"] * 3


# --- other machines --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cores", "threads_each", "packages", "chat", "training", "background"),
    [
        (1, 1, 1, 1, 1, 1),
        (2, 1, 1, 2, 2, 1),
        (2, 2, 1, 2, 2, 1),
        (4, 1, 1, 3, 4, 2),
        (8, 2, 1, 8, 8, 4),
        (16, 2, 2, 16, 16, 8),
    ],
)
def test_threads_follow_the_cores(
    machine: Path, monkeypatch: pytest.MonkeyPatch,
    cores: int, threads_each: int, packages: int, chat: int, training: int, background: int
) -> None:  # fmt: skip
    lay_cores(machine, monkeypatch, cores, threads_each, packages)
    assert (hardware.physical_cores(), hardware.logical_cores()) == (cores, cores * threads_each)
    found = [hardware.threads_for(purpose) for purpose in ("chat", "training", "background")]
    assert found == [chat, training, background]


def test_without_a_topology_every_thread_counts_as_a_core(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 3, 5}, raising=False)
    assert hardware.physical_cores() == 3


@pytest.mark.parametrize(("quota", "cores"), [("max 100000", 8), ("150000 100000", 2), ("50000 100000", 1), ("", 8)])
def test_a_quota_of_version_2_counts(machine: Path, monkeypatch: pytest.MonkeyPatch, quota: str, cores: int) -> None:
    lay_cores(machine, monkeypatch, 8, 1)
    lay(machine / "proc" / "self" / "cgroup", "0::/user/session")
    lay(machine / "cgroup" / "user" / "cpu.max", quota)  # set on the group above ours
    assert hardware.physical_cores() == cores


@pytest.mark.parametrize(("quota", "cores"), [(-1, 8), (200_000, 2)])
def test_a_quota_of_version_1_counts(machine: Path, monkeypatch: pytest.MonkeyPatch, quota: int, cores: int) -> None:
    lay_cores(machine, monkeypatch, 8, 1)
    lay(machine / "proc" / "self" / "cgroup", "4:cpu,cpuacct:/docker/f00d\n0::/")
    lay(machine / "cgroup" / "cpu" / "cpu.cfs_quota_us", quota)  # a container sees its own group as the top
    lay(machine / "cgroup" / "cpu" / "cpu.cfs_period_us", 100_000)
    assert hardware.physical_cores() == cores


def test_a_memory_limit_counts_and_droppable_cache_does_not(machine: Path) -> None:
    lay(machine / "proc" / "self" / "cgroup", "0::/box")
    lay(machine / "cgroup" / "box" / "memory.max", 100_000_000)
    lay(machine / "cgroup" / "box" / "memory.current", 70_000_000)
    lay(machine / "cgroup" / "box" / "memory.stat", "anon 30000000\ninactive_file 40000000")
    assert hardware.memory() == hardware.Memory(100_000_000, 70_000_000)


def test_no_memory_limit_is_the_machine_s_own(machine: Path) -> None:
    lay(machine / "proc" / "self" / "cgroup", "0::/box")
    lay(machine / "cgroup" / "box" / "memory.max", "max")
    assert hardware.memory().total == psutil.virtual_memory().total


@pytest.mark.parametrize(
    ("cpuinfo", "answer"),
    [
        ("processor\t: 0\nflags\t\t: fpu avx2 avx512_bf16 amx_tile\n", True),
        ("flags : fpu amx_bf16\n", True),
        ("processor : 0\nFeatures\t: fp asimd bf16 i8mm\n", True),
        ("flags : fpu avx512f\n", False),
        ("model name : unknown\n", None),
        (None, None),
    ],
)
def test_bf16_is_read_from_the_processor_s_flags(machine: Path, cpuinfo: str | None, answer: bool | None) -> None:
    if cpuinfo is not None:
        lay(machine / "proc" / "cpuinfo", cpuinfo)
    assert hardware.bf16() is answer


def test_apple_s_own_processors_have_bf16_and_metal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.system", lambda: "Darwin")
    monkeypatch.setattr("platform.machine", lambda: "arm64")
    assert hardware.bf16() is True
    assert hardware.accelerators() == ["metal"]


def test_a_small_model_is_left_to_one_thread(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay_cores(machine, monkeypatch, cores=4, threads_each=2)
    assert hardware.threads_for_model(10**6) == 1
    assert hardware.threads_for_model(10**9) == hardware.threads_for("chat") > 1


_WAITING = {"OMP_WAIT_POLICY", "GOMP_SPINCOUNT"}


@pytest.mark.parametrize(("percent", "variable"), [(80.0, "OMP_WAIT_POLICY"), (10.0, "GOMP_SPINCOUNT")])
def test_idle_threads_sleep_only_where_others_need_the_processors(
    percent: float, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.environ", {})
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    monkeypatch.setattr("psutil.cpu_percent", lambda interval: percent)
    hardware.choose_idle_threads()
    assert _WAITING & os.environ.keys() == {variable}


def test_how_idle_threads_wait_is_left_as_a_person_chose_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.environ", {"OMP_WAIT_POLICY": "ACTIVE"})
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    hardware.choose_idle_threads()
    assert os.environ == {"OMP_WAIT_POLICY": "ACTIVE"}


# --- memory that stays -----------------------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
@pytest.mark.parametrize(
    ("limits", "capabilities", "lockable"),
    [
        ((65_536, 65_536), "0000000000000000", 65_536),
        ((65_536, 1 << 20), "0000000000000000", 1 << 20),
        ((65_536, 65_536), "0000000000004000", None),
        ((65_536, 65_536), "ffffffffffffbfff", 65_536),
        ((-1, -1), "0000000000000000", None),
    ],
)
def test_how_much_memory_may_be_kept(
    machine: Path, monkeypatch: pytest.MonkeyPatch, limits: tuple[int, int], capabilities: str, lockable: int | None
) -> None:
    import resource

    raised: list[object] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: limits)
    monkeypatch.setattr(resource, "setrlimit", lambda _, wanted: raised.append(wanted))
    lay(machine / "proc" / "self" / "status", f"Name:\tseedling\nCapEff:\t{capabilities}")
    assert hardware.lockable() == lockable
    assert raised == [(limits[1], limits[1])] * (limits[0] != limits[1])


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
def test_without_a_word_about_capabilities_the_limit_holds(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import resource

    monkeypatch.setattr(resource, "getrlimit", lambda _: (4096, 4096))
    assert hardware.lockable() == 4096
