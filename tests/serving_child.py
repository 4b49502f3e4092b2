"""Start a server of `.venv-peers` as its own command line does, with two things put right.

.venv-peers/bin/python tests/serving_child.py litgpt|transformers serve ...     (by tests/real_servers.py)

LitGPT has no option for the address it listens on and takes all of them: here it is loopback. transformers 5.3.0
answers every chat with 422, because FastAPI cannot find a type that is imported inside a function; later versions are
mended (huggingface/transformers pull request 44620), and here the name is put where FastAPI looks.
"""

from __future__ import annotations

import functools
import sys


def main() -> None:
    program, *arguments = sys.argv[1:]
    sys.argv = [program, *arguments]
    if program == "litgpt":
        import litserve
        from litgpt.__main__ import main as serve

        litserve.LitServer.run = functools.partialmethod(litserve.LitServer.run, host="127.0.0.1")
    else:
        import transformers.cli.serve as serving
        from fastapi import Request
        from transformers.cli.transformers import main as serve

        serving.Request = Request
    serve()


if __name__ == "__main__":  # LitServe's helpers import this file
    main()
