"""Write the sample programme of prescribing: `python -m samples.prescribing.generate [--out DIR]`.

The same code always writes the same bytes; they are committed under samples/prescribing/landing. The method there,
`method/1/method.yaml`, is written by hand.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from samples.draw import Draw
from samples.written import PLACES, as_csv, command

COMMITTED = Path(__file__).parent / "landing"
PRACTICES, MONTHS = 300, ("2025-02", "2025-03", "2025-04", "2025-05")
BOARDS = ("Fells and Tarns", "Northern Becks", "Saltmarsh Coast", "Inland Wolds", "The Middlings", "South Vale")
NETWORK_SIZE = 13
"""About how many practices are in a network."""

KINDS = ("Surgery", "Medical Centre", "Health Centre", "Practice", "Family Practice")


@dataclass(frozen=True)
class Item:
    """A medicine: quantity per item, cost of one in pounds, and items a month per 1,000 patients in a typical
    practice. Codes are of the form chapter, substance, `B` for a brand or `G` for a generic."""

    code: str
    name: str
    quantity: int
    cost: float
    items: float


ITEMS = (
    Item("9112TAG", "Tavosatin tablets 20mg", 28, 0.06, 62),
    Item("9112TAB", "Tavostar tablets 20mg", 28, 0.62, 7),
    Item("9112LUG", "Luvosatin tablets 10mg", 28, 0.11, 15),
    Item("9147NEG", "Nervoline capsules 50mg", 56, 0.24, 9),
    Item("9147PAG", "Pallinol tablets 500mg", 100, 0.03, 48),
    Item("9151BRG", "Broadacin capsules 250mg", 21, 0.19, 4.5),
    Item("9151NAG", "Narrowcillin capsules 500mg", 21, 0.08, 24),
    Item("9160GLG", "Glucovar tablets 500mg", 84, 0.02, 33),
)
WITHOUT_BRAND = 0.1
"""Of the practices, how many never prescribe a brand: they have no row for it, which is a zero."""


@dataclass(frozen=True)
class Practice:
    """One practice. Its `network` and `board` are counted from 1."""

    number: int
    network: int
    board: int
    patients: int

    @property
    def code(self) -> str:
        """Real codes have no I in this place."""
        return f"GI{self.number:05}"

    def draw(self, *subject: str) -> Draw:
        """The stream of random numbers of one of its subjects."""
        return Draw.of("prescribing", self.code, *subject)


def practices(count: int = PRACTICES) -> list[Practice]:
    """Every practice, by number."""
    networks = max(1, count // NETWORK_SIZE)
    listed = []
    for number in range(1, count + 1):
        network = 1 + (number - 1) % networks
        patients = int(Draw.of("prescribing", str(number), "patients").around(8200, 0.5))
        listed.append(Practice(number, network, 1 + (network - 1) % len(BOARDS), patients))
    return listed


def landing_files(count: int = PRACTICES, months: Iterable[str] = MONTHS) -> dict[str, bytes]:
    """Every file of the programme but the method, by landing key."""
    everyone = practices(count)
    files = {
        "practices/2025/practices.csv": _register(everyone),
        "mergers/2025/mergers.csv": as_csv([("old_code", "new_code", "date"), ("GI90002", "GI00007", "2025-04-01")]),
        "profiles/2025/profiles.csv": _profiles(everyone),
    }
    for month in months:
        files[f"lists/{month}/patients.csv"] = _lists(everyone, month)
        files[f"items/{month}/items.csv"] = _items(everyone, month)
    return files


def _register(everyone: Iterable[Practice]) -> bytes:
    header = ("code", "name", "setting", "network", "network_name", "board", "board_name", "opened", "closed")
    rows: list[tuple[object, ...]] = [header]
    for one in everyone:
        rows.append((one.code, _name(one), "4", *_belongs(one), "1998-04-01", ""))
    service = Practice(90001, 1, 1, 0)
    rows.append((service.code, "Stillwater Recovery Service (fictional)", "1", *_belongs(service), "2010-04-01", ""))
    rows.append(("GI90002", "Old Nowhere Surgery (fictional)", "4", "", "", "", "", "1998-04-01", "2025-03-31"))
    return as_csv(rows)


def _name(one: Practice) -> str:
    place = PLACES[one.number % len(PLACES)]
    nth = ("", "St Odd's ", "New ", "Old ", "North ", "South ", "East ", "West ")[one.number // len(PLACES) % 8]
    return f"{nth}{place} {one.draw('name').choice(KINDS)} (fictional)"


def _belongs(one: Practice) -> tuple[str, str, str, str]:
    place = PLACES[one.network * 5 % len(PLACES)]
    return (
        f"NI{one.network:03}",
        f"{place} {one.network} Network (fictional)",
        f"BI{one.board}",
        f"{BOARDS[one.board - 1]} Board (fictional)",
    )


def _profiles(everyone: Iterable[Practice]) -> bytes:
    rows: list[tuple[object, ...]] = [("code", "patients", "over_65", "long_term_illness")]
    for one in everyone:
        draw = one.draw("profile")
        over_65 = draw.between(4, 42, 19, 6)
        rows.append((one.code, one.patients, f"{over_65:.1f}", f"{draw.between(15, 70, 35 + over_65, 5):.1f}"))
    return as_csv(rows)


def _lists(everyone: Iterable[Practice], month: str) -> bytes:
    """Registered patients on the first day of a month; GI00020 was late with that of April."""
    late = {"2025-04": {"GI00020"}}.get(month, set())
    rows: list[tuple[object, ...]] = [("code", "patients")]
    rows += [
        (one.code, round(one.patients * one.draw("list", month).between(0.98, 1.02, 1, 0.005)))
        for one in everyone
        if one.code not in late
    ]
    if month < "2025-04":
        rows.append(("GI90002", 3100))
    return as_csv(rows)


def _items(everyone: Iterable[Practice], month: str) -> bytes:
    """What was prescribed: a row for each practice and item, and two where packs of two sizes were. An item that a
    practice did not prescribe has no row."""
    header = ("YEAR_MONTH", "PRACTICE_CODE", "ITEM_CODE", "ITEM_NAME", "ITEMS", "TOTAL_QUANTITY", "ACTUAL_COST")
    rows: list[tuple[object, ...]] = [header]
    label = month.replace("-", "")
    others = [Practice(90001, 1, 1, 900)]
    others += [Practice(90002, 1, 1, 3100)] if month < "2025-04" else []
    for one in (*everyone, *others):
        for item in ITEMS:
            rows += [(label, one.code, item.code, item.name, *figures) for figures in _prescribed(one, item, month)]
    return as_csv(rows)


def _prescribed(one: Practice, item: Item, month: str) -> Iterator[tuple[int, int, str]]:
    """Items, quantity and cost of each row."""
    habit = one.draw("habit", item.code)
    if item.code.endswith("B") and habit.random() < WITHOUT_BRAND:
        return
    usual = habit.around(item.items, 0.75 if item.code in ("9112TAB", "9147NEG", "9151BRG") else 0.2)
    price = item.cost * habit.between(0.9, 1.1, 1, 0.03)
    draw = one.draw(item.code, month)
    items = draw.count(usual * one.patients / 1000)
    packs = [items] if items < 20 or draw.random() < 0.7 else [items - items // 4, items // 4]
    for number, size in zip(packs, (1, 2), strict=False):
        if number:
            quantity = number * item.quantity * size
            yield number, quantity, f"{quantity * price:.2f}"


if __name__ == "__main__":
    command("Write the synthetic sample files of prescribing.", COMMITTED, landing_files())
