"""The model card: what a trained model was made from, how, how well it does, and what not to expect of it."""

from __future__ import annotations

import json
from typing import Any

from engine.training.markdown import duration_text, plain, table
from engine.training.methods.table import method_of
from engine.training.recipe import to_toml
from engine.training.run import Run

_HUB_LICENCES = {"apache-2.0", "mit", "cc-by-4.0", "cc-by-sa-4.0", "cc0-1.0", "bsd-3-clause", "cdla-sharing-1.0"}
# Where things lie on the machine that trained is nobody else's business.
_PRIVATE = ("data", "evaluation", "replay", "model", "out")


_CARD = """\
---
{front}
---

# {name}

A {shape} model with {parameters:,} parameters and a context of {context:,} tokens.
Made with Seedling ({method}{parent}).

## Data

{data}

{files}

{licence}## Results

{results}

{curve}{more}## Limits

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
    given = {"model": recipe.licence, "parent": info.get("parent_licence"), "data": recipe.data_licence}
    licence = next((text.lower() for text in given.values() if text), "")
    front = {
        "library_name": "peft" if method.keeps_parent(recipe) else "transformers",
        "pipeline_tag": method.pipeline,
        "license": licence if licence in _HUB_LICENCES else "other",
        "tags": ["seedling", recipe.shape, recipe.method],
    }
    about = [f"Licence of the {name}: {plain(text)}" for name, text in given.items() if text]
    about += [recipe.credits.strip()] if recipe.credits else []
    return _CARD.format(
        front="\n".join(f"{key}: {json.dumps(value)}" for key, value in front.items()),
        name=plain(recipe.name),
        shape=recipe.shape,
        parameters=info["parameters"],
        context=run.config.context,
        method=recipe.method,
        parent=f" from {plain(info['parent_name'])}" if info.get("parent_name") else "",
        data=data_sentence(run),
        files=table(
            ("file", "sha256"), ([plain(file["name"]), f"`{file['sha256']}`"] for file in info["data"]["files"])
        ),
        licence="".join(f"{paragraph}\n\n" for paragraph in about),
        results=results(info),
        curve=curve_table(metrics),
        more="".join(f"{paragraph}\n\n" for paragraph in method.more_results(info)),
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


# The columns of the table of evaluations, as far as the method measures them.
_COLUMNS = {
    "step": ("step", "{}"),
    "loss": ("loss", "{:.4f}"),
    "val_loss": ("held-back loss", "{:.4f}"),
    "perplexity": ("perplexity", "{:.2f}"),
    "bits_per_byte": ("bits per byte", "{:.3f}"),
    "accuracy": ("accuracy", "{:.3f}"),
    "balanced_accuracy": ("balanced accuracy", "{:.3f}"),
    "macro_f1": ("macro F1", "{:.3f}"),
    "val_reward_accuracy": ("preferred", "{:.3f}"),
    "val_reward_margin": ("reward margin", "{:.3f}"),
}


def curve_table(metrics: list[dict[str, Any]]) -> str:
    """At most a dozen evaluations, evenly spread, the last among them."""
    scored = [line for line in metrics if "val_loss" in line]
    if not scored:
        return ""
    every = -(-len(scored) // 12)
    columns = [name for name in _COLUMNS if any(name in line for line in scored)]
    shown = (
        [_COLUMNS[name][1].format(row[name]) if name in row else "" for name in columns]
        for row in scored[::-1][::every][::-1]
    )
    return table([_COLUMNS[name][0] for name in columns], shown) + "\n\n"
