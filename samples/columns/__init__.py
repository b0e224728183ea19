"""The column titles of wide files, in their order, one a line of a text file.

`[Section]` opens a section of the file; `~` marks a column that does not apply to ambulance trusts.
"""

from pathlib import Path
from typing import NamedTuple

from samples.draw import Draw

NOT_APPLICABLE, NO_DATA = "Not Applicable", "No Data Provided"

type Cell = float | str


class Column(NamedTuple):
    title: str
    section: str
    for_ambulances: bool

    @property
    def unit(self) -> str:
        """What stands in the last brackets of the title; 'text' without any."""
        return self.title.rpartition(" (")[2].rstrip(")") if self.title.endswith(")") else "text"


def columns(dataset: str) -> tuple[Column, ...]:
    found, section = [], ""
    for line in (Path(__file__).parent / f"{dataset}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        else:
            found.append(Column(line.removeprefix("~ "), section, not line.startswith("~")))
    return tuple(found)


def filler(unit: str, area: float, draw: Draw) -> Cell:
    """A plausible cell for a column that no metric uses; area is the trust's gross internal area in m2."""
    match unit:
        case "£":
            return round(area * draw.around(4, 1.2)) if draw.random() < 0.6 else 0
        case "%":
            return round(draw.between(0, 100, 12, 10), 2)
        case "WTE":
            return round(area * draw.around(2e-5, 0.5), 2)
        case "Tonnes" | "CO2e (tonnes)":
            return round(area * draw.around(3e-4, 0.5), 2)
        case "kWh" | "m²" | "m³":
            return round(area * draw.around(2, 0.4)) if draw.random() < 0.4 else 0
        case "Yes/No":
            return "Yes" if draw.random() < 0.7 else "No"
        case _:
            return draw.count(area / 2e4)


def written(value: Cell) -> str:
    """Whole numbers without a decimal point, as the publisher writes them."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
