import json, pytest
from window_checks import clipped, untranslated, nameless, text_size, Brackets
from window_states import models_states
from test_translations import DATA


def tell(name, r):
    from pathlib import Path

    Path(f"/tmp/faults_{name}.json").write_text(json.dumps(r, indent=1, ensure_ascii=False))
    assert r == {}


@pytest.mark.parametrize("percent", [100, 150, 200, 300])
@pytest.mark.parametrize("size", [(800, 600), (1600, 1000)])
def test_clip(percent, size, qapp, open_desk):
    with text_size(qapp, percent):
        desk = open_desk()
        desk.window.resize(*size)
        faults = {n: f for n, w in models_states(desk) if (f := clipped(w))}
        assert (desk.window.width(), desk.window.height()) == size
        tell(f"clip{size[0]}_{percent}", faults)


def test_names(desk):
    tell("names", {n: f for n, w in models_states(desk) if (f := nameless(w))})


def test_trans(qapp, open_desk):
    t = Brackets()
    qapp.installTranslator(t)
    desk = open_desk()
    r = {n: f for n, w in models_states(desk) if (f := untranslated(w, DATA))}
    qapp.removeTranslator(t)
    tell("trans", r)
