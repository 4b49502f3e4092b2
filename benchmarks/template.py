"""How long the template process takes for one rendering: `python benchmarks/template.py [TEMPLATE.jinja ...]`.

One at a time as a chat does, and together as training does. Limit: a median below 2 ms. Without arguments a ChatML
template is used; a folder stands for all templates in it.
"""

from __future__ import annotations

import sys
from pathlib import Path
from statistics import median
from time import perf_counter

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from engine.chat.messages import Message
from engine.chat.templates import Rendering, TemplateRenderer
from engine.errors import EngineError

RENDERINGS = 200
CHATML = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
CONVERSATION = [
    Message(role, f"{role} says something of ordinary length. " * 10) for role in ["user", "assistant"] * 10
]


def main(arguments: list[str]) -> None:
    paths = [path for name in arguments for path in (sorted(Path(name).glob("*.jinja")) or [Path(name)])]
    templates = {path.name: path.read_text(encoding="utf-8") for path in paths} or {"ChatML": CHATML}
    renderer = TemplateRenderer()
    started = perf_counter()
    renderer.render("", [])
    print(f"start of the process: {1000 * (perf_counter() - started):.0f} ms")
    for name, template in templates.items():
        try:
            first_ms, median_ms = measure(renderer, template)
            together_ms = measure_together(renderer, template)
            times = f"median of {RENDERINGS} {median_ms:6.3f} ms, together {together_ms:6.3f} ms each"
            print(f"{name:60} first {first_ms:7.2f} ms, {times}")
        except EngineError as error:
            print(f"{name:60} {error}")
    renderer.close()


def measure(renderer: TemplateRenderer, template: str) -> tuple[float, float]:
    """Milliseconds of the first rendering, which compiles the template, and the median of those after it."""
    times = []
    for _ in range(RENDERINGS + 1):
        started = perf_counter()
        renderer.render(template, [*CONVERSATION, Message("user", "And now?")], bos_token="<s>", eos_token="</s>")
        times.append(1000 * (perf_counter() - started))
    return times[0], median(times[1:])


def measure_together(renderer: TemplateRenderer, template: str) -> float:
    """Milliseconds of one rendering where many are asked for at once."""
    started = perf_counter()
    answers = renderer.render_all(template, [Rendering(CONVERSATION, False)] * RENDERINGS, eos_token="</s>")
    for answer in answers:
        if isinstance(answer, EngineError):
            raise answer
    return 1000 * (perf_counter() - started) / RENDERINGS


if __name__ == "__main__":
    main(sys.argv[1:])
