"""Whatever writes to the disk, failed at every call and cut off by every kind of power cut; see tests/faults."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from faults import operations, rig
from faults.guards import GUARDS, Guard
from faults.rig import Rig

operations.load_all()
MOST = 300  # calls, where there are more
pytestmark = rig.needs_preload


@pytest.fixture(scope="module")
def make_rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Rig]]:
    folder = tmp_path_factory.mktemp("rig")
    with rig.program(folder) as program, rig.place(folder) as place:
        yield lambda without: Rig(program, place, without)


@pytest.fixture(scope="module")
def whole(make_rig: Callable[[str], Rig]) -> Rig:
    """With every guard in its place."""
    return make_rig("")


def skip_if_slow(name: str, trials: range) -> None:
    if operations.OPERATIONS[name].slow and len(trials) < MOST:
        pytest.skip("takes minutes: in `make trials`")


@pytest.mark.trial(sample=1, full=MOST)
@pytest.mark.parametrize("way", rig.WAYS)
@pytest.mark.parametrize("name", operations.OPERATIONS)
def test_every_call_may_fail(
    whole: Rig, name: str, way: str, trials: range, record_property: Callable[[str, object], None]
) -> None:
    skip_if_slow(name, trials)
    record_property("trials", whole.fails_at_every_call(name, way, len(trials)))


@pytest.mark.trial(sample=4, full=MOST)
@pytest.mark.parametrize("name", operations.OPERATIONS)
def test_the_power_may_be_cut(whole: Rig, name: str, trials: range) -> None:
    skip_if_slow(name, trials)
    whole.survives_power_cuts(name, len(trials))


@pytest.mark.trial(sample=4, full=MOST)
def test_of_a_disk_that_lies_one_checkpoint_is_whole(whole: Rig, trials: range) -> None:
    whole.survives_power_cuts("checkpoints", len(trials), lies=True)


@pytest.mark.trial(sample=0, full=1)
@pytest.mark.parametrize("guard", GUARDS.values(), ids=GUARDS)
def test_every_guard_is_needed(
    make_rig: Callable[[str], Rig], whole: Rig, guard: Guard, trials: range, home: Path
) -> None:
    """Without it the trial fails. That it passes with it is tried again in `make trials`."""
    if trials:
        guard.trial(whole)
    with pytest.MonkeyPatch.context() as patch:
        guard.take_away(patch)
        without = make_rig(guard.name)
        with pytest.raises(AssertionError):
            guard.trial(without)
