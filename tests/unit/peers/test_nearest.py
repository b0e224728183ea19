"""Nearest neighbours against a slow oracle, and the laws they keep."""

import os
import subprocess
import sys
import tracemalloc
from collections.abc import Mapping, Sequence
from itertools import pairwise, product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.peers import candidates as candidates_module
from functions.peers import distances
from functions.peers import stability as stability_module
from functions.peers.distances import between, ranked
from functions.peers.nearest import Neighbours, Representatives, Texts, nearest, scaled
from functions.peers.stability import stability
from shared.method.peer_groups import NearestGroup
from tests.oracles import nearest as oracle
from tests.support.groups_of import recipe
from tests.support.paths import CHECKOUT

NAMES = "ABCDEFGHIJKL"


def matrix(rows: Sequence[oracle.Row]) -> np.ndarray[Any, Any]:
    return np.array([[np.nan if value is None else value for value in row] for row in rows], dtype=float)


def standing(codes: str, stands_for: Mapping[str, str]) -> tuple[str, Representatives]:
    named = {code: stands_for.get(code, code) for code in codes}
    listed = "".join(sorted(set("".join(named.values()))))
    named_as = np.array([[listed.index(new) for new in news] + [-1] * (2 - len(news)) for news in named.values()])
    itself = np.array([[listed.find(code)] for code in codes])
    return listed, Representatives(named_as, np.hstack([itself, named_as]))


def listed(found: Neighbours, row: int, names: str) -> list[oracle.Peer]:
    mine = np.flatnonzero(found.row == row)
    assert found.rank[mine].tolist() == list(range(1, len(mine) + 1))
    return [
        oracle.Peer(
            names[found.peer[at]],
            float(found.distance[at]),
            int(found.variables_used[at]),
            {j: float(share) for j, share in enumerate(found.contributions[at]) if not np.isnan(share)},
            "runner_up" if found.runner_up[at] else "one_sided" if found.one_sided[at] else "peer",
        )
        for at in mine
    ]


def stated(codes: str, types: str) -> dict[str, str]:
    return {code: text for code, text in zip(codes, types, strict=True) if text != " "}


def texts(types: str | None, preferred: Sequence[str] = ()) -> Texts:
    """Texts of one letter, a blank for none, as numbers."""

    def numbers(letters: str) -> Any:
        return np.array([" xyz".index(each) - 1 for each in letters])

    return Texts(None if types is None else numbers(types), tuple(numbers(each) for each in preferred))


def assert_agrees(
    rows: Sequence[oracle.Row],
    group: NearestGroup,
    stands_for: Mapping[str, str],
    types: str | None = None,
    preferred: Sequence[str] = (),
) -> None:
    """Same distances rank by rank; same trusts too, wherever no two of the distances are all but equal."""
    codes = NAMES[: len(rows)]
    names, who = standing(codes, stands_for)
    found = nearest(matrix(rows), group, who, texts(types, preferred))
    held = dict(zip(codes, rows, strict=True))
    attribute = None if types is None else stated(codes, types)
    prefers = [stated(codes, each) for each in preferred]
    for row, code in enumerate(codes):
        expected = oracle.neighbours(held, group, lambda each: stands_for.get(each, each), attribute, prefers)[code]
        got = listed(found, row, names)
        apart = oracle.separations(held, group, code, attribute)
        if any(b - a <= 1e-9 * max(b, 1e-3) for a, b in pairwise(apart)):
            if not stands_for and not preferred:
                assert [each.distance for each in got] == pytest.approx([each.distance for each in expected], abs=1e-6)
            continue
        assert [(each.code, each.used, each.role) for each in got] == [(e.code, e.used, e.role) for e in expected]
        for mine, theirs in zip(got, expected, strict=True):
            assert mine.distance == pytest.approx(theirs.distance, rel=1e-9, abs=1e-9)
            assert mine.shares == pytest.approx(theirs.shares, rel=1e-6, abs=1e-9)


SUCCESSIONS: list[dict[str, str]] = [{}, {"A": "B", "C": "Z"}, {"B": "YZ", "D": "Z", "E": "A"}]
COMBINATIONS = product(
    ("none", "log1p", "sqrt"), (None, 1.2), ("zscore", "range", "none"), ("euclidean", "cityblock"),
    ("available", "zero", "mean", "median"), (True, False), SUCCESSIONS,
)  # fmt: skip


