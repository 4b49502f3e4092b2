"""Write the model card of the bundled starter from its three runs, its evaluation and its export.

python -m tools.starter.card BASE_RUN CHAT_RUN SETTLED_RUN EVALUATION.json EXPORT.json OUT.md

EVALUATION.json and EXPORT.json: the `Finished` event, or its stats alone, of `seedling evaluate starter --task card`
and of `seedling export … --check`, both with --json. A figure that is not there is named as missing.
"""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeGuard

from engine import files
from engine.errors import EngineError, from_os_error
from engine.training.card import curve_table, data_sentence, results
from engine.training.markdown import duration_text, plain, table
from engine.training.run import Run, read_journal
from tools.starter.corpora import HELD_OUT_ONE_IN

Json = dict[str, Any]


class Source(NamedTuple):
    """Something the starter has learnt from."""

    name: str
    licence: str
    credit: str
    learnt_by: str
    dataset: str = ""  # its name among data sets, for the front matter


SOURCES = (
    Source(
        "TinyStories",
        "CDLA-Sharing-1.0",
        "Ronen Eldan and Yuanzhi Li, 2023 (arXiv:2305.07759); by GPT-3.5 and GPT-4; quotes and capitals restored",
        "all",
        "TinyStories",
    ),
    Source(
        "Storybooks",
        "CC BY",
        "Pratham Books and African Storybook; each record names its authors; the text alone, without pictures",
        "all",
        "Storybooks",
    ),
    Source(
        "FairytaleQA",
        "Apache-2.0; the tales: public domain",
        "the authors of FairytaleQA: questions and answers by education experts, tales from Project Gutenberg",
        "all",
        "FairytaleQA",
    ),
    Source(
        "Children's books",
        "public domain",
        "texts of Project Gutenberg, prepared by the CLiC project; books with slurs were left out",
        "base",
        "CLiC",
    ),
    Source(
        "Synthetic-Persona-Chat",
        "CC BY 4.0",
        "Google Research; written by a language model; in the later runs, parts that claim no life of a person",
        "all",
        "Synthetic-Persona-Chat",
    ),
    Source(
        "LLMs-from-scratch, instructions",
        "Apache-2.0",
        "Sebastian Raschka, Build a Large Language Model (From Scratch); the short ones about words",
        "chat, settled",
        "LLMs-from-scratch",
    ),
    Source(
        "LLaMA-Factory, identity rows", "Apache-2.0", "the authors of LLaMA-Factory", "chat, settled", "LLaMA-Factory"
    ),
    Source(
        "Exchanges written for Seedling", "Apache-2.0", "about.jsonl beside this card, and generators", "chat, settled"
    ),
)
KINDS = {
    "identity": "greeted, or asked who it is: it gives its right name",
    "where": "asked where something is in Seedling: it names the right page",
    "story": "asked for a little story: the named things occur, at least 97 % of the words are in a word list, it "
    "ends by itself and repeats no line",
    "unknown": "asked what it cannot know: it says so",
}
BACKENDS = {"llama": "llama.cpp", "gpt": "in-house"}
_REPLY = {"backend": str, "seed": int, "kind": str, "prompt": str, "reply": str, "passed": bool, "reasons": list}
RUNS = ("base", "chat", "settled")
SAMPLES = 2  # of each kind, and of each outcome
RECIPE_KEYS = (
    "method", "shape", "layers", "width", "heads", "kv_heads", "feed_forward", "vocabulary", "context", "max_length",
    "batch_size", "steps", "optimizer", "learning_rate", "schedule", "warmup", "weight_decay", "validation_share",
    "precision", "seed",
)  # fmt: skip
BARS = "▁▂▃▄▅▆▇█"

