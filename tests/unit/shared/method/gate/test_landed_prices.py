"""The id `prices` is reserved for landed prices: a method that means something else by it is refused."""

import pytest

from shared.method.load import MethodFaults, load
from tests.support.pipeline.priced import PRICED
from tests.support.pipeline.small import METHOD_TEXT


@pytest.mark.parametrize(
    ("was", "now", "fault"),
    [
        (
            "    source: {heading: source, type: text}\n", "",
            "price_list.yaml: dataset.measures.source: a dataset called prices holds prices, and needs a required text "
            "called source; add it, or give the dataset another id",
        ),
        (
            "value: {heading: value, unit: GBP}", "value: {heading: value, type: text}",
            "price_list.yaml: dataset.measures.value: a dataset called prices holds prices, and needs a required "
            "number called value; add it, or give the dataset another id",
        ),
        (
            "status: {heading: status, type: text}", "status: {heading: status, type: text, required: false}",
            "price_list.yaml: dataset.measures.status: a dataset called prices holds prices, and needs a required text "
            "called status; add it, or give the dataset another id",
        ),
        (
            "period: {kind: edition}", "period: {kind: name}",
            "price_list.yaml: dataset: a dataset called prices has one price a row, for a period of the folder that "
            "has days; take unit, long, relation and the heading of the period out, and write period: {kind: edition}",
        ),
    ],
)  # fmt: skip
def test_a_dataset_of_another_form_is_refused(was: str, now: str, fault: str) -> None:
    assert PRICED.count(was) == 1
    with pytest.raises(MethodFaults) as refused:
        load(PRICED.replace(was, now))
    assert fault in refused.value.faults


def test_it_is_used_without_a_metric_and_may_be_left_out() -> None:
    assert "prices" in load(PRICED).datasets
    assert "prices" not in load(METHOD_TEXT).datasets
