"""Write the sample programme of schools: `python -m samples.schools.generate [--out DIR]`.

The same code always writes the same bytes; they are committed under samples/schools/landing. The method there,
`method/1/method.yaml`, is written by hand.
"""

from dataclasses import dataclass
from pathlib import Path

from samples.draw import Draw
from samples.written import PLACES, as_csv, command

COMMITTED = Path(__file__).parent / "landing"
YEARS = {"2023-24": 0.96, "2024-25": 1.0}
"""Academic years, and what things cost in them compared with the last one."""

REGIONS = ("Fells", "Saltmarsh", "Vale", "Wolds")


@dataclass(frozen=True)
class Phase:
    """A typical school of one phase: pupils, square metres a pupil, and costs in pounds."""

    name: str
    kinds: tuple[str, ...]
    pupils: float
    area: float
    teaching: float  # GBP per pupil, as are support staff and learning resources
    support: float
    resources: float
    autism: float  # share of pupils, as are the other two needs
    learning: float
    physical: float


PHASES = {
    "Primary": Phase("Primary", ("Infant School", "Junior School", "Primary School"), 260, 6, 2700, 1250, 230,
                     0.02, 0.04, 0.005),
    "Secondary": Phase("Secondary", ("Academy", "High School"), 1050, 8.5, 3500, 950, 280, 0.025, 0.04, 0.006),
    "Special": Phase("Special", ("Special School",), 110, 19, 10500, 9800, 620, 0.42, 0.35, 0.12),
}  # fmt: skip


@dataclass(frozen=True)
class School:
    """One school."""

    number: str
    name: str
    region: str
    phase: Phase

    def draw(self, *subject: str) -> Draw:
        """The stream of random numbers of one of its subjects."""
        return Draw.of("schools", self.number, *subject)


def schools() -> list[School]:
    """Every school, by number: 64 primary, 24 secondary and 12 special schools."""
    listed = []
    for place in range(100):
        phase = PHASES["Primary" if place < 64 else "Secondary" if place < 88 else "Special"]
        number = f"FS{101 + place}"
        draw = Draw.of("schools", number, "name")
        town = PLACES[place % len(PLACES)]
        nth = ("", "St Odd's ", "New ", "Old ")[place // len(PLACES)]
        listed.append(
            School(number, f"{nth}{town} {draw.choice(phase.kinds)} (fictional)", draw.choice(REGIONS), phase)
        )
    return listed


def landing_files() -> dict[str, bytes]:
    """Every data file by landing key, `<dataset>/<period>/<file>`."""
    every = schools()
    files = {
        "schools/2025/schools.csv": as_csv(
            [
                ("School number", "School name", "Region", "Phase"),
                *((school.number, school.name, school.region, school.phase.name) for school in every),
            ]
        )
    }
    for year, level in YEARS.items():
        files |= {
            f"census/{year}/census.csv": as_csv([_CENSUS, *(_census(school, year) for school in every)]),
            f"buildings/{year}/buildings.csv": as_csv([_BUILDINGS, *(_buildings(school, year) for school in every)]),
            f"finance/{year}/finance.csv": as_csv([_FINANCE, *(_finance(school, year, level) for school in every)]),
        }
    return files


_CENSUS = ("School number", "Pupils", "Free school meals (%)", "Special needs (%)", "Autism (%)",
           "Learning difficulty (%)", "Physical disability (%)")  # fmt: skip
_BUILDINGS = ("School number", "Internal floor area (m²)", "Average age of buildings (years)")
_FINANCE = ("School number", "Teaching staff (£)", "Support staff (£)", "Energy (£)", "Premises (£)",
            "Learning resources (£)", "Supply teaching (£)")  # fmt: skip


def _pupils(school: School, year: str) -> int:
    usual = school.draw("pupils").around(school.phase.pupils, 0.35)
    return round(school.draw("pupils", year).around(usual, 0.02))


def _area(school: School) -> int:
    return round(_pupils(school, "2024-25") * school.draw("area").around(school.phase.area, 0.18))


def _census(school: School, year: str) -> list[object]:
    draw, phase = school.draw("needs"), school.phase
    meals = draw.between(3, 70, 24 if phase.name != "Special" else 42, 13)
    needs = draw.between(4, 45, 17, 6) if phase.name != "Special" else draw.between(96, 100, 99, 1)
    parts = [100 * min(0.95, draw.around(share, 0.4)) for share in (phase.autism, phase.learning, phase.physical)]
    shown = [f"{value:.1f}" for value in (meals, needs, *parts)]
    if (school.number, year) == ("FS117", "2024-25"):
        shown[0] = ""  # not returned: the median of all schools stands for it
    return [school.number, _pupils(school, year), *shown]


def _buildings(school: School, year: str) -> list[object]:
    age = 8 + school.draw("age").random() * 90 + (year == "2024-25")
    return [school.number, _area(school), f"{age:.0f}"]


def _finance(school: School, year: str, level: float) -> list[object]:
    draw, phase, pupils, area = school.draw("finance", year), school.phase, _pupils(school, year), _area(school)
    usual = school.draw("costs")
    teaching = level * pupils * draw.around(usual.around(phase.teaching, 0.12), 0.02)
    costs = [
        teaching,
        level * pupils * draw.around(usual.around(phase.support, 0.2), 0.03),
        level * area * draw.around(usual.around(16, 0.22), 0.05),
        level * area * draw.around(usual.around(33, 0.25), 0.05),
        level * pupils * draw.around(usual.around(phase.resources, 0.3), 0.05),
        teaching * draw.around(usual.around(0.045, 0.5), 0.1),
    ]
    shown: list[object] = [round(cost) for cost in costs]
    if (school.number, year) == ("FS131", "2024-25"):
        shown[2] = "DNS"  # did not submit
    if (school.number, year) == ("FS172", "2024-25"):
        shown[2] = round(14 * costs[2])  # implausible
    return [school.number, *shown]


if __name__ == "__main__":
    command("Write the synthetic files of the sample schools.", COMMITTED, landing_files())
