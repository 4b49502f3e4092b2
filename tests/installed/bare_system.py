"""A Debian with nothing in it but what debootstrap puts there, no Python and no compiler, and programs run inside it.

The base is made once; a system is a layer over it, thrown away afterwards. Whoever uses this is root, and takes a mount
namespace of its own first: then no mount is seen by others, and none outlives the process, however that ends.
A program runs in namespaces of its own without a network, and is killed with all it has started when its `Running` is.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import re
import shlex
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import psutil

from engine.processes import end_with_parent

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDER = ROOT / "build" / "installer-test"
SUITE = "bookworm"
_NEW_MOUNTS = 0x20000  # linux/sched.h
_PRIVATE, _RECURSIVE = 1 << 18, 1 << 14  # linux/mount.h
_APT = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "--yes", "--quiet=2", "-o", "Dpkg::Use-Pty=0"]
_APT += ["-o", "Dpkg::Options::=--force-unsafe-io"]  # a system that is thrown away need not outlive a power cut
# A person in a system must be one here, too: the bus of tests/installed/what_is_shown.py looks up who speaks to it.
PERSON = min(entry.pw_uid for entry in pwd.getpwall() if entry.pw_uid >= 1000)
_USUAL = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "LC_ALL": None}


def own_mounts() -> None:
    """Have what this process mounts from now on be its own. Raises OSError for anyone but root."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_NEW_MOUNTS) != 0 or libc.mount(None, b"/", None, _PRIVATE | _RECURSIVE, None) != 0:
        raise OSError(ctypes.get_errno(), "a mount namespace of one's own needs root")


def base() -> Path:
    """The bare system that all others lie over."""
    done, making = FOLDER / "base", FOLDER / "base.making"
    if not done.is_dir():
        delete(making)
        making.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["debootstrap", "--variant=minbase", SUITE, str(making)], check=True)
        making.rename(done)
    return done


def delete(folder: Path) -> None:
    """Raises OSError where something is mounted below it: what lies there is not ours to delete."""
    folder = folder.absolute()
    below = [place for place in mounted() if place == folder or folder in place.parents]
    if below or FOLDER not in folder.parents or ".." in folder.parts:
        raise OSError(f"{folder} is not deleted: {below or 'it lies elsewhere'}")
    if folder.exists():
        shutil.rmtree(folder)


def mounted() -> list[Path]:
    return [place_of(line) for line in Path("/proc/self/mountinfo").read_text().splitlines()]


def place_of(line: str) -> Path:
    """Where something is mounted: a line of mountinfo, which writes blanks and backslashes in octal (proc(5))."""
    return Path(re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), line.split(" ")[4]))


@dataclass(frozen=True)
class Person:
    name: str
    home: str


