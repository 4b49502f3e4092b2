"""The model card: what a trained model was made from, how, how well it does, and what not to expect of it."""

from __future__ import annotations

import json
from typing import Any

from engine.training.methods import method_of
from engine.training.recipe import to_toml
from engine.training.run import Run

_HUB_LICENCES = {"apache-2.0", "mit", "cc-by-4.0", "cc-by-sa-4.0", "cc0-1.0", "bsd-3-clause", "cdla-sharing-1.0"}
# Where things lie on the machine that trained is nobody else's business.
_PRIVATE = ("data", "model", "out")


_CARD = """\
---
{front}
---

# {name}

A {shape} model with {parameters:,} parameters and a context of {context:,} tokens, made with Seedling ({method}).

## Data

{data}

| file | sha256 |
|---|---|
{files}

{licence}## Results

{results}

{curve}## Limits

A small model. It has seen {seen}, knows few facts, states wrong ones with ease, and repeats what its data
held, good or bad. Do not rely on what it says.

## Recipe

```toml
{recipe}
```

Trained in {duration} on {processor} with torch {torch}, Seedling {seedling}.
"""


def model_card(run: Run, metrics: list[dict[str, Any]]) -> str:
    """README.md of the model folder. metrics: the lines of metrics.jsonl."""
    recipe, info, method = run.recipe, run.info, method_of(run.recipe)
    licence = (recipe.licence or "").lower()
    front = {
        "library_name": "transformers",
        "pipeline_tag": method.pipeline,
        "license": licence if licence in _HUB_LICENCES else "other",
        "tags": ["seedling", recipe.shape, recipe.method],
    }
    about = [f"Licence of the model: {plain(recipe.licence)}"] if recipe.licence else []
    about += [recipe.credits.strip()] if recipe.credits else []
    return _CARD.format(
        front="\n".join(f"{key}: {json.dumps(value)}" for key, value in front.items()),
        name=plain(recipe.name),
        shape=recipe.shape,
        parameters=info["parameters"],
        context=run.config.context,
        method=recipe.method,
        data=data_sentence(run),
        files="\n".join(f"| {plain(file['name'])} | `{file['sha256']}` |" for file in info["data"]["files"]),
        licence="".join(f"{paragraph}\n\n" for paragraph in about),
        results=results(info),
        curve=curve_table(metrics),
        seen="these files and what its parent model had seen" if info["parent"] else "these files and nothing else",
        recipe=to_toml(recipe, without=_PRIVATE).rstrip(),
        duration=duration_text(info.get("seconds", 0.0)),
        processor=info["hardware"]["processor"],
        **{name: info["versions"][name] for name in ("torch", "seedling")},
    )


def data_sentence(run: Run) -> str:
    return method_of(run.recipe).counted(run.info["data"])


def results(info: dict[str, Any]) -> str:
    if info.get("best_val_loss") is None:
        return f"{info.get('steps', 0):,} steps; nothing was held back, so the model was not evaluated."
    return (
        f"The weights are those of step {info['best_step']:,} of {info['steps']:,}, "
        f"with a held-back loss of {info['best_val_loss']:.4f}."
    )


def curve_table(metrics: list[dict[str, Any]]) -> str:
    """At most a dozen evaluations, evenly spread, the last among them."""
    scored = [line for line in metrics if "val_loss" in line]
    if not scored:
        return ""
    every = -(-len(scored) // 12)
    rows = scored[::-1][::every][::-1]
    table = ["| step | loss | held-back loss | perplexity | bits per byte |", "|---|---|---|---|---|"]
    for line in rows:
        bits = f"{line['bits_per_byte']:.3f}" if "bits_per_byte" in line else ""
        figures = f"{line['loss']:.4f} | {line['val_loss']:.4f} | {line['perplexity']:.2f} | {bits}"
        table.append(f"| {line['step']} | {figures} |")
    return "\n".join(table) + "\n\n"


def plain(text: str) -> str:
    """Text on one line that cannot open a table cell, a heading or a tag."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def duration_text(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{seconds:.0f} s" if seconds < 120 else f"{minutes} min" if minutes < 120 else f"{minutes / 60:.1f} h"
