"""What this machine has, as far as it concerns us: cores, memory, number formats, graphics processors.

Everything is read from the system; nothing heavy is imported, so windows and command line may ask freely.
"""

from __future__ import annotations

import math
import os
import shutil
import sys
from contextlib import suppress
from pathlib import Path
from typing import Literal, NamedTuple

from engine.phrases import Phrase, phrase

Purpose = Literal["chat", "training", "background"]

_SMALL_MODEL_BYTES = 16 * 2**20

_CPU = Path("/sys/devices/system/cpu")
_CGROUP = Path("/sys/fs/cgroup")
_PROC = Path("/proc")


class Memory(NamedTuple):
    """Bytes this process may use altogether, and bytes that are free for it now."""

    total: int
    available: int


def logical_cores() -> int:
    """Hardware threads this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def physical_cores() -> int:
    """Cores this process may keep busy: those it may run on, or fewer where a quota limits their time."""
    if hasattr(os, "sched_getaffinity"):
        cores = len({_core(cpu) for cpu in os.sched_getaffinity(0)})
    else:
        import psutil

        cores = psutil.cpu_count(logical=False) or logical_cores()
    quota = _cpu_quota()
    return max(1, cores if quota is None else min(cores, math.ceil(quota)))


def threads_for(purpose: Purpose) -> int:
    """Threads to compute with. More than the physical cores only makes them wait for one another.

    The chat in front leaves the window a core, unless the cores have a second thread each for it or are so few
    that every one counts. Background work takes half.
    """
    cores = physical_cores()
    match purpose:
        case "chat":
            return cores - 1 if cores > 2 and logical_cores() == cores else cores
        case "training":
            return cores
        case "background":
            return max(1, cores // 2)


def threads_for_model(size_bytes: int) -> int:
    """Threads to chat with a model of this size.

    Threads wait for one another at every matrix. A small model gains next to nothing from a second one, and beside
    another busy program the waiting is all there is. The starter (1.3 MB) on two cores, tokens/s of llama.cpp and of
    our GPT (benchmarks/threads.py): idle, 12,200 and 1,600 with one thread, 13,100 and 1,600 with two; busy, 5,100 and
    460 with one, 1,600 and 120 with two, which then fell to 7 and 74 at times.
    """
    return 1 if size_bytes < _SMALL_MODEL_BYTES else threads_for("chat")


def is_busy(seconds: float = 0.2) -> bool:
    """Whether other programs use more than half of this machine's processors now, which takes so long to see."""
    import psutil

    return float(psutil.cpu_percent(interval=seconds)) > 50


def choose_idle_threads() -> None:
    """Choose how this process's OpenMP threads wait for their next piece of work, unless torch, which looks once, is
    loaded already, or the person has chosen.

    Beside busy programs they sleep at once: spinning made a small model's step there two to ten times as slow. With the
    machine to themselves they first spin for about a millisecond, without which a step took half as long again.
    """
    if "torch" in sys.modules or {"OMP_WAIT_POLICY", "GOMP_SPINCOUNT"} & os.environ.keys():
        return
    os.environ.update({"OMP_WAIT_POLICY": "PASSIVE"} if is_busy() else {"GOMP_SPINCOUNT": "100000"})


def memory() -> Memory:
    """Main memory, within the limit of the control group this process is in."""
    import psutil

    system = psutil.virtual_memory()
    limit, used = _memory_limit()
    if limit is None or limit >= system.total:
        return Memory(system.total, system.available)
    return Memory(limit, max(0, min(system.available, limit - used)))


def resident() -> int:
    """Bytes of main memory this process holds."""
    import psutil

    return int(psutil.Process().memory_info().rss)


def most_resident() -> int:
    """The most bytes of main memory this process has held so far."""
    import platform

    if platform.system() == "Windows":
        import psutil

        return int(psutil.Process().memory_info().peak_wset)
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if platform.system() == "Darwin" else most * 1024


def lockable() -> int | None:
    """Bytes of memory this process may keep from being swapped out; None where nothing limits it.

    Takes what the system lets it take: the soft limit is raised to the hard one.
    """
    if sys.platform == "win32":
        return None
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_MEMLOCK)
    if soft != hard:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_MEMLOCK, (hard, hard))
            soft = hard
    return None if soft == resource.RLIM_INFINITY or _may_lock_anything() else soft


def _may_lock_anything() -> bool:
    """Whether this process has CAP_IPC_LOCK, as root has it."""
    try:
        status = (_PROC / "self/status").read_text()
    except OSError:
        return False
    capabilities = next((line for line in status.splitlines() if line.startswith("CapEff:")), "CapEff: 0")
    return bool(int(capabilities.split()[1], 16) >> 14 & 1)