def test_every_combination_of_settings_agrees_with_the_oracle() -> None:
    random = np.random.default_rng(7)
    for transform, cap, scale, distance, missing, refill, stands_for in COMBINATIONS:
        values = random.normal(2, 3, (10, 3))
        rows = [[None if random.random() < 0.15 else float(value) for value in row] for row in values]
        group = recipe(
            [
                {"transform": transform, "cap": cap, "scale": scale},
                {"scale": scale, "weight": 2.5},
                {"transform": transform, "weight": 0.5},
            ],
            distance=distance, missing=missing, k=3, runners_up=2,
            successors={"rule": "dated", "refill": refill},
        )  # fmt: skip
        assert_agrees(rows, group, stands_for)


SETTINGS = product(
    ("after", "before"), ("both", "upper"), ("population", "sample"), ("mean", "sum"),
    ("euclidean", "sqeuclidean", "cityblock"), (None, "pq", "ppq"), (False, True), ("all", "within"), (False, True),
)  # fmt: skip


def test_every_combination_of_the_settings_of_other_systems_agrees_with_the_oracle() -> None:
    random = np.random.default_rng(5)
    for number, (when, side, deviation, combine, distance, parts, mutual, among, prefers) in enumerate(SETTINGS):
        values = random.lognormal(1, 1, (11, 3))
        rows = [[None if random.random() < 0.1 else float(value) for value in row] for row in values]
        cap = {"cap": 1.1, "cap_when": when, "cap_side": side}
        variables: list[dict[str, Any]] = [
            {"transform": "sqrt", **cap},
            {"transform": "log1p", "weight": 2.5, **cap},
            {"scale": "range", "weight": 0.5, "cap": 1.3, "cap_side": side},
        ]
        for variable, part in zip(variables, parts[:2] + parts[-1] if parts else (), strict=bool(parts)):
            variable["part"] = part
        group = recipe(
            variables, deviation=deviation, combine=combine, distance=distance, k=3, runners_up=2, mutual=mutual,
            missing=("available", "median")[number % 2], within="d.kind", scale_among=among,
            prefer={"measure": "d.region", "among": 5, "then": [{"measure": "d.size"}]} if prefers else None,
        )  # fmt: skip
        letters = ["".join(random.choice(list(" xyz"), 11)) for _ in range(2)] if prefers else []
        assert_agrees(rows, group, {}, "xxxxxxxyyyy", letters)


VALUES = st.one_of(st.none(), st.integers(-5, 50).map(float), st.floats(-1000, 1000).map(lambda x: round(x, 2)))


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[list[float | None]], NearestGroup, dict[str, str], str | None, list[str]]:
    n, m = draw(st.integers(1, 9)), draw(st.integers(1, 4))
    rows = draw(st.lists(st.lists(VALUES, min_size=m, max_size=m), min_size=n, max_size=n))
    variable = st.fixed_dictionaries(
        {
            "transform": st.sampled_from(("none", "log1p", "sqrt")),
            "cap": st.sampled_from((0.5, 1.0, 3.0)),
            "cap_when": st.sampled_from(("after", "before")),
            "cap_side": st.sampled_from(("both", "upper")),
            "scale": st.sampled_from(("zscore", "range", "none")),
            "weight": st.sampled_from((0.5, 1.0, 2.0)),
        }
    )
    uncapped = st.fixed_dictionaries(
        {"transform": st.sampled_from(("none", "log1p")), "scale": st.sampled_from(("zscore", "range", "none"))}
    )
    variables = draw(st.lists(variable | uncapped, min_size=m, max_size=m))
    for one, part in zip(variables, draw(st.none() | st.text("pq", min_size=m, max_size=m)) or "", strict=False):
        one["part"] = part
    k, refill, prefers = draw(st.integers(1, 12)), draw(st.booleans()), draw(st.booleans())
    types = draw(st.none() | st.text(" xy", min_size=n, max_size=n))
    group = recipe(
        variables,
        distance=draw(st.sampled_from(("euclidean", "sqeuclidean", "cityblock"))),
        combine=draw(st.sampled_from(("mean", "sum"))),
        deviation=draw(st.sampled_from(("population", "sample"))),
        mutual=draw(st.booleans()),
        within="d.kind" if types else None,
        scale_among=draw(st.sampled_from(("all", "within"))) if types else "all",
        prefer={"measure": "d.region", "among": k + draw(st.integers(1, 3))} if prefers else None,
        missing=draw(st.sampled_from(("available", "zero", "mean", "median"))),
        k=k,
        runners_up=draw(st.integers(0, 3)),
        successors={"rule": "dated", "refill": refill or prefers},
    )
    letters = [draw(st.text(" xy", min_size=n, max_size=n))] if prefers else []
    codes = NAMES[:n]
    stands_for = {c: s for c, s in draw(st.sampled_from(SUCCESSIONS)).items() if c in codes}
    return rows, group, stands_for, types, letters


