"""Where the window program starts, and in its frozen form every program of ours.

Without arguments it opens the window, with `--safe` one that opens and loads nothing by itself, and with files or an
address of ours (`engine.handed`) one that opens those; anything else (a command, or `--worker` and `--templates`, by
which the frozen program starts itself as a helper) is for the engine.
"""

from __future__ import annotations

import os
import sys


def main(arguments: list[str] | None = None) -> int:
    _install_streams()
    arguments = sys.argv[1:] if arguments is None else arguments
    from engine import processor

    if (sentence := processor.problem()) is not None:
        print(f"seedling: {sentence}", file=sys.stderr)
        return 1
    start = None
    if arguments:
        from engine.handed import start_of

        start = start_of(arguments)
        if start is None:
            from engine.__main__ import main as engine

            return engine(arguments)
    from engine.desktop_libraries import problem

    if (sentence := problem()) is not None:  # before Qt, which would abort
        print(f"seedling: {sentence}", file=sys.stderr)
        return 1
    from app.opening import run

    return run() if start is None else run(safely=start.safely, handed=start.handed)


def _install_streams() -> None:
    """A windowed program on Windows has no standard streams, and what it imports expects to print."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 - for as long as we run


if __name__ == "__main__":
    sys.exit(main())
