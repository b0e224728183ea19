"""A programme of invented schools, priced in kronor, without register, successions or pattern: nothing of it is like
the shipped one. Its parts can be left out."""

from collections.abc import Iterator

from functions.api.routes import ROUTES
from infra.local.stack import LocalStack
from tests.support.api.published import MemoryStore, Service
from tests.support.pipeline.programme import METHOD_KEY, objects

PROGRAMME = """\
--- # programme.yaml
programme:
  id: schools
  name: Costs of schools
  description: Invented, for tests.
  currency: SEK
  organisation: {one: school, many: schools}
  code: {called: school number}
  display: {case: title, keep: [SMK], small: [of, the]}
  population: {trust_type: [budget.kind], trust_type_names: {P: Primary}}
"""
BUDGET = """\
--- # budget.yaml
dataset:
  id: budget
  title: Budgets
  source: invented
  licence: none
  period: {kind: year}
  code: {heading: number, pattern: "[0-9]{4}"}
  measures:
    name: {heading: name, type: text}
    kind: {heading: kind, type: text}
    spend: {heading: spend, unit: SEK, minimum: 0}
    pupils: {heading: pupils, unit: pupil, minimum: 0}
  kept: [{measures: [name, kind, spend, pupils], because: "Kept for tests."}]
"""
METRICS = """\
--- # metrics.yaml
metrics:
  spend:
    title: Spend per pupil
    numerator: [budget.spend]
    denominator: [budget.pupils]
    unit: SEK per pupil
    numerator_unit: SEK
    denominator_unit: pupil
    direction: lower_is_better
    plausibility: {group: national}
"""
GROUPS = """\
--- # peer_groups.yaml
peer_groups:
  kind:
    kind: same_attribute
    title: Same kind
    explanation: Schools of the same kind.
    source: invented
    attribute: budget.kind
  alike:
    kind: nearest
    title: Alike
    explanation: Schools of a similar size.
    source: invented
    variables: [{measure: budget.pupils, label: Pupils}]
    k: 3
    runners_up: 1
    stability: {draws: 2}
    successors: {rule: none}
"""
OPPORTUNITIES = """\
--- # opportunities.yaml
overlap_groups:
  running: {title: Running, explanation: The same money.}
opportunities:
  spend:
    title: Spend
    category: running
    what: Compares spend.
    why: Money.
    explanation: Spend by pupil.
    metric: spend
    comparator: national
    lower: {rule: median}
    upper: {rule: quantile, q: 0.25}
    minimum_comparators: 2
    unit: SEK
    native: cash
    cash: {unit: SEK}
    overlap_group: running
    sources: [invented]
"""
WHOLE = PROGRAMME + BUDGET + METRICS + GROUPS + OPPORTUNITIES


def method(*parts: str) -> str:
    """A method of some parts; what a part uses is not kept for another reason."""
    text = "".join(parts)
    used = {"budget.kind"} | {name for name in ("budget.spend", "budget.pupils") if name in text.replace(BUDGET, "")}
    kept = [name for name in ("name", "kind", "spend", "pupils") if f"budget.{name}" not in used]
    return text.replace("measures: [name, kind, spend, pupils], because", f"measures: [{', '.join(kept)}], because")


def budgets(year: int = 0) -> bytes:
    """Eight schools; the spend of a pupil falls from the first to the last, and by another amount each year."""
    rows = [
        f"{1001 + nth},{'SMK ' if nth % 2 else ''}SCHOOL OF THE {'ABCDEFGH'[nth]},{'PS'[nth % 2]},"
        f"{(100 + nth) * (9_000 - 400 * nth + 10 * year)},{100 + nth}"
        for nth in range(8)
    ]
    return ("number,name,kind,spend,pupils\n" + "\n".join(rows) + "\n").encode()


def land_schools(stack: LocalStack, text: str) -> None:
    """Land a method and two years of budgets, and wait until nothing more happens."""
    stack.land(METHOD_KEY, text.encode())
    for year in (2023, 2024):
        stack.land(f"budget/{year}/budgets.csv", budgets(year - 2023))
    stack.run_until_idle()


def reader_of(stack: LocalStack) -> Service:
    """The API over what a stack has published."""
    store = MemoryStore()
    for prefix in ("channels/", "releases/", "tables/", "previews/", "comparisons/"):
        store.objects |= objects(stack, prefix)
    return Service(store)


def addresses(service: Service) -> Iterator[tuple[str, dict[str, str]]]:
    """Every address that reads, for one school, with parameters that it needs."""
    parts = {
        "<code>": "1001", "<other>": "1003", "<opportunity_id>": "spend", "<table>": "trusts.csv",
        "<dataset>": next(iter(service.releases.current().method.datasets)),
        "<release_id>": service.releases.current().id,
    }  # fmt: skip
    for route in ROUTES:
        path = route.path
        if route.method != "GET" or route.scope != "read":
            continue
        for name, value in parts.items():
            path = path.replace(name, value)
        yield path, {"since": parts["<release_id>"]} if path.endswith("/changes") else {}
