"""Definitions as the API reads them: leniently, and with the names and defaults of the models that check a method."""

import json
from typing import Any

import pytest
from pydantic import BaseModel

from functions.api import definitions
from functions.api.definitions import Definitions
from shared.method import measures, opportunities, overlaps, peer_groups, periods
from shared.method.load import bundle, documents_json, from_documents, parse
from tests.support.api.programme import METHOD as LITTLE
from tests.support.api.programme import OPPORTUNITIES
from tests.support.paths import METHOD

PAIRS: list[tuple[type[BaseModel], type[BaseModel]]] = [
    (definitions.Term, measures.Term),
    (definitions.Window, measures.Window),
    (definitions.Plausibility, measures.Plausibility),
    (definitions.Metric, measures.Metric),
    (definitions.Benchmark, opportunities.Benchmark),
    (definitions.NamedPeriod, periods.NamedPeriod),
    (definitions.Rate, opportunities.Rate),
    (definitions.Route, opportunities.Route),
    (definitions.Opportunity, opportunities.Opportunity),
    (definitions.Price, opportunities.Price),
    (definitions.OverlapGroup, overlaps.OverlapGroup),
    (definitions.Variable, peer_groups.Variable),
    (definitions.SuccessorRule, peer_groups.SuccessorRule),
    (definitions.Stability, peer_groups.Stability),
]


def plain(default: Any) -> Any:
    return default.model_dump() if isinstance(default, BaseModel) else default


@pytest.mark.parametrize(("read", "checked"), PAIRS, ids=lambda model: model.__name__)
def test_names_and_defaults_are_those_of_the_checked_model(read: type[BaseModel], checked: type[BaseModel]) -> None:
    assert read.model_fields.keys() <= checked.model_fields.keys()
    for name, field in read.model_fields.items():
        there = checked.model_fields[name]
        assert field.is_required() == there.is_required(), name
        if not field.is_required():
            assert plain(field.get_default(call_default_factory=True)) == plain(
                there.get_default(call_default_factory=True)
            ), name


def test_settings_of_a_nearest_group_that_a_method_leaves_out_are_those_of_the_checked_model() -> None:
    least = {"kind": "nearest", "title": "T", "explanation": "E", "source": "S"}
    read = definitions.PeerGroup.model_validate(least)
    checked = peer_groups.NearestGroup.model_validate(least | {"variables": [{"measure": "a.b", "label": "L"}]})
    assert read.stability is not None
    assert (read.distance, read.missing, read.k, read.runners_up, read.within) == (
        checked.distance, checked.missing, checked.k, checked.runners_up, checked.within,
    )  # fmt: skip
    assert read.stability.model_dump() == {"draws": checked.stability.draws, "noise": checked.stability.noise}


def test_the_shipped_method_is_read_whole() -> None:
    documents = parse(bundle(METHOD))
    method = from_documents(documents)
    read = Definitions.read(json.loads(documents_json(documents)))
    for kind in Definitions.model_fields.keys() - {"programme"}:
        assert list(getattr(read, kind)) == sorted(getattr(method, kind)), kind
    for name, opportunity in method.opportunities.items():
        there = read.opportunities[name]
        for expression in definitions.EXPRESSIONS:
            route = opportunity.routes.get(expression)
            steps = opportunity.steps(expression) if route else ()
            assert [step.unit for step in there.steps(expression)] == [step.unit for step in steps]


def test_a_price_on_two_ways_is_named_once() -> None:
    cash = {"times": "day", "unit": "GBP"}
    activity = {"of": "cash", "divide_by": "wau", "unit": "weighted activity units"}
    read = definitions.Opportunity.model_validate(OPPORTUNITIES["space_target"] | {"cash": cash, "activity": activity})
    assert read.price_ids() == ("day", "wau")
    assert (read.price_ids("cash"), read.price_ids("staff")) == (("day",), ())


def test_a_key_that_a_later_build_adds_is_passed_over() -> None:
    documents = json.loads(json.dumps(LITTLE))
    documents[3][1]["opportunities"]["cleaning_cost"]["invented_later"] = 1
    documents.append(("later.yaml", {"invented_later": {}}))
    assert "cleaning_cost" in Definitions.read(documents).opportunities
