"""A programme of a few invented trusts: small enough to be replayed hundreds of times."""

METHOD_TEXT = """\
--- # programme.yaml
programme:
  id: small
  name: A small programme
  description: For tests.
  currency: GBP
  organisation: {one: trust, many: trusts}
  population:
    pattern: ^R[A-Z0-9]{2}$
    trust_register:
      dataset: roll
      name: name
      opened: opened
      closed: closed
      attributes:
        - {id: region, measure: region, title: Region, names: {Y91: North}}
        - {id: icb, measure: icb, title: Board}
    successors: {dataset: succession, successor: successor}
--- # datasets.yaml
dataset:
  id: roll
  title: Trusts
  source: invented
  licence: none
  period: {kind: year}
  code: {heading: code}
  measures:
    name: {heading: name, type: text}
    region: {heading: region, type: code}
    icb: {heading: icb, type: code}
    opened: {heading: opened, type: date, formats: ["%Y-%m-%d"]}
    closed: {heading: closed, type: date, formats: ["%Y-%m-%d"]}
--- # succession.yaml
dataset:
  id: succession
  title: Successions
  source: invented
  licence: none
  period: {kind: year, heading: date, formats: ["%Y-%m-%d"], each: day, free: true}
  code: {heading: old}
  relation: true
  measures:
    successor: {heading: new, type: code}
--- # work.yaml
dataset:
  id: work
  title: Work
  source: invented
  licence: none
  period: {kind: month}
  code: {heading: code}
  measures:
    kind: {heading: kind, type: text}
    cost: {heading: cost, unit: GBP, minimum: 0}
    area: {heading: area, unit: m2, minimum: 0}
  expects: {coverage: 0.9, drift: 50}
--- # metrics.yaml
metrics:
  cost:
    title: Cost per area
    numerator: [work.cost]
    denominator: [work.area]
    unit: GBP per m2
    numerator_unit: GBP
    denominator_unit: m2
    direction: lower_is_better
    plausibility: {group: national}
--- # peer_groups.yaml
peer_groups:
  kind:
    kind: same_attribute
    title: Same kind
    explanation: Trusts of the same kind.
    source: invented
    attribute: work.kind
  similar:
    kind: nearest
    title: Similar
    explanation: Trusts of a similar size.
    source: invented
    variables: [{measure: work.area, label: Area}]
    k: 3
    runners_up: 1
    stability: {draws: 2}
--- # overlap_groups.yaml
overlap_groups:
  estates: {title: Estates, explanation: The same buildings.}
--- # opportunities.yaml
opportunities:
  cost:
    title: Cost
    category: estates
    what: Compares cost.
    why: Money.
    explanation: Cost by area.
    metric: cost
    comparator: kind
    lower: {rule: median}
    upper: {rule: quantile, q: 0.25}
    minimum_comparators: 2
    fallback: national
    unit: GBP
    native: cash
    cash: {unit: GBP}
    overlap_group: estates
    sources: [invented]
"""

ROLL = b"code,name,region,icb,opened,closed\n" + b"".join(
    b"RA%d,Trust %d,Y91,QAA,2000-01-01,\n" % (number, number) for number in range(8)
)


def work(seed: int, trusts: int = 8) -> bytes:
    """A month's file; another seed is another file, and seed 0 is one that has to be rejected."""
    if seed == 0:
        return b"code,kind,cost,area\nRA0,A,lots,10\n"
    rows = [
        f"RA{number},{'AB'[number % 2]},{100 * (number + 1) + 37 * seed * (number % 3)},{10 + number}"
        for number in range(trusts)
    ]
    return ("code,kind,cost,area\n" + "\n".join(rows) + "\n").encode()