@settings(max_examples=150, deadline=None)
@given(cases())
def test_random_trusts_agree_with_the_oracle(case: tuple[Any, ...]) -> None:
    assert_agrees(*case)


PLAIN = {"scale": "none"}


def codes_of(found: Neighbours, row: int, names: str = NAMES) -> str:
    return "".join(each.code for each in listed(found, row, names))


def test_equal_distances_stand_in_order_of_code() -> None:
    found = nearest(matrix([[0], [1], [-1], [1], [0]]), recipe([PLAIN], k=3, runners_up=1))
    assert codes_of(found, 0) == "EBCD"


def test_a_split_at_the_last_place_takes_the_first_code_only_when_refilled() -> None:
    names, who = standing("ABC", {"C": "YZ"})
    refilled, replaced = (
        nearest(
            matrix([[0], [1], [2]]),
            recipe([PLAIN], k=2, runners_up=1, successors={"rule": "dated", "refill": refill}),
            who,
        )
        for refill in (True, False)
    )
    assert [(each.code, each.role) for each in listed(refilled, 0, names)] == [
        ("B", "peer"), ("Y", "peer"), ("Z", "runner_up"),
    ]  # fmt: skip
    assert [(each.code, each.role) for each in listed(replaced, 0, names)] == [
        ("B", "peer"), ("Y", "peer"), ("Z", "peer"),
    ]  # fmt: skip


def test_exactly_half_the_weight_is_enough_and_less_is_not() -> None:
    rows = matrix([[0, 0, 0], [3, None, 4], [None, None, 5]])
    found = nearest(rows, recipe([PLAIN, PLAIN, {**PLAIN, "weight": 1.0}], k=2))
    assert codes_of(found, 0) == "B"
    found = nearest(rows, recipe([PLAIN, PLAIN, {**PLAIN, "weight": 2.0}], k=2))
    assert codes_of(found, 0) == "BC"


def test_half_of_the_weight_is_half_however_the_weights_are_rounded() -> None:
    weights = (0.1, 0.6, 0.4, 0.3)  # as floating point numbers, 0.1 + 0.6 is less than half of their sum
    rows = matrix([[0, 0, 0, 0], [1, 1, None, None]])
    found = nearest(rows, recipe([{**PLAIN, "weight": weight} for weight in weights], k=1))
    assert codes_of(found, 0) == "B"


def test_a_variable_without_spread_counts_nothing_though_its_mean_is_rounded() -> None:
    rows = matrix([[0.1, 0], [0.1, 1], [0.1, 3], [None, 2]])
    for missing in ("available", "mean", "median"):
        found = nearest(rows, recipe([{}, PLAIN], k=3, missing=missing))
        assert np.nan_to_num(found.contributions[:, 0]).tolist() == [0.0] * 12
        assert codes_of(found, 0)[0] == "B"


def test_identical_trusts_are_each_others_nearest_at_distance_nought() -> None:
    found = nearest(matrix([[4, 2], [4, 2], [9, 9]]), recipe([{}, {}]))
    assert codes_of(found, 0) == "BC"
    assert found.distance[0] == 0
    assert found.contributions[0].tolist() == [0.0, 0.0]


@pytest.mark.parametrize("distance", ["euclidean", "cityblock"])
@pytest.mark.parametrize("missing", [0.0, 0.05])
def test_blocks_chunks_and_pieces_of_products_change_nothing(
    monkeypatch: pytest.MonkeyPatch, distance: str, missing: float
) -> None:
    random = np.random.default_rng(3)
    rows = random.normal(size=(700, 4))
    rows[random.random(rows.shape) < missing] = np.nan
    rows[:60] = rows[60:120]  # ties
    group = recipe([{}, {"weight": 2.0}, {}, {}], distance=distance)
    points = scaled(rows, group)
    expected = by_ordering_everything(points, group, 12)
    for pairs, chunks, at_once in [(2**19, 256, 2**18), (5000, 16, 2**18), (100_000, 1, 1), (1, 40, 50_000)]:
        monkeypatch.setattr(distances, "PAIRS_AT_ONCE", pairs)
        monkeypatch.setattr(distances, "_CHUNKS", chunks)
        monkeypatch.setattr(distances, "_ONE_THREAD", at_once)
        monkeypatch.setattr(distances, "_CITY_BLOCKS_AT_ONCE", at_once)
        assert ranked(points, group, 12, None, np.arange(700)).near.tolist() == expected


