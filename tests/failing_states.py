"""States kept on a disk that fails at the n-th call, or ends the process there. Started by test_kept_states_faults.py.

LD_PRELOAD=failing_disk.so python failing_states.py ERRNO N [in-place]: keeps a second state of chat 1 in the home,
which has a first one unless N is negative; ERRNO 0 kills. Prints {"failed": whether a call did, "kept": what `keep`
said}. in-place: without the guard that writes whole files or none.
"""

from __future__ import annotations

import ctypes
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.chat import kept_states
from engine.chat.messages import Asked
from engine.errors import EngineError
from engine.runtime import saved_state
from engine.runtime.saved_state import State

OLD, NEW, HALF = b"old" * 1000, b"new" * 40_000, b"half"
BELONGS = {"model": "f00d"}


def keep(content: bytes) -> bool:
    return kept_states.keep(Asked(1, 1.0), {"template": "t"}, State(BELONGS, [1, 2, 3], content))


def found() -> bytes | None:
    """What a runtime would get; `HALF` where it would have to see for itself that it is not whole."""
    state = kept_states.take(1)
    if state is None:
        return None
    try:
        content = saved_state.unpack(state, BELONGS, most=10)
    except EngineError:
        return HALF
    assert content is not None
    return bytes(content[1])


@contextmanager
def in_place(path: Path) -> Iterator[Path]:
    yield path


def main() -> None:
    error, call = int(sys.argv[1]), int(sys.argv[2])
    saved_state.SLICE_BYTES = 30_000
    if "in-place" in sys.argv:
        kept_states.files.whole_file = in_place
    disk = ctypes.CDLL(None)
    if call > 0:
        assert keep(OLD)
    disk.arm(abs(call), error)
    kept = keep(NEW)
    print(json.dumps({"failed": bool(disk.disarm()), "kept": kept}), flush=True)


if __name__ == "__main__":
    main()
