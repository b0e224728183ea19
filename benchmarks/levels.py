"""Roll-up: each network's ratio over every window of three months, from rows about practices."""

from calendar import monthrange
from datetime import date
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd

from benchmarks.generated import Floats
from benchmarks.harness import OURS, Arrays, Case, System
from functions.opportunities.measure.levels import LevelMeasures
from functions.opportunities.measure.measures import LandedMeasures, TrustMeasures
from functions.opportunities.measure.metrics import MetricValues, measure
from functions.opportunities.measure.survey import Survey
from functions.opportunities.measure.surveying import surveys_of
from functions.opportunities.measure.windows import MetricWindow, windows_held
from shared.facts.facts import Facts
from shared.method.measures import Metric, Plausibility, Window

SIZES = ((1_000, 24), (10_000, 24))
PRACTICES_IN_A_NETWORK, MONTHS_IN_A_WINDOW = 25, 3
METRIC = Metric(
    title="Share", numerator=("items.some",), denominator=("items.all",), unit="share", numerator_unit="item",
    denominator_unit="item", direction="lower_is_better", plausibility=Plausibility(minimum=0),
    window=Window(months=MONTHS_IN_A_WINDOW, at_least=MONTHS_IN_A_WINDOW),
)  # fmt: skip


class Made(NamedTuple):
    """The long table of a dataset of two measures, and the network of each practice."""

    table: pd.DataFrame
    members: dict[str, str]


def make(practices: int, months: int) -> Made:
    """The input of a size."""
    random = np.random.default_rng(7)
    codes = [f"P{number:05}" for number in range(practices)]
    networks = max(1, practices // PRACTICES_IN_A_NETWORK)
    members = {code: f"N{number % networks:04}" for number, code in enumerate(codes)}
    frames = []
    for month in range(months):
        year, nth = 2022 + month // 12, month % 12 + 1
        days = {"period_start": date(year, nth, 1), "period_end": date(year, nth, monthrange(year, nth)[1])}
        every = random.integers(1, 5_000, practices).astype(float)
        some = np.floor(every * random.random(practices))
        for name, figures in (("some", some), ("all", every)):
            frames.append(
                pd.DataFrame({"code": codes, "measure": name, "value": figures, "state": "value", **days}).assign(
                    unit=None, text=None, row=1, warnings=None, period=f"{year}-{nth:02}"
                )
            )
    return Made(pd.concat(frames, ignore_index=True), members)


def _ours(made: Made) -> MetricValues:
    facts = Facts({"items": made.table})
    held = Survey(surveys_of(facts, METRIC.measures()))
    landed = LandedMeasures(facts, METRIC.measures())
    practices = TrustMeasures(landed, [*made.members], held)
    networks = LevelMeasures(landed, sorted({*made.members.values()}), practices, made.members)
    return measure([MetricWindow("share", METRIC, window) for window in windows_held(held, METRIC, 4)], networks)


def _our_arrays(values: MetricValues) -> Arrays:
    return {"value": values.value}


def _in_pandas(made: Made) -> Floats:
    wide = made.table.pivot_table(
        index=made.table["code"].map(made.members), columns=["measure", "period_end"], values="value", aggfunc="sum"
    )
    some, every = (wide[name].T.rolling(MONTHS_IN_A_WINDOW).sum().dropna().T.to_numpy() for name in ("some", "all"))
    ratio: Floats = some / every
    return ratio


def case(practices: int, months: int) -> Case:
    """Every network's ratios at one size."""
    return Case(
        name="levels",
        size=f"{practices} x {months}",
        make=partial(make, practices, months),
        systems={
            OURS: System(Made._make, _ours, _our_arrays),
            "pandas": System(Made._make, _in_pandas, lambda ratio: {"value": ratio}),
        },
    )


CASES = [case(*size) for size in SIZES]
