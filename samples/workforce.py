"""sickness_absence: twelve monthly files, with boards and other non-trusts among the trusts."""

from calendar import monthrange
from datetime import date

from samples.draw import Draw
from samples.programme import BOARDS, REGIONS, Trust, absence, size, trusts_on

MONTHS = tuple(date(2024 + (month > 12), (month - 1) % 12 + 1, 1) for month in range(4, 16))
SEASON = dict(enumerate((1.06, 1.04, 1.0, 0.95, 0.95, 0.95, 0.97, 0.95, 0.98, 1.05, 1.07, 1.08), start=1))

RENAMED = {"RIN": (date(2024, 10, 1), "Upper Middling University Hospitals NHS Foundation Trust (fictional)")}
NOT_SENT = {("RIY", date(2024, 11, 1))}

ELSEWHERE = ("QIZ", "Imaginary authorities and other bodies", "QIZ", "Imaginary authorities and other bodies")
OTHERS = {  # code: name, organisation type, WTE
    "0IA": ("Fells and Middlings Commissioning Support Unit (fictional)", "Commissioning Support Unit", 1700),
    "0IC": ("Southern Vale Commissioning Support Unit (fictional)", "Commissioning Support Unit", 1300),
    "TI150": ("Office for Lost Property (fictional)", "Others", 700),
    "TI160": ("Institute of Hospital Weather (fictional)", "Others", 240),
    "8IO76": ("Tidy Corridors Ltd (fictional)", "Others", 600),
}
HEADER = (
    "DATE,NHSE_REGION_CODE,NHSE_REGION_NAME,ICS_CODE,ICS_NAME,ORG_CODE,ORG_NAME,ORG_TYPE,"
    "FTE_DAYS_LOST,FTE_DAYS_AVAILABLE,SICKNESS_ABSENCE_RATE_PERCENT"
)


def landing_files() -> dict[str, bytes]:
    return {f"sickness_absence/{m:%Y-%m}/nhs_sickness_absence_{m:%Y-%m}.csv": _file(m) for m in MONTHS}


def _file(month: date) -> bytes:
    rows = [_row(month, ELSEWHERE, code, name, kind, wte, 0.035) for code, (name, kind, wte) in OTHERS.items()]
    for board, (name, _) in BOARDS.items():
        title = f"NHS {name} ICB (fictional)"
        rows.append(_row(month, _place(board), board, title, "Integrated Care Board", 600, 0.03))
    for trust in trusts_on(_last_day(month)):
        if (trust.code, month) not in NOT_SENT:
            place, name, wte = _place(trust.board), _name(trust, month), size(trust).staff
            rows.append(_row(month, place, trust.code, name, trust.kind.sector, wte, absence(trust)))
    return "".join(f"{line}\n" for line in (HEADER, *rows)).encode()


def _row(month: date, place: tuple[str, ...], code: str, name: str, kind: str, wte: float, rate: float) -> str:
    draw = Draw.of("sickness", code, f"{month:%Y-%m}")
    available = round(wte * _last_day(month).day * draw.around(1, 0.01), 5)
    lost = round(available * rate * SEASON[month.month] * draw.around(1, 0.05), 5)
    name = f'"{name}"' if "," in name else name
    day = f"{_last_day(month):%d/%m/%Y}"
    return ",".join((day, *place, code, name, kind, str(lost), str(available), str(round(100 * lost / available, 2))))


def _place(board: str) -> tuple[str, str, str, str]:
    name, region = BOARDS[board]
    return region, REGIONS[region], board, name


def _name(trust: Trust, month: date) -> str:
    since, name = RENAMED.get(trust.code, (date.max, ""))
    return name if month >= since else trust.name


def _last_day(month: date) -> date:
    return month.replace(day=monthrange(month.year, month.month)[1])
