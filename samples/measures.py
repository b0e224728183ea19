"""trust_measures: the figures no publisher releases, as `trust_code,period,measure,value`.

Measures and their units are listed in samples/README.md.
"""

from samples.columns import NO_DATA, NOT_APPLICABLE, Cell, written
from samples.draw import Draw
from samples.estates import PERIODS
from samples.programme import Trust, size, trusts_on

SUPPRESSED = "*"
WAU = 3500  # GBP of care, by definition

STATED: dict[str, dict[str, Cell]] = {  # cells that are no figures
    "ROF": {"ordinary_elective_admissions": SUPPRESSED},
    "RI6": {"imaging_reports": NO_DATA},
    "RO9": {"top_medicines_savings_target": ""},
}
NOT_SENT = {("ROJ", "pathology_cost"), ("ROJ", "pathology_tests")}
BOARD_ROWS = {"QI4": {"agency_spend": 0, "pay_spend": 41_000_000}}  # an organisation that is no trust


def landing_files() -> dict[str, bytes]:
    return {f"trust_measures/{period}/trust_measures_{period}.csv": _file(period) for period in PERIODS}


def _file(period: str) -> bytes:
    figures = {trust.code: _figures(trust, period) for trust in trusts_on(PERIODS[period])} | BOARD_ROWS
    rows = [
        f"{code},{period},{measure},{written(value)}"
        for code, measures in figures.items()
        for measure, value in measures.items()
        if (code, measure) not in NOT_SENT
    ]
    return "".join(f"{row}\n" for row in ("trust_code,period,measure,value", *rows)).encode("ascii")


def _figures(trust: Trust, period: str) -> dict[str, Cell]:
    lasting, yearly = Draw.of("measures", trust.code), Draw.of("measures", trust.code, period)
    clinical = _hospital(trust, lasting, yearly)
    if not trust.kind.acute:
        clinical = dict.fromkeys(clinical, NOT_APPLICABLE)
    return clinical | _everywhere(trust, lasting, yearly) | STATED.get(trust.code, {})


def _hospital(trust: Trust, lasting: Draw, yearly: Draw) -> dict[str, Cell]:
    held = size(trust)
    touch_minutes = round(held.beds * lasting.around(1650, 0.15) * yearly.around(1, 0.02))
    utilisation = lasting.between(0.6, 0.93, 0.78, 0.05)
    lost_minutes = round(touch_minutes / utilisation) - touch_minutes
    lost = lasting.parts(lost_minutes, {"late_starts": 0.25, "early_finishes": 0.45, "turnaround": 0.3}, 0.3)
    case_minutes = lasting.around(95, 0.15)
    bed_days = round(held.beds * 365 * lasting.between(0.8, 0.97, 0.92, 0.03))
    long_stays = lasting.between(0.05, 0.4, 0.17, 0.05)
    admissions = round(held.beds * lasting.around(32, 0.15))
    day_cases = round(admissions * lasting.between(0.6, 0.95, 0.82, 0.05))
    tests = round(held.beds * lasting.around(9_000, 0.15))
    reports = round(held.beds * lasting.around(420, 0.15))
    savings_target = round(held.income * lasting.around(0.003, 0.2))
    activity = round(held.income / WAU * lasting.around(1, 0.08))
    return {
        "theatre_planned_minutes": touch_minutes + lost_minutes,
        "theatre_touch_minutes": touch_minutes,
        "theatre_cases": round(touch_minutes / case_minutes),
        **{f"theatre_cases_lost_to_{cause}": round(part / case_minutes, 1) for cause, part in lost.items()},
        "occupied_bed_days": bed_days,
        "long_stay_bed_days": round(bed_days * long_stays * yearly.around(1, 0.03)),
        "long_stay_target": round(long_stays * lasting.between(0.6, 1.1, 0.85, 0.12), 4),
        "day_cases": day_cases,
        "ordinary_elective_admissions": admissions - day_cases,
        "pathology_cost": round(tests * lasting.around(3.2, 0.12)),
        "pathology_tests": tests,
        "imaging_cost": round(reports * lasting.around(48, 0.12)),
        "imaging_reports": reports,
        "top_medicines_savings_delivered": round(savings_target * lasting.around(0.9, 0.2)),
        "top_medicines_savings_target": savings_target,
        "weighted_activity_units": activity,
        "nursing_pay": round(activity * lasting.around(750, 0.1)),
        "medical_pay": round(activity * lasting.around(530, 0.1)),
        "high_cost_medicines_spend": round(activity * lasting.around(210, 0.6)),
    }


def _everywhere(trust: Trust, lasting: Draw, yearly: Draw) -> dict[str, Cell]:
    income = round(size(trust).income * yearly.around(1, 0.02))
    pay = round(income * lasting.between(0.5, 0.8, 0.66, 0.03))
    supplies = round(income * lasting.around(0.09, 0.2))
    small = (2e8 / income) ** 0.15  # a finance team shrinks less than its trust
    return {
        "income": income,
        "finance_cost": round(income * small * lasting.around(0.0065, 0.2)),
        "hr_cost": round(income * small * lasting.around(0.0085, 0.2)),
        "payroll_cost": round(income * small * lasting.around(0.0013, 0.25)),
        "procurement_spend": supplies,
        "procurement_price_variance": round(supplies * lasting.around(0.045, 0.35)),
        "pay_spend": pay,
        "agency_spend": round(pay * lasting.around(0.032, 0.4) * yearly.around(1, 0.1)),
    }
