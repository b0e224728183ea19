"""Lists of answers as files: all rows of a list as CSV or XLSX, one column for each field.

A file stands alone: each row has the fields of the answer that it needs (which trust, which units), the id of the
release, and when that was published.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any, NamedTuple, get_args, get_type_hints

from pydantic import BaseModel

from functions.api.http.negotiation import preferred
from functions.api.http.problems import BadParameter, ContentTooLarge, NotAcceptable
from functions.api.http.queries import Paging
from functions.api.http.route import ApiRoute
from functions.api.schemas.base import Answer
from functions.api.schemas.figures import (
    NationalValues,
    OpportunityLines,
    OpportunityList,
    ReleaseChanges,
    Trend,
    TrustList,
    TrustMetrics,
    TrustPeers,
)
from functions.api.table_files import MEDIA_TYPES, MOST_BYTES, MOST_CELLS, as_xlsx
from shared.formatting import instant
from shared.receipts.csv_files import as_csv

JSON = "json"
FILES = ("csv", "xlsx")
KINDS = {JSON: "application/json"} | {kind: MEDIA_TYPES[kind] for kind in FILES}
"""Media type by kind. The first is the default."""

type Path = tuple[str, ...]


class ListOf(NamedTuple):
    """The list of an answer: the field that holds it (`a.b` if each item of `a` has a list `b`), and the fields of the
    answer that each row repeats."""

    items: str
    repeated: tuple[str, ...] = ()


_OPPORTUNITY = ("definition.opportunity_id", "definition.title")

LISTS: Mapping[type[Answer], ListOf] = {
    TrustList: ListOf("trusts"),
    OpportunityLines: ListOf("opportunities"),
    OpportunityList: ListOf("opportunities"),
    NationalValues: ListOf("trusts", (*_OPPORTUNITY, "unit", "numerator_unit", "denominator_unit")),
    TrustMetrics: ListOf("metrics", ("answered_for", "trust_name")),
    TrustPeers: ListOf("peers", ("answered_for", "group.group_id", "group.title", "period")),
    Trend: ListOf(
        "points",
        (
            "answered_for", "trust_name", *_OPPORTUNITY, "value_unit", "numerator_unit", "denominator_unit", "unit",
            "cash_unit", "activity_unit", "staff_unit",
        ),
    ),
    ReleaseChanges: ListOf("trusts.changes.figures", ("since",)),
}  # fmt: skip
"""The answers whose lists are available as files."""


def returns_list(route: ApiRoute) -> bool:
    """Whether a route's answer has a list that is available as a file."""
    return route.view.__annotations__["return"] in LISTS


def kind_of(extension: str, accept: str | None) -> str:
    """The kind that a request for a list wants: by its path's extension, else by the header Accept; NotAcceptable if
    the list is not available in any format that it accepts."""
    kind = extension or preferred(accept, KINDS)
    if kind not in KINDS:
        raise NotAcceptable(f"This list is available as: {', '.join(KINDS)}.", known=[*KINDS])
    return kind


def all_rows[Q: Paging](query: Q) -> Q:
    """A query for all rows; BadParameter if it names a page."""
    for name in ("cursor", "limit"):
        if name in query.model_fields_set:
            raise BadParameter(f"A file has all rows of the list. Leave out {name}, or request JSON.", parameter=name)
    return query.model_copy(update={"limit": sys.maxsize})


def list_file(answer: Answer, kind: str, release_id: str, published_at: datetime | None) -> bytes:
    """The list of an answer as one of FILES; ContentTooLarge if it has more cells or bytes than a table may have."""
    levels = _levels(type(answer), LISTS[type(answer)])
    rows = [*_rows(answer.model_dump(), levels)]
    too_large = ContentTooLarge(
        "This list is too large for a file. Select fewer rows, for example one trust, or download a table of the "
        "release.",
        known=[JSON],
    )
    header = [*(name for level in levels for name in level.columns), "release_id", "published_at"]
    if len(rows) * len(header) > MOST_CELLS[kind]:
        raise too_large
    of_release = (release_id, published_at and instant(published_at))
    body = _WRITERS[kind](header, ([*map(_cell, row), *of_release] for row in rows))
    if len(body) > MOST_BYTES:
        raise too_large
    return body


_WRITERS = {"csv": as_csv, "xlsx": as_xlsx}


class _Level(NamedTuple):
    """The columns of one level of nested lists, path by name, and the field with the next level's list (empty for the
    last)."""

    columns: dict[str, Path]
    items: str


def _levels(answer: type, of: ListOf) -> list[_Level]:
    """The columns by level: those of the answer, which each row repeats, then those of the items.

    A column has its field's name, with the names of the fields around it if it is in a nested object. Of two columns
    of one name, the second is left out (an item repeats a field of the item around it). A field of the answer has the
    name of its innermost field, or of its whole path if an item has a field of that name.
    """
    model, levels, seen = answer, [], set[str]()
    items = of.items.split(".")
    for name, below in zip(items, [*items[1:], ""], strict=True):
        model = get_args(get_type_hints(model)[name])[0]
        columns = {"_".join(path): path for path in _leaves(model) if path != (below,)}
        levels.append(_Level({name: path for name, path in columns.items() if name not in seen}, below))
        seen |= columns.keys()
    repeated = [tuple(path.split(".")) for path in of.repeated]
    first = {"_".join(path) if path[-1] in seen else path[-1]: path for path in repeated}
    return [_Level(first, items[0]), *levels]


def _leaves(model: type, *around: type) -> Iterator[Path]:
    """The paths of a model's fields, with those of nested models. A list is one field, and so is a model within
    itself."""
    hints = get_type_hints(model)
    for name in _names(model):
        nested = _model_in(hints[name])
        if nested is None or nested in (model, *around):
            yield (name,)
        else:
            yield from ((name, *path) for path in _leaves(nested, model, *around))


def _names(model: Any) -> Sequence[str]:
    return [one.name for one in fields(model)] if is_dataclass(model) else [*model.model_fields]


def _model_in(hint: Any) -> type | None:
    """The model that a field holds, optional or not; None for a list, a mapping or a plain value."""
    return next((one for one in (hint, *_union(hint)) if _is_model(one)), None)


def _union(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if type(None) in get_args(hint) else ()


def _is_model(hint: Any) -> bool:
    return isinstance(hint, type) and (issubclass(hint, BaseModel) or is_dataclass(hint))


def _rows(item: Mapping[str, Any], levels: Sequence[_Level]) -> Iterator[list[Any]]:
    first, *below = levels
    cells = [_value(item, path) for path in first.columns.values()]
    if not below:
        yield cells
        return
    for inner in item[first.items]:
        yield from ([*cells, *rest] for rest in _rows(inner, below))


def _value(item: Any, path: Path) -> Any:
    for name in path:
        if item is None:
            return None
        item = item[name]
    return item


def _cell(value: Any) -> Any:
    """A value as a cell: a list as `a; b`, an object in a list as the values of its fields, `urban: Urban: 0.75`."""
    if isinstance(value, tuple | list):
        return "; ".join(str(_cell(one)) for one in value)
    if isinstance(value, dict):
        return ": ".join(str(_cell(one)) for one in value.values() if one is not None)
    return value
