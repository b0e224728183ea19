"""The rules under which landed versions are judged, and their ids, which verdicts name."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import NamedTuple

from shared import keys
from shared.content import canonical, content_id, digest
from shared.keys import BadKey, Slot
from shared.method.contracts import Dataset
from shared.method.method import Method
from shared.method.opportunities import Price
from shared.method.prices import PRICES

CONFORM_BUILD = 6
"""Raise it when the same bytes under the same contract could be read differently than before: every landed file is then
read again. Other words for the same finding are no reason. A test compares the reading code with the digest recorded
for this number."""

METHOD_BUILD = 3
"""Raise it when a landed method could be accepted or rejected differently than before: every landed method is then
judged again. A test compares the code of `shared.method` with the digest recorded for this number."""


class Rules(NamedTuple):
    """The rules for a landing key: its slot and contract. Without a contract, `fault` says why. `prices`: the method's,
    for a file of prices."""

    dataset: str
    contract_id: str
    slot: Slot | None = None
    contract: Dataset | None = None
    fault: str = ""
    prices: Mapping[str, Price] | None = None


def contract_id(contract: Dataset) -> str:
    """The id of a dataset's contract as this build reads it."""
    return digest(contract.model_dump_json(), str(CONFORM_BUILD))


def rules_for(key: str, method: Method) -> Rules:
    """The rules for a landing key that is not a method's."""
    try:
        slot = keys.slot_of(key)
    except BadKey as error:
        return Rules("-", "bad-key", fault=str(error))
    contract = method.datasets.get(slot.dataset)
    if contract is None:
        known = sorted(method.datasets)
        close = get_close_matches(slot.dataset.casefold(), known, n=1)
        hint = f" (did you mean {close[0]!r}?)" if close else ""
        fault = f"There is no dataset called {slot.dataset!r}{hint}; land the file under one of {', '.join(known)}."
        return Rules("-", content_id(known), slot, fault=fault)
    identity = contract_id(contract)
    if slot.dataset != PRICES:
        return Rules(slot.dataset, identity, slot, contract)
    priced = {price_id: (price.value, price.unit) for price_id, price in method.prices.items()}
    return Rules(slot.dataset, digest(identity, canonical(priced)), slot, contract, prices=method.prices)


def method_rules_for() -> Rules:
    """The rules for a landed method."""
    return Rules("method", f"build-{METHOD_BUILD}")
