"""The method of the hand-made release, as landed: one opportunity for each way of comparing and of telling a gain."""

from typing import Any

Document = dict[str, Any]


def metric(title: str, unit: str, top: str, bottom: str, **rest: Any) -> Document:
    return {
        "title": title, "unit": unit, "numerator": ["d.top"], "denominator": ["d.bottom"], "numerator_unit": top,
        "denominator_unit": bottom, "direction": "lower_is_better", "plausibility": {"group": "estate_type"},
    } | rest  # fmt: skip


def opportunity(title: str, category: str, of: str, comparator: str, unit: str, **rest: Any) -> Document:
    return {
        "title": title, "category": category, "metric": of, "comparator": comparator, "unit": unit, "what": "What.",
        "why": "Why.", "explanation": "How.", "sources": ["Here"], "overlap_group": category,
    } | rest  # fmt: skip


OWN_RATE = {"title": "Own cost of space", "numerator": ["d.a"], "denominator": ["d.b"], "unit": "GBP per m2"}
RANGE = {"lower": {"rule": "median"}, "upper": {"rule": "quantile", "q": 0.25}}

METRICS = {
    "cleaning": metric(
        "Cleaning cost per occupied area", "GBP per m2", "GBP", "m2", minimum_denominator=1000, zero_numerator="missing"
    ),
    "space": metric("Non-clinical share of space", "share", "m2", "m2", plausibility={"minimum": 0, "maximum": 1}),
    "seen": metric(
        "Seen share", "share", "appointment", "appointment", direction="higher_is_better", chance="proportion"
    ),
    "sickness": metric("Sickness absence rate", "share", "FTE day", "FTE day"),
    "finance": metric("Finance cost", "GBP per £100 of income", "GBP", "GBP", scale=100),
    "stay": metric("Long stays", "share", "bed day", "bed day"),
    "medicines": metric("Medicines", "GBP per WAU", "GBP", "WAU", comparable=False),
}

OPPORTUNITIES = {
    "cleaning_cost": opportunity(
        "Cleaning cost", "estates", "cleaning", "estate_type", "GBP", **RANGE, native="cash", fallback="national",
        cash={"unit": "GBP"},
        activity={"of": "cash", "divide_by": "wau", "unit": "weighted activity units"},
        staff={"of": "cash", "divide_by": "wte", "unit": "WTE"},
    ),
    "soft_fm_cost": opportunity(
        "Soft FM cost", "estates", "cleaning", "estate_type", "GBP", **RANGE, native="cash", cash={"unit": "GBP"},
        staff={"of": "cash", "divide_by": "wte", "unit": "WTE"},
    ),
    "space_target": opportunity(
        "Non-clinical space", "space", "space", "target", "m2", upper={"rule": "target", "value": 0.35},
        cash={"unit": "GBP", "own_rate": OWN_RATE},
    ),
    "seen_share": opportunity(
        "Patients seen", "outpatients", "seen", "national", "appointments", upper={"rule": "mean_of_best", "n": 2},
        native="activity", activity={"unit": "outpatient appointments"},
        cash={"of": "activity", "times": "appointment", "unit": "GBP"},
    ),
    "sickness_absence": opportunity(
        "Sickness absence", "workforce", "sickness", "recommended", "FTE days", **RANGE, native="staff",
        minimum_comparators=3, staff={"per_day": True, "unit": "WTE"},
        cash={"of": "staff", "times": "wte", "annual": True, "unit": "GBP per year"},
    ),
    "finance_cost": opportunity(
        "Finance cost", "corporate", "finance", "national", "GBP", lower={"rule": "mean"},
        upper={"rule": "quantile", "q": 0.25}, native="cash", cash={"unit": "GBP"},
    ),
    "long_stays": opportunity(
        "Long stays", "beds", "stay", "target", "bed days", native="activity", activity={"unit": "bed days"},
        upper={"rule": "target", "measure": "trust_measures.long_stay_baseline", "times": 0.6},
    ),
    "medicines_spend": opportunity(
        "Medicines", "medicines", "medicines", "national", "GBP", upper={"rule": "median"}, native="cash",
        cash={"unit": "GBP"},
    ),
}  # fmt: skip

PEER_GROUPS = {
    "recommended": {
        "kind": "nearest", "title": "Most similar trusts", "explanation": "By need.", "source": "here",
        "k": 3, "runners_up": 1,
        "variables": [{"measure": "c.deprivation", "label": "Deprivation"}, {"measure": "c.urban", "label": "Urban"}],
    },
    "each_other": {
        "kind": "nearest", "title": "Each other's nearest", "explanation": "By need.", "source": "here",
        "k": 2, "mutual": True, "prefer": {"measure": "c.region", "among": 4},
        "variables": [{"measure": "c.deprivation", "label": "Deprivation"}],
    },
    "estate_type": {
        "kind": "same_attribute", "title": "Same type of estate", "explanation": "By type.", "source": "here",
        "attribute": "d.type",
    },
    "landed": {
        "kind": "landed_list", "title": "A list", "explanation": "As landed.", "source": "here", "measure": "l.peer",
        "list": "mine",
    },
}  # fmt: skip


def price(value: float, unit: str, year: str, status: str, source: str) -> Document:
    return {"title": unit, "value": value, "unit": unit, "price_year": year, "source": source, "status": status}


PRICES = {
    "wau": price(3500, "GBP per weighted activity unit", "2014-15", "published", "Carter review"),
    "wte": price(50000, "GBP per WTE and year", "none", "illustrative", "a round figure"),
    "appointment": price(120, "GBP per attendance", "2016-17", "published", "Reference costs"),
}

DATASET = {
    "id": "d", "title": "D", "source": "Here", "licence": "None", "period": {"kind": "financial_year"},
    "code": {"heading": "Code"}, "measures": {"a": {"label": "A", "unit": "GBP", "heading": "A"}},
}  # fmt: skip

PROGRAMME = {
    "id": "p", "name": "Name", "description": "Description.", "currency": "GBP",
    "organisation": {"one": "trust", "many": "trusts"}, "peer_group": "recommended",
    "population": {
        "pattern": "R[A-Z0-9]{2}",
        "trust_register": {
            "dataset": "d", "name": "a", "opened": "a", "closed": "a",
            "attributes": [
                {"id": "region", "measure": "a", "title": "Region", "names": {"S": "South"}},
                {"id": "icb", "measure": "a", "title": "Board"},
            ],
        },
        "successors": {"dataset": "d", "successor": "a"},
    },
}  # fmt: skip

METHOD: list[tuple[str, dict[str, Any]]] = [
    ("programme.yaml", {"programme": PROGRAMME}),
    ("datasets/d.yaml", {"dataset": DATASET}),
    ("metrics/a.yaml", {"metrics": {name: METRICS[name] for name in ("cleaning", "space", "seen")}}),
    ("metrics/b.yaml", {"metrics": {name: METRICS[name] for name in ("sickness", "finance", "stay", "medicines")}}),
    ("opportunities/all.yaml", {"opportunities": OPPORTUNITIES}),
    ("peer_groups.yaml", {"peer_groups": PEER_GROUPS}),
    ("prices.yaml", {"prices": PRICES}),
    ("overlap_groups.yaml", {"overlap_groups": {"estates": {"title": "Buildings", "explanation": "One estate."}}}),
]
