"""A release's method as it is read again: by the models that judged it, whatever a later build adds."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from shared.method.load import bundle, documents_json, from_documents, parse
from shared.method.method import Method, published
from shared.method.names import Organisation
from shared.method.opportunities import EXPRESSIONS, Opportunity
from shared.method.peer_groups import NearestGroup, everyone
from tests.support.api.programme import METHOD as SMALL
from tests.support.api.programme import OPPORTUNITIES
from tests.support.paths import CHECKOUT, METHOD

KEPT = sorted((CHECKOUT / "tests" / "support" / "published_methods").glob("*.json"))
"""method.json as builds have published it, by the build's number: releases outlive builds, so these stay readable."""


def test_the_shipped_method_is_read_as_it_was_judged() -> None:
    documents = parse(bundle(METHOD))
    judged, read = from_documents(documents), published(json.loads(documents_json(documents)))
    for kind in Method.model_fields:
        assert getattr(read, kind) == getattr(judged, kind), kind
        if kind != "programme":
            assert list(getattr(read, kind)) == sorted(getattr(judged, kind)), kind


@pytest.mark.parametrize("path", KEPT, ids=lambda path: path.stem)
def test_a_method_that_an_earlier_build_published_is_still_read(path: Path) -> None:
    method = published(json.loads(path.read_text("utf-8")))
    assert len(method.opportunities) >= 30
    for opportunity in method.opportunities.values():
        assert opportunity.metric in method.metrics
        assert {*opportunity.price_ids()} <= method.prices.keys()
        assert opportunity.comparator == "target" or opportunity.comparator in method.peer_groups


def test_there_is_a_kept_method() -> None:
    assert KEPT


def test_a_price_that_two_routes_use_is_named_once() -> None:
    cash = {"times": "day", "unit": "GBP"}
    activity = {"of": "cash", "divide_by": "wau", "unit": "weighted activity units"}
    read = Opportunity.model_validate(OPPORTUNITIES["space_target"] | {"cash": cash, "activity": activity})
    assert read.price_ids() == ("day", "wau")
    assert [read.price_ids(expression) for expression in EXPRESSIONS] == [("day",), ("day", "wau"), ()]


def test_keys_that_a_later_build_adds_are_ignored_at_every_depth() -> None:
    documents = copy.deepcopy(SMALL)
    later = {"invented_later": 1}
    content = {kind: part for _path, content in documents for kind, part in content.items()}
    content["programme"] |= later
    content["dataset"] |= later
    content["opportunities"]["cleaning_cost"] |= later
    content["opportunities"]["cleaning_cost"]["upper"] |= later
    content["peer_groups"]["recommended"]["variables"][0] |= later
    documents.append(("later.yaml", {"invented_later": {}}))
    assert published(documents) == published(SMALL)


def test_what_has_another_shape_is_not_read() -> None:
    documents = copy.deepcopy(SMALL)
    documents.append(("metrics/broken.yaml", {"metrics": {"broken": {"title": "no sums"}}}))
    with pytest.raises(ValidationError, match="broken"):
        published(documents)


def test_everyone_is_a_group_of_a_method_that_does_not_describe_it() -> None:
    method = published(SMALL)
    assert method.peer_groups["national"] == everyone(Organisation(one="trust", many="trusts"))
    assert method.peer_groups["national"].title == "All trusts"
    described = [
        *SMALL,
        ("more.yaml", {"peer_groups": {"national": everyone(Organisation()).model_dump() | {"title": "All of them"}}}),
    ]
    assert published(described).peer_groups["national"].title == "All of them"


def test_settings_that_a_nearest_group_leaves_out_have_defaults() -> None:
    least = {"kind": "nearest", "title": "T", "explanation": "E", "source": "S"}
    group = NearestGroup.model_validate(least | {"variables": [{"measure": "a.b", "label": "L"}]})
    assert (group.distance, group.missing, group.k, group.runners_up, group.within) == (
        "euclidean", "available", 10, 5, None,
    )  # fmt: skip
    assert (group.stability.draws, group.stability.noise, group.successors.refill) == (200, 0.01, True)
    assert (group.combine, group.deviation, group.scale_among, group.prefer, group.mutual, group.parts) == (
        "mean", "population", "all", None, False, ((0,),),
    )  # fmt: skip
    variable = group.variables[0]
    assert (variable.cap, variable.cap_when, variable.cap_side, variable.part) == (None, "after", "both", None)


REGION = {"measure": "r.region", "among": 60}


@pytest.mark.parametrize(
    ("first", "settings", "remedy"),
    [
        ({"cap_when": "before"}, {}, "`cap_when` and `cap_side` need a `cap`; add it, or take them out"),
        ({"cap_side": "upper"}, {}, "`cap_when` and `cap_side` need a `cap`; add it, or take them out"),
        ({"part": "size"}, {}, "L1: other variables have a `part`; give every variable its part, or none"),
        ({}, {"scale_among": "within"}, "`scale_among: within` needs `within`; add it, or scale among all"),
        ({}, {"candidates": {"measure": "r.region"}}, "`candidates` needs `only`, .*; add it, or take it out"),
        ({}, {"candidates": {"measure": "r.region", "only": ["A"]}, "mutual": True}, "take out `mutual` to keep the"),
        ({}, {"prefer": {**REGION, "among": 10}}, "`prefer` chooses 10 peers among 10, .*raise `among` above `k`"),
        ({}, {"prefer": REGION, "within": "r.region"}, "r.region: all candidates share it .*take it out of `prefer`"),
        (
            {},
            {"prefer": {**REGION, "then": [{"measure": "r.region"}]}},
            "r.region: an attribute may be preferred only once; take out the repeat",
        ),
        (
            {},
            {"prefer": REGION, "successors": {"rule": "dated", "refill": False}},
            "needs `refill: true`; set it, or take `prefer` out",
        ),
    ],
)
def test_settings_of_a_nearest_group_that_do_not_go_together_are_refused_with_a_remedy(
    first: dict[str, Any], settings: dict[str, Any], remedy: str
) -> None:
    variables = [{"measure": "a.b", "label": "L0", **first}, {"measure": "a.c", "label": "L1"}]
    with pytest.raises(ValidationError, match=remedy):
        NearestGroup.model_validate(
            {"kind": "nearest", "title": "T", "explanation": "E", "source": "S", "variables": variables, **settings}
        )