_UNITS = ((10**9, phrase("GB")), (10**6, phrase("MB")), (10**3, phrase("kB")))


def size_text(count: int) -> Phrase:
    """A number of bytes for people: 950 kB, 1.2 GB."""
    for size, unit in _UNITS:
        if count >= 100 * size:
            return phrase("{size:,} {unit}", size=count // size, unit=unit)
        if count >= size:
            return phrase("{size:.1f} {unit}", size=count / size, unit=unit)
    return phrase("{count} bytes", count=count)


def disk_free(path: Path) -> int:
    """Bytes free where `path` is, or will be once it is made."""
    while not path.exists() and path != path.parent:
        path = path.parent
    return shutil.disk_usage(path).free


def bf16() -> bool | None:
    """Whether the processor computes in bfloat16 itself; None where we cannot tell."""
    import platform

    if platform.system() == "Darwin":
        return platform.machine() == "arm64"
    flags = processor_flags()
    return None if flags is None else bool(flags & {"avx512_bf16", "amx_bf16", "bf16"})


def accelerators() -> list[str]:
    """Graphics processors that seem to be here, by what their drivers leave in sight: `cuda`, `rocm`, `metal`."""
    import platform

    if platform.system() == "Darwin":
        return ["metal"] if platform.machine() == "arm64" else []
    if platform.system() == "Windows":
        system = Path(os.environ.get("SYSTEMROOT", r"C:\Windows")) / "System32"
        return ["cuda"] if (system / "nvcuda.dll").exists() else []
    devices = {"cuda": "/dev/nvidiactl", "rocm": "/dev/kfd"}
    return [kind for kind, device in devices.items() if Path(device).exists()]


def _core(cpu: int) -> tuple[str, str]:
    """Which physical core a Linux CPU number belongs to: (package, core), or itself where the kernel does not say."""
    topology = _CPU / f"cpu{cpu}" / "topology"
    try:
        return (topology / "physical_package_id").read_text(), (topology / "core_id").read_text()
    except OSError:
        return "", str(cpu)


def processor_flags() -> set[str] | None:
    """The first processor's feature flags: `flags` on x86, `Features` on ARM."""
    try:
        lines = (_PROC / "cpuinfo").read_text().splitlines()
    except OSError:
        return None
    return next((set(line.split(":")[1].split()) for line in lines if line.startswith(("flags", "Features"))), None)


def _cpu_quota() -> float | None:
    """Processor seconds per second that control groups grant, over all levels; None without a limit."""
    quotas = []
    for folder in _groups("cpu"):
        quota, _, period = _read(folder / "cpu.max").partition(" ")  # version 2: "max 100000" or "150000 100000"
        if not quota:  # version 1, where -1 means no limit
            quota, period = _read(folder / "cpu.cfs_quota_us"), _read(folder / "cpu.cfs_period_us")
        granted, of = _number(quota), _number(period)
        if granted and of and granted > 0:
            quotas.append(granted / of)
    return min(quotas, default=None)


def _memory_limit() -> tuple[int | None, int]:
    """(limit, used) in bytes of the tightest control group; file cache that can be dropped is not counted."""
    tightest: tuple[int | None, int] = (None, 0)
    for folder in _groups("memory"):
        limit = _number(_read(folder / "memory.max")) or _number(_read(folder / "memory.limit_in_bytes"))
        if limit and (tightest[0] is None or limit < tightest[0]):
            used = _number(_read(folder / "memory.current")) or _number(_read(folder / "memory.usage_in_bytes")) or 0
            statistics = dict(line.split(" ", 1) for line in _read(folder / "memory.stat").splitlines() if " " in line)
            tightest = limit, max(0, used - (_number(statistics.get("inactive_file", "")) or 0))
    return tightest


def _groups(controller: str) -> list[Path]:
    """Folders of the control groups this process is in, innermost first, for versions 2 and 1 alike."""
    folders = []
    for line in _read(_PROC / "self" / "cgroup").splitlines():
        number, names, path = line.split(":", 2)
        if number == "0":
            root = _CGROUP
        elif controller in names.split(","):
            root = _CGROUP / controller
        else:
            continue
        group = root / path.lstrip("/")
        folders += [group, *(parent for parent in group.parents if parent.is_relative_to(root))]
    return folders


def _read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""


def _number(text: str) -> int | None:
    try:
        return int(text)
    except ValueError:
        return None
