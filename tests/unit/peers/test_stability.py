"""Draws rank candidates only; the shares are those of ranking everyone, and draws may be made in parts."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.peers import stability as module
from functions.peers.nearest import Representatives, Texts, nearest
from functions.peers.stability import stability, stayed
from tests.support.groups_of import recipe

RECIPES: list[dict[str, Any]] = [
    {}, {"distance": "cityblock"}, {"distance": "sqeuclidean"}, {"combine": "sum"}, {"missing": "median"},
    {"combine": "sum", "distance": "cityblock"}, {"mutual": True, "k": 6}, {"k": 40},
    {"parts": True}, {"parts": True, "distance": "sqeuclidean"}, {"parts": True, "combine": "sum"},
    {"within": "d.kind"}, {"within": "d.kind", "scale_among": "within"},
    {"prefer": {"measure": "d.kind", "among": 12}}, {"transform": "log1p", "cap": 2.0}, {"scale": "range"},
]  # fmt: skip


@pytest.mark.parametrize("settings_of", RECIPES, ids=str)
@settings(max_examples=6)
@given(
    seed=st.integers(0, 2**32), n=st.integers(1, 60), noise=st.sampled_from([0.001, 0.01, 0.2]), merged=st.booleans()
)
def test_shares_are_those_of_ranking_everyone(
    settings_of: dict[str, Any], seed: int, n: int, noise: float, merged: bool
) -> None:
    random = np.random.default_rng(seed)
    about = dict(settings_of)
    each = {name: about.pop(name) for name in ("transform", "cap", "scale") if name in about}
    parts = [{"part": "ab"[nth % 2]} for nth in range(4)] if about.pop("parts", False) else [{}] * 4
    group = recipe(
        [{**each, **part, "weight": 1 + nth} for nth, part in enumerate(parts)],
        **{"k": 3, **about, "stability": {"draws": 7, "noise": noise, "seed": seed % 5}},
    )
    matrix = np.exp(random.normal(0, 1, (n, 4))).round(1)
    matrix[random.random((n, 4)) < 0.15] = np.nan
    kinds = random.integers(-1, 3, n)
    texts = Texts(kinds if group.within else None, (kinds,) if group.prefer else ())
    named = Representatives.itself(n)
    if merged and n > 3:  # the last is listed as the first
        named = Representatives(np.r_[np.arange(n - 1), 0][:, None], np.c_[np.arange(n), np.r_[np.arange(n - 1), 0]])
    neighbours = nearest(matrix, group, named, texts)
    shares = stability(matrix, group, neighbours, named, texts)
    halves = [stayed(matrix, group, neighbours, named, texts, part) for part in (range(3), range(3, 7))]
    np.testing.assert_array_equal(shares, sum(halves) / 7)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "candidates", lambda *_: None)  # so that everyone is ranked
        np.testing.assert_array_equal(shares, stability(matrix, group, neighbours, named, texts))


def test_a_draw_measures_few_of_many(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(1)
    matrix = random.uniform(1, 2, (400, 2))
    group = recipe([{}, {}], k=5, stability={"draws": 3, "noise": 0.001})
    sizes = []
    genuine = module.ranked_among
    monkeypatch.setattr(
        module, "ranked_among", lambda known, *more: sizes.append(len(known.column)) or genuine(known, *more)
    )
    stability(matrix, group, nearest(matrix, group))
    assert len(sizes) == 3
    assert max(sizes) < 400 * 20  # of 400 × 399 pairs
