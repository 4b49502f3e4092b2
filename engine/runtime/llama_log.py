"""What llama.cpp said last: kept for the error that may follow, printed nowhere, and logged at level debug."""

from __future__ import annotations

import logging
import re
from collections import Counter

from engine.phrases import phrase
from engine.runtime.gguf_header import shown

_KEPT = 8192  # characters
_LONGEST_REASON = 200
# What llama.cpp puts before the reason of a failure.
_MARKS = ("error loading model: ", "failed to quantize: ", "llama_init_from_model: ")
# How llama.cpp says what it has taken: "CPU_REPACK model buffer size =   56.95 MiB".
_SIZE = re.compile(r"(\w+) +(model|KV|RS|compute|output) buffer size = +(\d+\.\d+) MiB")

_logger = logging.getLogger(__name__)


class RecentLog:
    """The last 8 KB. Raw bytes go in, because a message quotes whatever a file holds.

    sizes: bytes of the buffers llama.cpp told of since somebody cleared this, by place and use ("CPU compute").
    """

    def __init__(self) -> None:
        self._text = ""
        self.sizes: Counter[str] = Counter()

    def add(self, message: bytes) -> None:
        text = message.decode("utf-8", "replace")
        self._text = (self._text + text)[-_KEPT:]
        for place, use, size in _SIZE.findall(text):
            self.sizes[f"{place} {use}"] += round(float(size) * 2**20)
        if _logger.isEnabledFor(logging.DEBUG):
            _logger.debug("llama.cpp: %s", text.rstrip())

    def clear(self) -> None:
        self._text = ""

    def tail(self) -> str:
        return self._text

    def reason(self) -> str:
        """Why the last thing failed, in a few words for a sentence."""
        for line in reversed(self._text.splitlines()):
            for mark in _MARKS:
                if mark in line:
                    return shown(line.split(mark, 1)[1].rstrip("."), _LONGEST_REASON)
        for line in reversed(self._text.splitlines()):
            if "failed to " in line:
                return shown(line[line.index("failed to ") :].rstrip("."), _LONGEST_REASON)
        return phrase("it gave no reason")