_CARD = """\
---
{front}
---

# Seedling starter

A chat model with {parameters}, grown by Seedling with Seedling{where}.
It is bundled, so that the first message is answered with no network and no download. Its shape is {shape}, its context
{context:,} tokens. `starter-q8_0.gguf` is for llama.cpp; the other files are the same model as a folder, for Seedling's
own GPT and for transformers.

## What it is for, and what not

It tells tiny stories, greets, and says where things are in Seedling. It speaks English only. It knows no facts, does no
sums beyond small ones, and states wrong things with ease. Asked what it cannot know it should say so, and at times does
not. It repeats what its data held, good or bad: old children's books and fairy tales hold the views of their time.
**What it says must not be relied on.** For real work, open a larger model in Seedling.

## How to use it

In Seedling it answers without any setup; in a terminal:

```sh
seedling chat "Tell me a story about a cat."
```

With llama.cpp, which takes the chat template from the file:

```sh
llama-cli -m starter-q8_0.gguf -cnv --temp {temperature}
```

With transformers, in the folder of this card:

```python
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained(".")
model = AutoModelForCausalLM.from_pretrained(".")
messages = [{{"role": "user", "content": "Tell me a story about a cat."}}]
prompt = tokenizer.apply_chat_template(messages, add_generation_prompt=True, return_tensors="pt", return_dict=True)
reply = model.generate(**prompt, max_new_tokens=300, do_sample=True, temperature={temperature})
print(tokenizer.decode(reply[0, prompt["input_ids"].shape[1] :], skip_special_tokens=True))
```

## Figures

{figures}

{bits_per_byte}

## Good and bad samples

{samples}

## Data, licences and credits

{sources}

The weights are under Apache-2.0. One in {held_out} stories, storybooks and fairy tales, chosen by its words alone, was
held out of all runs.

{data}

## Recipes

The base model is trained by [base.toml](base.toml) on the text of `python -m tools.starter.text`. It becomes the chat
model by [chat.toml](chat.toml) on the conversations of `python -m tools.starter.chats`, and meets these once more, at a
gentler rate, by [settle.toml](settle.toml). Their main keys:

{recipes}

## Curves

{curves}

## The export, checked

{export}

## Time and machine

{machines}

The energy used was not measured.
"""


def card(runs: Mapping[str, Run], evaluation: Json, export: Json) -> str:
    """The whole card as Markdown. runs: by their names in RUNS, in this order; the last one is the starter."""
    chat = runs[RUNS[-1]]
    temperature = _figure(evaluation.get("temperature"), "g")
    return _CARD.format(
        front=_front(chat),
        parameters=_parameters(chat.info.get("parameters")),
        where=_where(*runs.values()),
        shape=chat.recipe.shape,
        context=chat.config.context,
        temperature=0.7 if temperature == "missing" else temperature,
        figures=_figures(evaluation),
        bits_per_byte=_bits_per_byte(evaluation.get("bits_per_byte")),
        samples="\n\n".join(_samples(evaluation.get("replies") or [])),
        sources=table(
            ("what", "licence", "credit", "learnt in"),
            ((source.name, source.licence, source.credit, source.learnt_by) for source in SOURCES),
        ),
        held_out=HELD_OUT_ONE_IN,
        data="\n\n".join(_data(name, run) for name, run in runs.items()),
        recipes=table(
            ("key", *runs), ((f"`{key}`", *(_key(run, key) for run in runs.values())) for key in RECIPE_KEYS)
        ),
        curves="\n\n".join(_curve(name, run) for name, run in runs.items()),
        export=_export(export),
        machines=table(
            ("run", "time", "processor", "cores", "memory", "software"),
            (_machine(name, run.info) for name, run in runs.items()),
        ),
    )


def _front(chat: Run) -> str:
    front = {
        "license": "apache-2.0",
        "language": ["en"],
        "library_name": "transformers",
        "pipeline_tag": "text-generation",
        "tags": ["seedling", chat.recipe.shape, "chat", "stories", "gguf", "llama.cpp"],
        "datasets": [source.dataset for source in SOURCES if source.dataset],
    }
    return "\n".join(f"{key}: {json.dumps(value)}" for key, value in front.items())


def _parameters(count: Any) -> str:
    return f"{count / 1e6:.1f} million parameters ({count:,})" if isinstance(count, int) else "missing parameters"


def _where(*runs: Run) -> str:
    cores = max(run.recipe.threads or 0 for run in runs)
    return f" on {cores} CPU cores" if cores and all(run.recipe.device == "cpu" for run in runs) else ""


# --- figures ---------------------------------------------------------------------------------------------------------


def _figures(evaluation: Json) -> str:
    kinds, replies = evaluation.get("kinds") or {}, evaluation.get("replies") or []
    prompts = len({(reply["kind"], reply["prompt"]) for reply in replies})
    seeds = ", ".join(map(str, evaluation.get("seeds") or ())) or "missing"
    asked = (
        f"{prompts or 'Missing'} prompts, seeds {seeds}, temperature {_figure(evaluation.get('temperature'), 'g')}; "
        "`seedling evaluate starter --task card` asks them again. A share is that of the replies that pass."
    )
    head = ("kind", "what passes", "limit", "share", *BACKENDS.values(), "reached")
    return f"{asked}\n\n{table(head, (_kind(name, kinds.get(name) or {}) for name in KINDS))}"


