"""The shipped method with parts of it changed."""

import copy
from collections.abc import Callable
from typing import Any

from shared.method.load import bundle, parse
from shared.method.method import Document
from tests.support.paths import METHOD

SHIPPED = parse(bundle(METHOD))
Content = dict[str, Any]
Change = Callable[[Content], object]
METRIC = ("metrics/estates.yaml", "metrics", "cleaning_cost")
FINANCE = ("metrics/corporate.yaml", "metrics", "finance_cost")
SPACE = ("metrics/estates.yaml", "metrics", "empty_or_under_used_space")
CLEANING = ("opportunities/estates.yaml", "opportunities", "cleaning_cost")
UNUSED_SPACE = ("opportunities/estates.yaml", "opportunities", "empty_or_under_used_space")
STAYS = ("opportunities/hospital.yaml", "opportunities", "long_stay_bed_days")
SICKNESS = ("opportunities/workforce.yaml", "opportunities", "sickness_absence")
WAU = ("prices.yaml", "prices", "wau")
BEDS = ("overlap_groups.yaml", "overlap_groups", "beds")
PEERS = ("peer_groups.yaml", "peer_groups", "recommended")
ESTATES = ("datasets/eric_trust.yaml", "dataset")


def documents(*changes: tuple[tuple[str, ...], Change]) -> list[Document]:
    """The shipped method with parts of it changed: (file and keys to the part, what is done to it)."""
    changed = [Document(path, copy.deepcopy(dict(content))) for path, content in SHIPPED]
    for (file, *keys), change in changes:
        part: Any = next(document.content for document in changed if document.path == file)
        for key in keys:
            part = part[key]
        change(part)
    return changed


def given(**settings: Any) -> Change:
    return lambda part: part.update(settings)


def within(name: str, **settings: Any) -> Change:
    return lambda part: part[name].update(settings)


def without(*names: str) -> Change:
    return lambda part: [part.pop(name) for name in names]
