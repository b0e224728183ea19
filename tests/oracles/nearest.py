"""Nearest peers the slow, obvious way: one trust, one pair, one variable at a time, as the method's text says."""

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from shared.method.peer_groups import NearestGroup, Variable

type Row = Sequence[float | None]


class Peer(NamedTuple):
    """A listed peer: `shares` by place of the variable, for those both trusts have."""

    code: str
    distance: float
    used: int
    shares: dict[int, float]
    role: str


def neighbours(
    rows: Mapping[str, Row],
    recipe: NearestGroup,
    stands_for: Callable[[str], Sequence[str]] = lambda code: [code],
    attribute: Mapping[str, str] | None = None,
    preferred: Sequence[Mapping[str, str]] = (),
) -> dict[str, list[Peer]]:
    """Each trust's peers and runners-up, in order. `preferred`: the texts of each attribute that the recipe prefers."""
    points = _points(rows, recipe, attribute)
    lists = {code: _list(code, points, recipe, stands_for, attribute, preferred) for code in rows}
    if not recipe.mutual:
        return {code: [peer for peer, _ in mine] for code, mine in lists.items()}
    names = {code: {peer.code for peer, _ in mine if peer.role == "peer"} for code, mine in lists.items()}
    return {
        code: [
            peer._replace(role="one_sided")
            if peer.role == "peer" and not names[near].intersection(stands_for(code))
            else peer
            for peer, near in mine
        ]
        for code, mine in lists.items()
    }


def separations(
    rows: Mapping[str, Row], recipe: NearestGroup, code: str, attribute: Mapping[str, str] | None = None
) -> list[float]:
    """The distances of one trust to all others it can be compared with, nearest first."""
    points = _points(rows, recipe, attribute)
    found = (_compare(points[code], points[other], recipe) for other in rows if other != code)
    return sorted(each[0] for each in found if each)


def _list(
    code: str,
    points: Mapping[str, Row],
    recipe: NearestGroup,
    stands_for: Callable[[str], Sequence[str]],
    attribute: Mapping[str, str] | None,
    preferred: Sequence[Mapping[str, str]],
) -> list[tuple[Peer, str]]:
    """The list of one trust, each with the code whose characteristics were compared."""
    ranked = []
    for other, point in points.items():
        if other == code:
            continue
        if attribute is not None and (code not in attribute or attribute[code] != attribute.get(other)):
            continue
        if compared := _compare(points[code], point, recipe):
            ranked.append((compared[0], other, compared))
    ranked.sort(key=lambda each: each[:2])
    banned = {code, *stands_for(code)}
    candidates: dict[str, tuple[int, str, tuple[float, int, dict[int, float]]]] = {}
    for place, (_, other, compared) in enumerate(ranked):
        for named in sorted(stands_for(other)):
            if named not in banned and named not in candidates:
                candidates[named] = (place, other, compared)
    order = list(candidates)
    if recipe.prefer is not None:
        pool, rest = order[: recipe.prefer.among], order[recipe.prefer.among :]
        order = []
        for texts in preferred:
            alike = [one for one in pool if code in texts and texts[code] == texts.get(candidates[one][1])]
            order += alike
            pool = [one for one in pool if one not in alike]
        order += pool + rest
    listed: list[tuple[Peer, str]] = []
    peers = 0
    for named in order:
        place, other, compared = candidates[named]
        room = peers < recipe.k if recipe.successors.refill or recipe.prefer else place < recipe.k
        peers += room
        listed.append((Peer(named, *compared, "peer" if room else "runner_up"), other))
    return listed[: peers + recipe.runners_up]


def _compare(one: Row, other: Row, recipe: NearestGroup) -> tuple[float, int, dict[int, float]] | None:
    names = list(dict.fromkeys(variable.part for variable in recipe.variables))
    by_part = []
    for name in names:
        places = [place for place, variable in enumerate(recipe.variables) if variable.part == name]
        if (part := _compare_part(one, other, recipe, places)) is None:
            return None
        by_part.append(part)
    distance = math.fsum(part[0] for part in by_part)
    shares: dict[int, float] = {}
    for part_distance, parts in by_part:
        total = math.fsum(parts.values())
        for place, difference in parts.items():
            shares[place] = difference / total * (part_distance / distance) if total else 0.0
    return distance, len(shares), shares