def by_ordering_everything(points: Any, group: NearestGroup, depth: int) -> list[list[int]]:
    n = len(points)
    lists = []
    for row in range(n):
        _, distance = between(points, group, np.full(n, row), np.arange(n))
        order = sorted((far, other) for other, far in enumerate(distance.tolist()) if other != row and far < np.inf)
        lists.append(([other for _, other in order] + [-1] * depth)[:depth])
    return lists


@pytest.mark.parametrize("missing", [0.0, 0.1])
def test_differences_that_a_matrix_product_would_lose_still_count(missing: float) -> None:
    random = np.random.default_rng(11)
    near = random.integers(0, 10_000, size=(300, 2)) * 2.0**-24
    points = np.vstack([near, near + 2.0**27])  # squares of 1e-4 beside squares of 1e8
    points[random.random(points.shape) < missing] = np.nan
    group = recipe([PLAIN, PLAIN])
    found = ranked(points, group, 10, None, np.arange(600)).near
    assert found.tolist() == by_ordering_everything(points, group, 10)


def test_lists_that_shrink_are_filled_from_further_down_the_ranking() -> None:
    codes = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    names, who = standing(codes, dict.fromkeys(codes[1:20], "Z"))  # B to T are one trust by now
    rows = np.arange(26.0)[:, None]
    group = recipe([PLAIN], k=3, runners_up=1, successors={"rule": "dated"})
    assert codes_of(nearest(rows, group, who), 0, names) == "ZUVW"
    few = recipe([PLAIN], k=20, runners_up=1, successors={"rule": "dated"})
    assert codes_of(nearest(rows, few, who), 0, names) == "ZUVWXY"


def test_memory_does_not_grow_with_all_pairs_at_once() -> None:
    rows = np.random.default_rng(0).normal(size=(6000, 12))
    tracemalloc.start()
    try:
        nearest(rows, recipe([{}] * 12))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 60 * 2**20  # all pairs at once are 275 MiB


def test_everything_works_for_one_trust_alone_and_for_nobody_comparable() -> None:
    for rows in ([[1.0]], [[1.0], [np.nan]]):
        group = recipe([{}], k=3)
        found = nearest(np.array(rows), group)
        assert [len(column) for column in found] == [0] * 9
        assert len(stability(np.array(rows), group, found)) == 0


@given(st.permutations(range(9)), st.integers(0, 2**32))
def test_the_order_of_trusts_only_renames_them(order: list[int], seed: int) -> None:
    rows = np.random.default_rng(seed).normal(size=(9, 3))
    group = recipe([{}] * 3, k=4)
    before, after = nearest(rows, group), nearest(rows[order], group)
    for row, was in enumerate(order):
        assert [order[peer] for peer in after.peer[after.row == row]] == before.peer[before.row == was].tolist()


@given(st.floats(1e-3, 1e3), st.sampled_from(("zscore", "range")), st.integers(0, 2**32))
def test_the_unit_of_a_scaled_variable_does_not_matter(factor: float, scale: str, seed: int) -> None:
    rows = np.random.default_rng(seed).normal(size=(9, 3))
    group = recipe([{"scale": scale}] * 3, k=4)
    before, after = nearest(rows, group), nearest(rows * [factor, 1, 1], group)
    np.testing.assert_array_equal(before.peer, after.peer)
    np.testing.assert_allclose(before.distance, after.distance)


def plain_stability(
    rows: Any,
    group: NearestGroup,
    stands_for: Mapping[str, str],
    attribute: Mapping[str, str] | None = None,
    preferred: Sequence[Mapping[str, str]] = (),
) -> dict[tuple[str, str], float]:
    """Draw by draw through the oracle; only the draws themselves are numpy's."""
    codes = NAMES[: len(rows)]
    random = np.random.default_rng(group.stability.seed)
    stayed: dict[tuple[str, str], int] = {}
    for _ in range(group.stability.draws):
        noisy = rows * (1 + group.stability.noise * random.standard_normal(rows.shape))
        held = {
            code: [None if np.isnan(value) else float(value) for value in row]
            for code, row in zip(codes, noisy, strict=True)
        }
        lists = oracle.neighbours(held, group, lambda each: stands_for.get(each, each), attribute, preferred)
        for code, peers in lists.items():
            for peer in peers:
                if peer.role == "peer":
                    stayed[code, peer.code] = stayed.get((code, peer.code), 0) + 1
    return {pair: times / group.stability.draws for pair, times in stayed.items()}


