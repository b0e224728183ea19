"""Draws of large groups are counted in parts; whoever counted which of them, the groups are the same."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.scale.folder_bucket import FolderClient
from functions.peers import parts
from functions.peers.datasets.known import KnownFacts
from functions.peers.groups import peer_groups
from functions.peers.parts import DrawsPart, StoredGroups, compute_part, planned
from functions.peers.stability import stability
from shared.aws.store import Missing, Store
from shared.content import to_json
from shared.facts.population import Population
from shared.method.load import bundle, load
from shared.method.method import Method
from shared.tables import to_bytes
from tests.support.facts_of import facts_of, known_of
from tests.support.groups_of import method_of, nearest, sizes
from tests.support.paths import METHOD

CODES = [f"R{n:02}" for n in range(40)]
DRAWS = {"draws": 10, "noise": 0.2, "seed": 1}
SMALL = {"draws": 1, "noise": 0.2, "seed": 1}
MOST = 240
"""40 organisations × 10 draws are more than that; a part has 3 draws of them."""


@pytest.fixture
def data(tmp_path: Path) -> Store:
    client: Any = FolderClient(tmp_path)
    return Store("data", client)


@pytest.fixture(autouse=True)
def parts_may_be_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "FEWEST_DRAWS", 2)


@pytest.fixture(scope="module")
def method() -> Method:
    few = method_of(large=nearest(stability=DRAWS), other=nearest(k=3, stability=DRAWS), small=nearest(stability=SMALL))
    return few.model_copy(update={"datasets": load(bundle(METHOD)).datasets})


@pytest.fixture(scope="module")
def facts(method: Method) -> KnownFacts:
    values = np.exp(np.random.default_rng(5).normal(0, 1, len(CODES))).round(3)
    return known_of(facts_of(trust_characteristics=sizes(**dict(zip(CODES, values, strict=True)))), method)


def groups(facts: KnownFacts, method: Method, data: Store | None = None) -> bytes:
    kept = None if data is None else StoredGroups(data, MOST)
    return to_bytes(peer_groups(facts, method, Population(facts, method.programme), kept))


def test_groups_of_counted_parts_are_those_of_counting_all_draws(
    data: Store, facts: KnownFacts, method: Method, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = groups(facts, method)
    items = planned(data, facts, method, MOST)
    assert [(part.start, part.stop) for part in items] == [(0, 3), (3, 6), (6, 9), (9, 10)] * 2  # not of the small one
    assert len({part.counts for part in items}) == 8
    assert len(to_json([part.model_dump() for part in items])) < 3_000
    for part in reversed(items[1:]):
        compute_part(data, DrawsPart.model_validate_json(part.model_dump_json()))
    assert planned(data, facts, method, MOST) == items[:1]
    compute_part(data, items[0])
    assert planned(data, facts, method, MOST) == []
    written = data.etag(items[0].counts)
    compute_part(data, items[0])
    assert data.etag(items[0].counts) == written
    with monkeypatch.context() as patch:
        patch.setattr("functions.peers.draws.stayed", None)  # no draw of the large ones is counted again
        patch.setattr("functions.peers.draws.stability", only_small)
        assert groups(facts, method, data) == whole


def test_a_part_has_so_many_draws_that_comparing_all_is_worth_it(
    data: Store, facts: KnownFacts, method: Method, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "FEWEST_DRAWS", 4)
    items = planned(data, facts, method, MOST)
    assert [(part.start, part.stop) for part in items] == [(0, 4), (4, 8), (8, 10)] * 2


def only_small(matrix: Any, recipe: Any, *more: Any) -> Any:
    assert recipe.stability.draws == 1
    return stability(matrix, recipe, *more)


def test_without_some_parts_all_draws_are_counted_here(data: Store, facts: KnownFacts, method: Method) -> None:
    for part in planned(data, facts, method, MOST)[1:]:
        compute_part(data, part)
    assert groups(facts, method, data) == groups(facts, method)
    assert planned(data, facts, method, MOST) == []  # the groups themselves are kept now


def test_a_part_without_its_inputs_is_missing(data: Store) -> None:
    with pytest.raises(Missing):
        compute_part(data, DrawsPart(inputs="draws/x/inputs.zip", counts="draws/x/0-1.npy", start=0, stop=1))