def _compare_part(
    one: Row, other: Row, recipe: NearestGroup, places: Sequence[int]
) -> tuple[float, dict[int, float]] | None:
    """The distance over one part's variables, and each variable's weighted difference."""
    parts, held = {}, 0.0
    for place in places:
        variable, a, b = recipe.variables[place], one[place], other[place]
        if a is not None and b is not None:
            parts[place] = variable.weight * (abs(a - b) if recipe.distance == "cityblock" else (a - b) ** 2)
            held += variable.weight
    whole = sum(recipe.variables[place].weight for place in places)
    if held < whole / 2:
        return None
    combined = math.fsum(parts.values()) / held * (whole if recipe.combine == "sum" else 1)
    return math.sqrt(combined) if recipe.distance == "euclidean" else combined, parts


def _points(
    rows: Mapping[str, Row], recipe: NearestGroup, attribute: Mapping[str, str] | None = None
) -> dict[str, list[float | None]]:
    kinds: dict[str, str | None] = dict.fromkeys(rows)
    if recipe.scale_among == "within" and attribute is not None:
        kinds = {code: attribute.get(code) for code in rows}
    columns = [
        _column([row[place] for row in rows.values()], variable, recipe, list(kinds.values()))
        for place, variable in enumerate(recipe.variables)
    ]
    return {code: [column[place] for column in columns] for place, code in enumerate(rows)}


def _column(
    raw: list[float | None], variable: Variable, recipe: NearestGroup, kinds: Sequence[str | None]
) -> list[float | None]:
    """Blanks are filled from all trusts, then the trusts of each kind are scaled by themselves."""
    if variable.transform == "log1p":
        raw = [value if value is not None and value > -1 else None for value in raw]
    elif variable.transform == "sqrt":
        raw = [value if value is not None and value >= 0 else None for value in raw]
    known = [value for value in raw if value is not None]
    if recipe.missing == "zero":
        raw = [0.0 if value is None else value for value in raw]
    elif recipe.missing != "available" and known:
        fill = statistics.fmean(known) if recipe.missing == "mean" else statistics.median(known)
        raw = [fill if value is None else value for value in raw]
    column: list[float | None] = [None] * len(raw)
    for kind in set(kinds):
        places = [place for place, each in enumerate(kinds) if each == kind]
        for place, value in zip(places, _scaled([raw[place] for place in places], variable, recipe), strict=True):
            column[place] = value
    return column


def _scaled(values: list[float | None], variable: Variable, recipe: NearestGroup) -> list[float | None]:
    change = {"none": float, "log1p": math.log1p, "sqrt": math.sqrt}[variable.transform]
    if variable.cap_when == "before":
        values = _capped(values, variable, recipe)
    values = [None if value is None else change(value) for value in values]
    if variable.cap_when == "after":
        values = _capped(values, variable, recipe)
    known = [value for value in values if value is not None]
    if variable.scale == "none" or not known:
        return values
    if math.isclose(min(known), max(known), rel_tol=1e-12):
        return [None if value is None else 0.0 for value in values]
    middle = statistics.fmean(known) if variable.scale == "zscore" else min(known)
    width = _deviation(known, recipe) if variable.scale == "zscore" else max(known) - min(known)
    return [None if value is None else (value - middle) / width for value in values]


def _capped(values: list[float | None], variable: Variable, recipe: NearestGroup) -> list[float | None]:
    known = [value for value in values if value is not None]
    if variable.cap is None or not known:
        return values
    mean, reach = statistics.fmean(known), variable.cap * _deviation(known, recipe)
    values = [None if value is None else min(value, mean + reach) for value in values]
    if variable.cap_side == "both":
        values = [None if value is None else max(value, mean - reach) for value in values]
    return values


def _deviation(values: Sequence[float], recipe: NearestGroup) -> float:
    if recipe.deviation == "population":
        return statistics.pstdev(values)
    return statistics.stdev(values) if len(values) > 1 else 0.0