def _kind(name: str, found: Json) -> tuple[str, ...]:
    share, limit = found.get("share"), found.get("limit")
    backends = found.get("backends") or {}
    reached = ("yes" if share >= limit else "**no**") if _is_number(share) and _is_number(limit) else "missing"
    shares = (_figure(value, ".3f") for value in (limit, share, *map(backends.get, BACKENDS)))
    return name, KINDS[name], *shares, reached


def _bits_per_byte(found: Json | None) -> str:
    if not found:
        return "Bits per byte on held-out text: missing, they were not measured."
    model, ngram = found.get("model"), found.get("ngram")
    verdict = ""
    if _is_number(model) and _is_number(ngram):
        verdict = " The model needs fewer." if model < ngram else " **The model does not need fewer.**"
    return (
        f"Bits per byte on {_figure(found.get('documents'), ',')} held-out documents "
        f"({_figure(found.get('bytes'), ',')} bytes): {_figure(model, '.3f')}, against {_figure(ngram, '.3f')} of an "
        f"interpolated 5-gram model of the same text.{verdict}"
    )


def _export(stats: Json) -> str:
    check = stats.get("check")
    if not check:
        return "The figures of `seedling export --check` are missing: the export was not checked."
    return "\n".join((*_parity(check.get("parity") or {}), *_likeness(stats.get("type"), check.get("likeness"))))


def _parity(parity: Json) -> Iterator[str]:
    ties = parity.get("ties")
    yield (
        f"- float32: logits in llama.cpp differ from torch's by {_figure(parity.get('max_logit_difference'), '.1e')} "
        f"at most (limit {_figure(parity.get('limit'), '.1e')}), over {_figure(parity.get('positions'), ',')} positions"
    )
    yield (
        f"- float32: {_figure(parity.get('greedy_tokens'), ',')} greedy tokens are the same, "
        f"{'missing' if ties is None else len(ties)} of them ties"
    )


def _likeness(type: str | None, likeness: Json | None) -> Iterator[str]:
    name = type or "the file"
    if likeness is None:
        yield f"- {name}: the figures of its likeness to the model are missing"
        return
    yield (
        f"- {name}: KL divergence from the model {_figure(likeness.get('mean_kl'), '.1e')} on average, "
        f"{_figure(likeness.get('kl_99'), '.1e')} at the 99th percentile, over "
        f"{_figure(likeness.get('positions'), ',')} positions"
    )
    yield (
        f"- {name}: the same likeliest token in {_figure(likeness.get('same_argmax'), '.1%')}, perplexity "
        f"{_figure(likeness.get('file_perplexity'), '.2f')} instead of {_figure(likeness.get('perplexity'), '.2f')}"
    )


def _figure(value: Any, style: str) -> str:
    return format(value, style) if _is_number(value) else "missing"


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


# --- samples ---------------------------------------------------------------------------------------------------------


def _samples(replies: list[Json]) -> Iterator[str]:
    yield (
        f"Nobody picked these. They are, of each kind, the first {SAMPLES} replies that passed and the first {SAMPLES} "
        "that failed, in the order of seed, then prompt, llama.cpp before in-house, each prompt once, word for word."
    )
    for kind in KINDS:
        yield f"### {kind}"
        for passed, outcome in ((True, "passed"), (False, "failed")):
            found = chosen(replies, kind, passed)
            yield from (_sample(reply, outcome) for reply in found)
            if not found:
                yield f"No reply of this kind {outcome}." if replies else f"Replies that {outcome} are missing."


def chosen(replies: list[Json], kind: str, passed: bool) -> list[Json]:
    """The first replies of this kind and outcome by (seed, prompt, backend), a prompt at most once."""
    found = [reply for reply in replies if reply["kind"] == kind and reply["passed"] is passed]
    first: dict[str, Json] = {}
    for reply in sorted(found, key=lambda one: (one["seed"], one["prompt"], one["backend"] != "llama")):
        first.setdefault(reply["prompt"], reply)
    return list(first.values())[:SAMPLES]


def _sample(reply: Json, outcome: str) -> str:
    reasons = "; ".join(_code(str(reason)) for reason in reply["reasons"])
    said = f"{outcome.capitalize()}{f' ({reasons})' if reasons else ''}, seed {reply['seed']}"
    return f"{said}, {BACKENDS[reply['backend']]}: {_code(reply['prompt'])}\n\n{fenced(reply['reply'])}"


