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
) -> dict[str, list[Peer]]:
    """Each trust's peers and runners-up, in order."""
    points = _points(rows, recipe)
    return {code: _list(code, points, recipe, stands_for, attribute) for code in rows}


def separations(rows: Mapping[str, Row], recipe: NearestGroup, code: str) -> list[float]:
    """The distances of one trust to all others it can be compared with, nearest first."""
    points = _points(rows, recipe)
    found = (_compare(points[code], points[other], recipe) for other in rows if other != code)
    return sorted(each[0] for each in found if each)


def _list(
    code: str,
    points: Mapping[str, Row],
    recipe: NearestGroup,
    stands_for: Callable[[str], Sequence[str]],
    attribute: Mapping[str, str] | None,
) -> list[Peer]:
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
    listed: dict[str, Peer] = {}
    peers = 0
    for place, (_, other, compared) in enumerate(ranked):
        for named in sorted(stands_for(other)):
            if named in banned or named in listed:
                continue
            room = peers < recipe.k if recipe.successors.refill else place < recipe.k
            peers += room
            listed[named] = Peer(named, *compared, "peer" if room else "runner_up")
    return list(listed.values())[: peers + recipe.runners_up]


def _compare(one: Row, other: Row, recipe: NearestGroup) -> tuple[float, int, dict[int, float]] | None:
    power = 2 if recipe.distance == "euclidean" else 1
    parts, held = {}, 0.0
    for place, (variable, a, b) in enumerate(zip(recipe.variables, one, other, strict=True)):
        if a is not None and b is not None:
            parts[place] = variable.weight * abs(a - b) ** power
            held += variable.weight
    if held < sum(variable.weight for variable in recipe.variables) / 2:
        return None
    total = math.fsum(parts.values())
    shares = {place: part / total if total else 0.0 for place, part in parts.items()}
    return (total / held) ** (1 / power), len(parts), shares


def _points(rows: Mapping[str, Row], recipe: NearestGroup) -> dict[str, list[float | None]]:
    columns = [
        _column([row[place] for row in rows.values()], variable, recipe.missing)
        for place, variable in enumerate(recipe.variables)
    ]
    return {code: [column[place] for column in columns] for place, code in enumerate(rows)}


def _column(raw: list[float | None], variable: Variable, missing: str) -> list[float | None]:
    if variable.transform == "log1p":
        raw = [value if value is not None and value > -1 else None for value in raw]
    elif variable.transform == "sqrt":
        raw = [value if value is not None and value >= 0 else None for value in raw]
    known = [value for value in raw if value is not None]
    if missing == "zero":
        raw = [0.0 if value is None else value for value in raw]
    elif missing != "available" and known:
        fill = statistics.fmean(known) if missing == "mean" else statistics.median(known)
        raw = [fill if value is None else value for value in raw]
    change = {"none": float, "log1p": math.log1p, "sqrt": math.sqrt}[variable.transform]
    values = [None if value is None else change(value) for value in raw]
    known = [value for value in values if value is not None]
    if not known:
        return values
    if variable.cap is not None:
        mean, reach = statistics.fmean(known), variable.cap * statistics.pstdev(known)
        values = [None if value is None else min(max(value, mean - reach), mean + reach) for value in values]
        known = [value for value in values if value is not None]
    if variable.scale == "none":
        return values
    if math.isclose(min(known), max(known), rel_tol=1e-12):
        return [None if value is None else 0.0 for value in values]
    middle = statistics.fmean(known) if variable.scale == "zscore" else min(known)
    width = statistics.pstdev(known) if variable.scale == "zscore" else max(known) - min(known)
    return [None if value is None else (value - middle) / width for value in values]
