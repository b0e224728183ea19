"""trust_characteristics, and the peer lists that the published recipe gives on them.

The lists are made here by the slow and obvious way of that recipe, so they also check the product's own.
"""

from datetime import date
from math import sqrt

from samples.draw import Draw
from samples.programme import (
    AMBULANCE,
    BOARDS,
    EIGHTH_PARISH,
    PARISHES,
    SUCCESSIONS,
    TEACHING,
    Trust,
    absence,
    size,
    trusts_on,
)

MEASURED, LISTED = date(2023, 3, 31), date(2025, 3, 31)
NO_DIAGNOSIS = ("ROL", "ROU", "ROY", "ROZ")
TWIN, COPIED = "RI5", "RI4"  # two trusts with the same figures
MATCHED_ON = (
    "Deprivation",
    "Attendances",
    "Diagnosis",
    "Age 0-15",
    "Age 60-74",
    "Urban",
    "Sites",
    "Sea distance",
    "MFF payment index",
    "StudentStaff",
    "CCGs",
    "Non-type 1 AE department",
    "Absence Rate",
    "DTOCs",
)
PEERS = 10

type Figures = dict[str, float | None]


def landing_files() -> dict[str, bytes]:
    figures = characteristics()
    titles = list(next(iter(figures.values())))
    rows = [[code, *("" if cell is None else str(cell) for cell in row.values())] for code, row in figures.items()]
    table = "".join(",".join(row) + "\n" for row in [["Procode", *titles], *rows])
    pairs = [f"{code},{peer}" for code, peers in peer_lists(figures).items() for peer in peers]
    return {
        "trust_characteristics/2022-23/nhse_trusts_2022_23.csv": table.encode("ascii"),
        "peer_lists/trust_peer_finder/peers.csv": "".join(f"{pair}\n" for pair in ("procode,peer", *pairs)).encode(),
    }


def characteristics() -> dict[str, Figures]:
    """By trust, those open when it was measured, ambulance trusts left out."""
    measured = [trust for trust in trusts_on(MEASURED) if trust.kind_name != AMBULANCE]
    figures = {trust.code: _figures(trust) for trust in measured}
    figures[TWIN] = dict(figures[COPIED])
    for code in NO_DIAGNOSIS:
        figures[code]["Diagnosis"] = None
    return figures


def _figures(trust: Trust) -> Figures:
    parish = trust in (*PARISHES, EIGHTH_PARISH)
    place = Draw.of("parishes") if parish else Draw.of("place", trust.board)
    own = Draw.of("characteristics", trust.code)
    wander = 0.01 if parish else 1.0
    held, kind = size(trust), trust.kind
    teaching, hospital = trust.kind_name == TEACHING, kind.acute

    def share(mean: float, spread: float) -> float:
        return round(own.between(0, 1, mean, spread * wander), 6)

    patients = round(held.beds * 170 * own.around(1, 0.1 * wander))
    deprivation, sea, urban = (
        place.between(10, 38, 23, 7),
        place.around(22, 0.9),
        place.between(0.4, 0.98, 0.8, 0.15),
    )
    prices, board = place.between(1, 1.29, 1.08, 0.07), list(BOARDS).index(trust.board)
    if parish:
        deprivation, sea, urban, held = 9.5, 66.0, 0.37, size(EIGHTH_PARISH)
        patients = round(held.beds * 170 * own.around(1, 0.01))
    return {
        "Deprivation": round(own.between(8, 42, deprivation, 3 * wander), 6),
        "Patients": patients,
        "Attendances": round(patients * own.around(4.2 if hospital else 6, 0.1 * wander)),
        "FTE staff": round(held.staff, 5),
        "Diagnosis": share(0.2 if hospital else 0.7, 0.04),
        "Night beds": share(0.88, 0.04),
        "Day beds": 1.0,
        "Age 0-15": 0.91 if trust.code == "ROA" else share(0.12, 0.03),
        "Age 60-74": 0.01 if trust.code == "ROA" else share(0.34 if parish else 0.22, 0.02),
        "No procedure": share(0.42 if hospital else 0.85, 0.05),
        "Operating Expenses": -round(held.income / 1000),
        "Urban": share(urban, 0.05),
        "Sites": 4 + own.count(30 if parish or hospital else 150),
        "Sea distance": round(own.between(0.2, 66.9, sea, 5 * wander), 1),
        "MFF payment index": round(own.between(1, 1.3, prices, 0.01 * wander), 6),
        "Degree of specialisation": round(own.gauss(3885, 2000 * wander), 4),
        "StudentStaff": share(0.038 if teaching else 0.02 if hospital else 0.008, 0.005),
        "CCGs": 60 + 15 * board + own.count(3),
        "Non-type 1 AE department": int(not parish and own.random() < (0.7 if hospital else 0.4)),
        "Absence Rate": round(absence(EIGHTH_PARISH if parish else trust) * own.around(1, 0.04 * wander), 6),
        "DTOCs": round(held.beds * own.around(0.8, 0.4 * wander)),
    }


def peer_lists(figures: dict[str, Figures]) -> dict[str, list[str]]:
    """By trust, its list as published: itself first, then the nearest ten, by their codes of now."""
    columns = [_standardised([row[title] or 0.0 for row in figures.values()]) for title in MATCHED_ON]
    points = dict(zip(figures, zip(*columns, strict=True), strict=True))
    lists = {}
    for code, here in points.items():
        apart = {
            peer: sqrt(sum((a - b) ** 2 for a, b in zip(here, there, strict=True)))
            for peer, there in points.items()
            if peer != code
        }
        nearest = sorted(apart, key=lambda peer: (apart[peer], peer))[:PEERS]
        lists[code] = list(dict.fromkeys(now for each in (code, *nearest) for now in _successors(each)))
    return lists


def _standardised(values: list[float]) -> list[float]:
    mean = sum(values) / len(values)
    deviation = sqrt(sum((value - mean) ** 2 for value in values) / len(values))
    return [(value - mean) / deviation for value in values]


def _successors(code: str) -> list[str]:
    """What a code was called when the lists were made; two names after a split."""
    following = [new for old, new, day in SUCCESSIONS if old == code and day <= LISTED]
    return [last for new in following for last in _successors(new)] or [code]
