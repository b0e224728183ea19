"""Who is in the programme: trusts, their regions, their mergers, and how large each is.

Nothing here exists. Codes carry an I or an O, which real organisation codes avoid, so that none can be real.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from samples.draw import Draw

REGIONS = {"Y91": "North Fells", "Y92": "The Middlings", "Y93": "Saltmarsh and Wolds", "Y94": "South Vale"}
BOARDS = {  # integrated care board: name, region
    "QI1": ("Fells and Tarns", "Y91"),
    "QI2": ("Northern Becks", "Y91"),
    "QI3": ("Upper Middlings", "Y92"),
    "QI4": ("Lower Middlings", "Y92"),
    "QI5": ("Saltmarsh Coast", "Y93"),
    "QI6": ("Inland Wolds", "Y93"),
    "QI7": ("South Vale", "Y94"),
    "QI8": ("Great Fretting", "Y94"),
}


@dataclass(frozen=True)
class Kind:
    """A typical trust of one estate type: sizes, and rates near the medians of the published ERIC 2015-16."""

    area: float  # gross internal, m2
    staff: float  # WTE
    beds: float
    income: float  # GBP a year
    cleaning: float  # GBP per occupied m2, as are portering, waste and other soft FM
    portering: float
    waste: float
    other_soft: float
    maintenance: float  # GBP per gross m2, as are energy and other hard FM
    energy: float
    other_hard: float
    meals: float  # per occupied m2, as are laundry pieces
    pieces: float
    piece_cost: float  # GBP
    non_clinical: float  # share of clinical and non-clinical space
    absence: float = 0.052  # share of FTE days
    sector: str = "Acute"  # as the sickness absence file calls it

    @property
    def acute(self) -> bool:
        return self.sector == "Acute"


TEACHING = "ACUTE - TEACHING"
LARGE = "ACUTE - LARGE"
MEDIUM = "ACUTE - MEDIUM"
SMALL = "ACUTE - SMALL"
SPECIALIST = "ACUTE - SPECIALIST"
MULTI_SERVICE = "ACUTE - MULTI-SERVICE"
CARE = "CARE TRUST"
COMMUNITY = "COMMUNITY"
MENTAL_HEALTH = "MENTAL HEALTH AND LEARNING DISABILITY"
AMBULANCE = "AMBULANCE"
_MH, _CPT = "Mental Health", "Community Provider Trust"
KINDS = {
    TEACHING: Kind(210e3, 11e3, 1250, 1100e6, 39, 16.5, 3.9, 45, 29, 25, 17, 6.2, 25, 0.35, 0.37),
    LARGE: Kind(160e3, 7e3, 850, 650e6, 41, 16, 3.4, 55, 25, 23, 25, 6.2, 26.5, 0.33, 0.35),
    MEDIUM: Kind(100e3, 4700, 560, 430e6, 40, 15.5, 3.8, 50, 26, 22.5, 25, 6.3, 30, 0.34, 0.35),
    SMALL: Kind(71e3, 3200, 360, 290e6, 38, 16.5, 3.1, 55, 25, 20, 27, 7.1, 31, 0.33, 0.37),
    SPECIALIST: Kind(39e3, 2300, 170, 260e6, 35, 12, 3.2, 70, 30, 28, 30, 3.1, 20, 0.34, 0.39, 0.044),
    MULTI_SERVICE: Kind(100e3, 4500, 420, 400e6, 40, 14, 4.5, 45, 34, 20, 25, 4.6, 25, 0.34, 0.42),
    CARE: Kind(40e3, 2200, 90, 160e6, 40, 3.5, 2.4, 70, 21, 15, 9, 6.6, 7, 0.5, 0.39, 0.056, _MH),
    COMMUNITY: Kind(50e3, 2400, 80, 170e6, 31, 4.6, 3, 25, 14, 13, 6, 2.3, 6, 0.4, 0.38, 0.054, _CPT),
    MENTAL_HEALTH: Kind(81e3, 3900, 260, 310e6, 36, 4.7, 2, 38, 23, 15, 12, 5.4, 4.6, 0.39, 0.34, 0.057, _MH),
    AMBULANCE: Kind(50e3, 4300, 0, 330e6, 13, 0, 3.6, 38, 19, 18.5, 20, 0, 4.4, 0.7, 0, 0.065, "Ambulance"),
}

FOUNDED = date(1994, 4, 1)
PARISHES_UNITE, FRETTING_SPLITS, VALES_UNITE, OTTER_JOINS = (
    date(2023, 4, 1),
    date(2023, 10, 1),
    date(2024, 4, 1),
    date(2025, 4, 1),
)


@dataclass(frozen=True)
class Trust:
    """One trust. `scale` is its size against a typical one of its kind; `closed` is its last day."""

    code: str
    title: str
    kind_name: str
    board: str
    scale: float = 1.0
    opened: date = FOUNDED
    closed: date | None = None

    @property
    def name(self) -> str:
        return f"{self.title} (fictional)"

    @property
    def kind(self) -> Kind:
        return KINDS[self.kind_name]

    @property
    def region(self) -> str:
        return BOARDS[self.board][1]

    def open_on(self, day: date) -> bool:
        return self.opened <= day and (self.closed is None or day <= self.closed)


def _until(merger: date) -> date:
    return merger - timedelta(days=1)


PARISHES = tuple(
    Trust(code, f"{nth} Parish Community NHS Trust", COMMUNITY, "QI5", 0.2, closed=_until(PARISHES_UNITE))
    for code, nth in {
        "REI": "First",
        "RFI": "Second",
        "RGI": "Third",
        "RHI": "Fourth",
        "RJI": "Fifth",
        "RKI": "Sixth",
        "RLI": "Seventh",
    }.items()
)
EIGHTH_PARISH = Trust("ROV", "Eighth Parish Community NHS Trust", COMMUNITY, "QI5", 0.2)

TRUSTS = (
    Trust("RIA", "University Hospitals of Great Fretting NHS Foundation Trust", TEACHING, "QI8", 1.3),
    Trust("RIC", "North Fells University Hospitals NHS Foundation Trust", TEACHING, "QI1"),
    Trust("RIE", "Dunmarrow and Ossing University Hospitals NHS Trust", TEACHING, "QI3"),
    Trust("RIF", "St Ethelbert-in-the-Rain University Hospital NHS Foundation Trust", TEACHING, "QI2", 0.8),
    Trust("RIH", "Saltmarsh University Hospitals NHS Foundation Trust", TEACHING, "QI5", 0.9),
    Trust("RIJ", "Greater Wolds Teaching Hospitals NHS Foundation Trust", TEACHING, "QI6"),
    Trust("RIK", "Imaginary College Healthcare NHS Trust", TEACHING, "QI8", 1.1),
    Trust("RIL", "Lower Middling Hospitals NHS Trust", LARGE, "QI4"),
    Trust("RIN", "Upper Middling Hospitals NHS Foundation Trust", LARGE, "QI3", 1.1),
    Trust("RIQ", "Much Fretting Hospitals NHS Trust", LARGE, "QI8"),
    Trust("RIR", "Four Becks Hospitals NHS Foundation Trust", LARGE, "QI2"),
    Trust("RIT", "Nether and Over Ossing Hospitals NHS Foundation Trust", LARGE, "QI4", 0.9),
    Trust("RIU", "East Nowhere Hospitals NHS Trust", LARGE, "QI7"),
    Trust("RIV", "West Nowhere Hospitals NHS Trust", LARGE, "QI7"),
    Trust("RIW", "Little Haddock Hospitals NHS Foundation Trust", MEDIUM, "QI5"),
    Trust("RIX", "Penny Ferry Hospitals NHS Foundation Trust", MEDIUM, "QI6"),
    Trust("RIY", "Puddlewick General Hospitals NHS Trust", MEDIUM, "QI4"),
    Trust("RI1", "Ashen Hollow Hospitals NHS Foundation Trust", MEDIUM, "QI1"),
    Trust("RI2", "Goosefoot Valley Hospitals NHS Trust", MEDIUM, "QI3"),
    Trust("RI3", "Lower Thistle Hospitals NHS Foundation Trust", MEDIUM, "QI2", 0.9),
    Trust("RI4", "Mickle Hollow Hospital NHS Foundation Trust", SMALL, "QI6"),
    Trust("RI5", "Tuppenny Bridge Hospital NHS Trust", SMALL, "QI6"),
    Trust("RI6", "Wetherless General Hospital NHS Foundation Trust", SMALL, "QI1"),
    Trust("RI7", "Hobnail Vale Hospital NHS Trust", SMALL, "QI7"),
    Trust("RI8", "Almost-on-Sea Hospital NHS Trust", SMALL, "QI5", 0.9),
    Trust("RQI", "Little Otter Hospital NHS Trust", SMALL, "QI6", 0.8, closed=_until(OTTER_JOINS)),
    Trust("ROA", "Great Fretting Children's Hospital NHS Foundation Trust", SPECIALIST, "QI8", 1.5),
    Trust("ROC", "Northern Becks Heart Hospital NHS Foundation Trust", SPECIALIST, "QI2", 1.2),
    Trust("ROE", "Elbowick Orthopaedic Hospital NHS Trust", SPECIALIST, "QI3", 0.9),
    Trust("ROF", "Ferrywold Eye Hospital NHS Trust", SPECIALIST, "QI6", 0.5),
    Trust("ROG", "Marrowby Cancer Centre NHS Foundation Trust", SPECIALIST, "QI1"),
    Trust("ROH", "Dunmarrow Women's Hospital NHS Foundation Trust", SPECIALIST, "QI3"),
    Trust("ROJ", "Stillwater Ear, Nose and Throat Hospital NHS Trust", SPECIALIST, "QI7", 0.6),
    Trust("ROL", "Northern Becks Partnership NHS Foundation Trust", MENTAL_HEALTH, "QI2"),
    Trust("RON", "Calmer Wolds Mental Health NHS Foundation Trust", MENTAL_HEALTH, "QI6"),
    Trust("ROP", "Middlings Recovery and Wellbeing NHS Trust", MENTAL_HEALTH, "QI4", 1.2),
    Trust("ROQ", "Saltmarsh Mental Health NHS Foundation Trust", MENTAL_HEALTH, "QI5", 0.8),
    Trust("ROR", "Even Keel Partnership NHS Foundation Trust", MENTAL_HEALTH, "QI1", 0.6),
    Trust("ROU", "Lantern Hill Mental Health NHS Trust", MENTAL_HEALTH, "QI8"),
    Trust("RCI", "North Vale Mental Health NHS Trust", MENTAL_HEALTH, "QI7", 0.9, closed=_until(VALES_UNITE)),
    Trust("RDI", "South Vale Mental Health NHS Trust", MENTAL_HEALTH, "QI7", 0.9, closed=_until(VALES_UNITE)),
    Trust("GIO2S", "United Vales Mental Health NHS Trust", MENTAL_HEALTH, "QI7", 1.8, VALES_UNITE),
    *PARISHES,
    EIGHTH_PARISH,
    Trust("ROX", "Seven Parishes United Community NHS Trust", COMMUNITY, "QI5", 1.4, PARISHES_UNITE),
    Trust("ROY", "Long Hedge Community NHS Foundation Trust", COMMUNITY, "QI6"),
    Trust("RMI", "Fretting Dale Community NHS Trust", COMMUNITY, "QI8", 1.2, closed=_until(FRETTING_SPLITS)),
    Trust("ROZ", "Upper Fretting Community NHS Trust", COMMUNITY, "QI8", 0.9),
    Trust("RO1", "Nether Fretting Community NHS Trust", COMMUNITY, "QI8", 1.1),
    Trust("RO2", "Middlings Hearth and Home Community NHS Trust", COMMUNITY, "QI3"),
    Trust("RO3", "North Fells Ambulance Service NHS Trust", AMBULANCE, "QI1"),
    Trust("RO4", "Middlings Ambulance Service NHS Foundation Trust", AMBULANCE, "QI3", 1.3),
    Trust("RO5", "Saltmarsh Ambulance Service NHS Trust", AMBULANCE, "QI5", 0.8),
    Trust("RO6", "South Vale Ambulance Service NHS Foundation Trust", AMBULANCE, "QI7"),
    Trust("RO7", "Great Fretting Ambulance Service NHS Trust", AMBULANCE, "QI8", 1.4),
    Trust("RO8", "Inland Wolds Ambulance Service NHS Trust", AMBULANCE, "QI6", 0.9),
    Trust("RO9", "Isle of Fret NHS Trust", MULTI_SERVICE, "QI5", 0.6),
    Trust("RAI", "Far Peninsula Healthcare NHS Foundation Trust", MULTI_SERVICE, "QI2"),
    Trust("RBI", "Border Dales Hospitals and Community NHS Foundation Trust", MULTI_SERVICE, "QI1", 1.1),
    Trust("RNI", "Hithermost Care NHS Trust", CARE, "QI2", 0.8, closed=date(2023, 5, 31)),
    Trust("TAI", "Hither and Yonder Care NHS Trust", CARE, "QI2"),
    Trust("RRI", "Hearthside NHS Trust", CARE, "QI4", closed=_until(VALES_UNITE)),
    Trust("TAO", "Hearthside Care NHS Trust", CARE, "QI4", opened=VALES_UNITE),
)

SUCCESSIONS = (  # predecessor, successor, date
    ("RBO", "RIL", date(1996, 4, 1)),
    ("RCO", "RDO", date(1999, 4, 1)),  # a chain, in one file, before any figure here
    ("RDO", "RIN", date(2011, 10, 1)),
    *((parish.code, "ROX", PARISHES_UNITE) for parish in PARISHES),  # seven into one new code
    ("RNI", "RPI", date(2023, 6, 1)),  # a chain since the characteristics were measured
    ("RPI", "TAI", date(2024, 2, 1)),
    ("RMI", "ROZ", FRETTING_SPLITS),  # a split
    ("RMI", "RO1", FRETTING_SPLITS),
    ("RCI", "GIO2S", VALES_UNITE),  # two into one new code
    ("RDI", "GIO2S", VALES_UNITE),
    ("RRI", "TAO", VALES_UNITE),  # one for one
    ("RQI", "RIX", OTTER_JOINS),  # into a kept code, after every period here but the register's
)


@dataclass(frozen=True)
class Size:
    """How large a trust is: m2, WTE, beds and GBP a year. Figures of one trust hang together through it."""

    area: float
    staff: float
    beds: float
    income: float


def size(trust: Trust) -> Size:
    draw, kind = Draw.of("size", trust.code), trust.kind
    scale = draw.around(trust.scale, 0.15)
    return Size(*(scale * draw.around(typical, 0.07) for typical in (kind.area, kind.staff, kind.beds, kind.income)))


def absence(trust: Trust) -> float:
    """The trust's usual share of FTE days lost to sickness."""
    return Draw.of("absence", trust.code).between(0.03, 0.09, trust.kind.absence, 0.006)


def trusts_on(day: date) -> list[Trust]:
    """Those open that day, by code."""
    return sorted((trust for trust in TRUSTS if trust.open_on(day)), key=lambda trust: trust.code)