@pytest.mark.parametrize("refill", [True, False])
@pytest.mark.parametrize("stands_for", SUCCESSIONS)
def test_stability_is_how_often_a_peer_stays_under_noise(stands_for: dict[str, str], refill: bool) -> None:
    rows = np.random.default_rng(11).normal(5, 1, (10, 3))
    rows[2, 1] = np.nan
    rows[6:9] = 0.0  # identical whatever the noise: only the code tells them apart
    group = recipe([{}] * 3, k=3, stability={"draws": 60, "noise": 0.1}, successors={"rule": "dated", "refill": refill})
    names, who = standing(NAMES[:10], stands_for)
    found = nearest(rows, group, who)
    expected = plain_stability(rows, group, stands_for)
    got = stability(rows, group, found, who)
    pairs = [(NAMES[row], names[peer]) for row, peer in zip(found.row, found.peer, strict=True)]
    assert got.tolist() == [expected.get(pair, 0.0) for pair in pairs]
    assert 0 < got.min() < 1 or stands_for or (got < 1).any()


@pytest.mark.parametrize(
    "given",
    [
        {"mutual": True},
        {"prefer": {"measure": "d.region", "among": 6}},
        {"prefer": {"measure": "d.region", "among": 7}, "mutual": True, "deviation": "sample"},
        {"within": "d.kind", "scale_among": "within", "distance": "sqeuclidean", "combine": "sum"},
    ],
)
def test_stability_goes_by_the_list_that_the_settings_make(given: dict[str, Any]) -> None:
    rows = np.random.default_rng(4).normal(5, 1, (10, 3))
    types, regions = "xxxxxxyyyy" if "within" in given else None, "xyxyxxyyzx" if "prefer" in given else None
    group = recipe(
        [{"cap": 1.5, "cap_when": "before", "cap_side": "upper", "transform": "sqrt", "part": part} for part in "ppq"],
        k=3, stability={"draws": 60, "noise": 0.1}, **given,
    )  # fmt: skip
    codes = NAMES[:10]
    numbers = texts(types, [regions] if regions else [])
    found = nearest(rows, group, None, numbers)
    expected = plain_stability(
        rows, group, {}, None if types is None else stated(codes, types), [stated(codes, regions)] if regions else []
    )
    pairs = [(codes[row], codes[peer]) for row, peer in zip(found.row, found.peer, strict=True)]
    assert stability(rows, group, found, None, numbers).tolist() == [expected.get(pair, 0.0) for pair in pairs]
    assert 0 < min(expected.values()) < 1
    assert found.one_sided.any() == group.mutual


@pytest.mark.parametrize("missing", [0.0, 0.1])
def test_stability_is_the_same_to_the_last_draw_whatever_the_blocks(
    monkeypatch: pytest.MonkeyPatch, missing: float
) -> None:
    rows = np.random.default_rng(2).normal(5, 1, (150, 5))
    rows[np.random.default_rng(3).random(rows.shape) < missing] = np.nan
    group = recipe([{}, {"scale": "range"}, {"transform": "log1p"}, {"cap": 1.5}, {"weight": 2.0}])
    found = nearest(rows, group)
    expected = stability(rows, group, found).tolist()
    assert 0 < sum(expected) < len(expected)
    for draws_at_once, pairs in [(1, 2**19), (7, 1000), (200, 2**19)]:
        monkeypatch.setattr(stability_module, "_VALUES_AT_ONCE", draws_at_once * rows.size)
        monkeypatch.setattr(candidates_module, "PAIRS_AT_ONCE", pairs)
        monkeypatch.setattr(candidates_module, "_MEASURED_AT_ONCE", pairs)
        monkeypatch.setattr(distances, "PAIRS_AT_ONCE", pairs)
        assert stability(rows, group, found).tolist() == expected


def test_the_number_of_threads_changes_no_digit() -> None:
    program = (
        "import hashlib, numpy as np\n"
        "from functions.peers.nearest import nearest\n"
        "from functions.peers.stability import stability\n"
        "from tests.support.groups_of import recipe\n"
        "rows = np.random.default_rng(1).normal(5, 1, (1500, 12))\n"
        "group = recipe([{}] * 12, stability={'draws': 3})\n"
        "found = nearest(rows, group)\n"
        "arrays = [*found, stability(rows, group, found)]\n"
        "print(hashlib.sha256(b''.join(array.tobytes() for array in arrays)).hexdigest())\n"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", program], env={**os.environ, "OPENBLAS_NUM_THREADS": threads}, cwd=CHECKOUT,
            capture_output=True, check=True, text=True,
        ).stdout
        for threads in ("1", "2", "5")
    }  # fmt: skip
    assert len(told) == 1