class System:
    """A bare system of its own, with a place at `/mnt/given` where `given` is seen, and the virtual screen's socket."""

    def __init__(self, name: str, given: Path, over: Path | None = None) -> None:
        """over: what another system has kept, instead of nothing."""
        self._folder = FOLDER / "systems" / name
        self.root, upper, work = (self._folder / part for part in ("root", "upper", "work"))
        delete(self._folder)
        for part in (self.root, upper, work):
            part.mkdir(parents=True)
        lower = f"{over}:{base()}" if over is not None else str(base())
        layers = f"lowerdir={lower},upperdir={upper},workdir={work}"
        self._mount("-t", "overlay", "overlay", "-o", layers, str(self.root))
        self._mount("-t", "sysfs", "-o", "ro", "sysfs", self.place("sys"))
        self._mount("-t", "tmpfs", "-o", "mode=1777", "tmpfs", self.place("dev/shm"))
        archives = FOLDER / "archives"  # so that a second run need not fetch packages again
        archives.mkdir(exist_ok=True)
        self._bind(archives, "var/cache/apt/archives")
        self._bind(Path("/tmp/.X11-unix"), "tmp/.X11-unix")
        self._bind(given, "mnt/given")

    def close(self) -> None:
        """Nothing is left of it."""
        self.keep()
        delete(self._folder)

    def keep(self) -> Path:
        """Leave it; what has become of it since the base, for others to lie over."""
        subprocess.run(["umount", "--recursive", str(self.root)], check=True)
        return self._folder / "upper"

    def place(self, inside: str) -> str:
        return str(self.root / inside.lstrip("/"))

    def administer(self, *command: str) -> str:
        """Run as root, with the network that apt needs; what it printed. Raises CalledProcessError."""
        inner = "mount -t proc proc proc && exec chroot . /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin "
        script = f"cd {shlex.quote(str(self.root))} && {inner}{shlex.join(command)}"
        outer = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-ec", script]
        done = subprocess.run(outer, stdout=subprocess.PIPE, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{shlex.join(command)}: {done.stdout[-4000:]}")
        return done.stdout

    def apt(self, *arguments: str) -> str:
        return self.administer(*_APT, *arguments)

    def add_person(self, name: str, home: str) -> Person:
        who = ["--non-unique", "--uid", str(PERSON), "--user-group", "--shell", "/bin/sh"]
        self.administer("useradd", *who, "--create-home", "--home-dir", home, name)
        return Person(name, home)

    def files(self) -> set[str]:
        """Everything that lies in it, other file systems left out."""
        found = self.administer("find", "/", "-xdev", "-not", "-path", "/proc/*", "-print0")
        return set(found.split("\0")) - {""}

    def start(
        self,
        person: Person,
        *command: str,
        environment: Mapping[str, str | None] | None = None,
        mounts: Sequence[str] = (),
        around: str = "",
    ) -> Running:
        """A program of this person's, without a network.

        environment: beside the usual; None takes a variable away. mounts: shell lines, from the root of the system, for
        this program alone. around: a command that gets the program's as its arguments.
        """
        variables = {**_USUAL, "HOME": person.home, "USER": person.name, **(environment or {})}
        settings = [f"{name}={value}" for name, value in variables.items() if value is not None]
        inner = ["chroot", f"--userspec={PERSON}:{PERSON}", ".", "/usr/bin/env", "-i", "-C", "/", *settings]
        program = f"{shlex.join(inner)} {around} {shlex.join(command)}"
        script = "\n".join(["set -e", f"cd {shlex.quote(str(self.root))}", "mount -t proc proc proc", *mounts])
        return Running(f"{script}\nset +e\n{program}\nexit $?")

    def run(self, person: Person, *command: str, timeout_s: float = 300, **how: object) -> subprocess.CompletedProcess:  # type: ignore[type-arg]
        """The same, to its end."""
        with self.start(person, *command, **how) as running:  # type: ignore[arg-type]
            return running.wait(timeout_s)

    def _bind(self, outside: Path, inside: str) -> None:
        (self.root / inside).mkdir(parents=True, exist_ok=True)
        self._mount("--bind", str(outside), self.place(inside))

    @staticmethod
    def _mount(*arguments: str) -> None:
        subprocess.run(["mount", *arguments], check=True)


class Running:
    """A program inside a system. The shell above it is the first process of a namespace: what it ends with ends too."""

    def __init__(self, script: str) -> None:
        command = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "sh", "-c", script]
        self._output = open(FOLDER / f"output-{os.getpid()}", "w+b")  # noqa: SIM115 - as long as it runs
        self._errors = open(FOLDER / f"errors-{os.getpid()}", "w+b")  # noqa: SIM115
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=self._errors,
            start_new_session=True,
            preexec_fn=end_with_parent,
        )

    def __enter__(self) -> Running:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()  # the kernel then ends all that it started
        self._process.wait()
        self._output.close()
        self._errors.close()

    @property
    def errors(self) -> str:
        """What it has printed on standard error so far."""
        return Path(self._errors.name).read_text("utf-8", "replace")

    @property
    def code(self) -> int | None:
        return self._process.poll()

    def programs(self) -> list[psutil.Process]:
        """Its processes of Seedling, itself first."""
        found = []
        for process in psutil.Process(self._process.pid).children(recursive=True):
            with suppress(psutil.Error):
                if process.name().startswith("seedling"):
                    found.append(process)
        return found

    def ask_to_end(self) -> None:
        """What a session that ends says to its programs."""
        self.programs()[0].send_signal(signal.SIGTERM)

    def wait(self, timeout_s: float = 60) -> subprocess.CompletedProcess:  # type: ignore[type-arg]
        """Until it has ended. Raises TimeoutExpired."""
        code = self._process.wait(timeout_s)
        output = Path(self._output.name).read_text("utf-8", "replace")
        return subprocess.CompletedProcess([], code, output, self.errors)