def fenced(text: str) -> str:
    """The text word for word in a block that nothing in it can close."""
    fence = "`" * max(3, _longest_run(text) + 1)
    return f"{fence}text\n{text}\n{fence}"


def _code(text: str) -> str:
    """The text as a code span on one line."""
    line = " ".join(text.split())
    marks, space = "`" * (_longest_run(line) + 1), " " if "`" in line else ""
    return f"{marks}{space}{line}{space}{marks}"


def _longest_run(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)


# --- runs ------------------------------------------------------------------------------------------------------------


def _data(name: str, run: Run) -> str:
    rows = ((plain(file["name"]), f"`{file['sha256']}`") for file in run.info["data"]["files"])
    return f"The {name} run: {data_sentence(run)}\n\n{table(('file', 'sha256'), rows)}"


def _key(run: Run, key: str) -> str:
    value = getattr(run.recipe, key)
    return "missing" if value is None else f"{value:,}" if isinstance(value, int) else str(value)


def _curve(name: str, run: Run) -> str:
    metrics = read_journal(run.folder / "metrics.jsonl")
    finished = run.info.get("state") == "done"
    parts = [
        f"### {name}",
        results(run.info) if finished else "The run is not finished: its final figures are missing.",
        curve_table(metrics).strip() or "No evaluation was written down: the curve is missing.",
    ]
    if line := sparkline([one["val_loss"] for one in metrics if _is_number(one.get("val_loss"))]):
        parts.insert(2, f"Held-back loss at every evaluation: `{line}`")
    return "\n\n".join(parts)


def sparkline(values: list[float]) -> str:
    """One bar for each value, from the lowest to the highest of them."""
    if not values:
        return ""
    low, high = min(values), max(values)
    scale = (len(BARS) - 1) / (high - low) if high > low else 0.0
    return "".join(BARS[round((value - low) * scale)] for value in values)


def _machine(name: str, info: Json) -> tuple[str, ...]:
    hardware, versions, seconds = info.get("hardware") or {}, info.get("versions") or {}, info.get("seconds")
    memory = hardware.get("memory")
    return (
        name,
        duration_text(seconds) if _is_number(seconds) else "missing",
        plain(hardware.get("processor") or "missing"),
        _figure(hardware.get("cores"), "d"),
        f"{memory / 1e9:.0f} GB" if _is_number(memory) else "missing",
        f"torch {versions.get('torch', 'missing')}, Seedling {versions.get('seedling', 'missing')}",
    )


# --- the command -----------------------------------------------------------------------------------------------------


def main(folders: Sequence[Path], evaluation: Path, export: Path, out: Path) -> None:
    """Raises EngineError where a run or a file cannot be read; `out` is then as it was."""
    found = _stats(evaluation)
    for number, reply in enumerate(found.get("replies") or (), 1):
        if wrong := _wrong(reply):
            raise EngineError("bad_json", place=str(evaluation), reason=f"reply {number} has no valid `{wrong}`")
    runs = {name: Run.open(folder) for name, folder in zip(RUNS, folders, strict=True)}
    text = card(runs, found, _stats(export))
    files.write_bytes(out, text.encode("utf-8", "replace"))  # a reply may hold half a surrogate pair


def _stats(path: Path) -> Json:
    """The stats of a `Finished` event, in the event or alone."""
    try:
        value = json.loads(path.read_bytes())
    except OSError as error:
        raise from_os_error(error) from error
    except ValueError as error:
        raise EngineError("bad_json", place=str(path), reason=str(error)) from error
    stats = value.get("stats") if isinstance(value, dict) and "event" in value else value
    if not isinstance(stats, dict):
        raise EngineError("bad_json", place=str(path), reason="it is not what a job finished with")
    return stats


def _wrong(reply: Any) -> str | None:
    """The first key of a reply whose value is absent or not one that the card can show."""
    found = reply if isinstance(reply, dict) else {}
    for key, kind in _REPLY.items():
        if not isinstance(found.get(key), kind):
            return key
    return "kind" if found["kind"] not in KINDS else "backend" if found["backend"] not in BACKENDS else None


if __name__ == "__main__":
    if len(sys.argv) != 4 + len(RUNS):
        sys.exit(__doc__)
    *folders, evaluation, export, out = map(Path, sys.argv[1:])
    try:
        main(folders, evaluation, export, out)
    except EngineError as error:
        sys.exit(str(error))
