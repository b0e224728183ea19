"""Prices that a programme's owner lands as files: they replace the method's prices of the same ids."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, NamedTuple

from shared.content import canonical
from shared.method.opportunities import Price

if TYPE_CHECKING:
    from shared.method.method import Method

PRICES = "prices"
"""The dataset of landed prices: this id means it in every method. The code column has the ids of prices."""

VALUE, UNIT, PRICE_YEAR, SOURCE, STATUS = "value", "unit", "price_year", "source", "status"

TEXTS = (UNIT, PRICE_YEAR, SOURCE, STATUS)
"""The measures of the dataset that are texts. The other, VALUE, is a number."""

type Status = Literal["published", "illustrative"]

STATUSES: tuple[Status, ...] = ("published", "illustrative")


class LandedPrice(NamedTuple):
    """What a file says of a price, in the unit of the method."""

    value: float
    price_year: str
    source: str
    status: Status


def id_by_code(prices: Mapping[str, Price]) -> dict[str, str]:
    """Price ids by how codes are read, which is in capitals."""
    return {price_id.upper(): price_id for price_id in prices}


def with_landed(method: "Method", landed: Mapping[str, LandedPrice]) -> "Method":
    """The method with landed prices, by id. An id that the method does not have is ignored."""
    replaced = {
        price_id: price.model_copy(update=landed[price_id]._asdict()) if price_id in landed else price
        for price_id, price in method.prices.items()
    }
    return method.model_copy(update={"prices": replaced})


def documents_with_landed(documents: bytes, landed: Mapping[str, LandedPrice]) -> bytes:
    """A method's documents, as `documents_json` writes them, with landed prices; the same bytes if none were landed."""
    if not landed:
        return documents
    return canonical([[path, _replaced(content, landed)] for path, content in json.loads(documents)]).encode()


def _replaced(content: Mapping[str, object], landed: Mapping[str, LandedPrice]) -> Mapping[str, object]:
    prices = content.get(PRICES)
    if not isinstance(prices, dict):
        return content
    replaced = {
        price_id: price | landed[price_id]._asdict() if price_id in landed else price
        for price_id, price in prices.items()
    }
    return {**content, PRICES: replaced}
