"""The pages of what changed: of one organisation, and of all."""

import json

import lxml.html

from shared import keys
from tests.support.api.later import LATER, later
from tests.support.api.published import NEXT, RELEASE, Service, opportunities


def page(service: Service, path: str, **query: str) -> lxml.html.HtmlElement:
    answer = service.get(path, query)
    assert answer.status == 200, answer.text
    return lxml.html.fromstring(answer.text)


def text(element: lxml.html.HtmlElement) -> str:
    return " ".join(element.text_content().replace("\N{WORD JOINER}", "").split())


def main(found: lxml.html.HtmlElement) -> str:
    return text(found.xpath("//main")[0])


def cells(found: lxml.html.HtmlElement) -> list[list[str]]:
    return [[text(cell) for cell in row.xpath("*[not(contains(@class, 'bar'))]")] for row in found.xpath("//tbody/tr")]


def test_a_figure_has_its_sentence_before_after_and_its_parts(service: Service) -> None:
    """RAA's own value fell by £5 of 10,000 m²: £200,000 to £300,000 became £150,000 to £250,000."""
    service = later()
    found = page(service, "/trusts/RAA/changes")
    assert text(found.xpath("//p[@class='lead']")[0]) == (
        f"From the release of 1 January 2025 ({RELEASE[:8]}) to the release of 2 January 2025 ({LATER[:8]})."
    )
    answer = service.get(f"/v1/releases/{LATER}/changes", {"since": RELEASE, "trust": "RAA"}).json()
    (change,) = answer["trusts"][0]["changes"]
    assert cells(found) == [
        ["Cleaning cost " + change["sentence"], "£200,000 to £300,000", "£150,000 to £250,000"],
    ]  # fmt: skip
    drawn = text(found.xpath("//td[@class='bar']")[0])
    assert "Before: £300,000Own value: −£50,000After: £250,000" in drawn
    assert found.xpath("//tbody//a/@href") == ["../../trusts/RAA/opportunities/cleaning_cost"]


def test_causes_behind_all_changes_stand_at_the_top() -> None:
    service = later()

    def made_of(release_id: str, **other: object) -> None:
        manifest = json.loads(service.store.objects[keys.release(release_id, "manifest.json")])
        service.store.objects[keys.release(release_id, "manifest.json")] = json.dumps(manifest | other).encode()

    def file(slot: str, sha256: str) -> dict[str, object]:
        return {"slot": slot, "file_id": "1" * 32, "sha256": sha256 * 64, "rows": 1}

    made_of(RELEASE, inputs=[file("d/0", "0"), file("d/1", "1"), file("d/2", "2")], build=7)
    made_of(LATER, inputs=[file("d/0", "0"), file("d/2", "4"), file("d/3", "3")], build=8, method_id="f" * 32)
    for path in ("/trusts/RAA/changes", f"/releases/{LATER}/changes"):
        assert [text(one) for one in page(service, path).xpath("//main/ul[1]/li")] == [
            "New files: d/3.",
            "Files in another version: d/2.",
            "Files that are gone: d/1.",
            "The method is another one.",
            "The code is of build 8; it was of build 7.",
        ]


def test_releases_of_one_day_are_told_apart_by_their_times() -> None:
    service = Service()
    service.publish()
    service.publish(LATER, sequence=2)
    pointer = json.loads(service.store.objects[keys.channel(keys.CURRENT)]) | {"published_at": "2025-01-01T09:30:00Z"}
    service.store.objects[keys.channel(keys.CURRENT)] = json.dumps(pointer).encode()
    lead = text(page(service, "/trusts/RAA/changes").xpath("//p[@class='lead']")[0])
    assert lead == (
        f"From the release of 1 January 2025, 00:00 UTC ({RELEASE[:8]}) "
        f"to the release of 1 January 2025, 09:30 UTC ({LATER[:8]})."
    )


def test_gains_that_are_new_or_gone_have_lists_of_their_own() -> None:
    service = Service()
    service.publish()
    changed = []
    for row in opportunities():
        status = {("RAA", "soft_fm_cost"): "opportunity", ("RAA", "long_stays"): "no_data"}
        changed.append(row | {"status": status.get((row["trust_code"], row["opportunity_id"]), row["status"])})
    none = dict.fromkeys(("value", "units_lower", "units_upper", "activity_lower", "activity_upper"))
    changed = [row | (none if row["status"] == "no_data" else {}) for row in changed]
    service.publish(LATER, sequence=2, opportunities=changed)
    found = page(service, "/trusts/RAA/changes")
    headings = [text(one) for one in found.xpath("//main//h2")]
    assert headings == ["Gains that are new", "Gains that are gone"]
    assert [row[0].split(" ")[0] for row in cells(found)] == ["Soft", "Long"]
    assert cells(found)[0][1] == "As good as its benchmark, or better"
    assert cells(found)[1][1:] == ["100 bed days", "No figure"]


def test_the_first_release_has_nothing_to_compare_with(service: Service) -> None:
    for path in ("/trusts/RAA/changes", f"/releases/{RELEASE}/changes"):
        assert "Readers have seen no other release before this one" in main(page(service, path))


def test_an_unchanged_trust_says_so() -> None:
    assert "No figure of this trust changed." in main(page(later(), "/trusts/RAF/changes"))
    assert "No figure changed." in main(page(later(), f"/releases/{LATER}/changes", since=LATER))


def test_without_since_it_is_the_release_that_readers_saw_before() -> None:
    """They saw the first, the second, and the first again."""
    service = later()
    service.publish(sequence=3)
    for path, before in (("/trusts/RAA/changes", LATER), (f"/releases/{LATER}/changes", RELEASE)):
        assert f"({before[:8]}) to" in main(page(service, path))


def test_an_earlier_release_can_be_chosen() -> None:
    service = later()
    service.publish(NEXT, sequence=3)
    found = page(service, f"/releases/{NEXT}/changes", since=RELEASE)
    assert found.xpath("//select[@id='since']/option/@value") == [LATER, RELEASE]
    assert found.xpath("//select[@id='since']/option[@selected]/@value") == [RELEASE]


def test_a_preview_is_compared_with_what_readers_see(service: Service) -> None:
    service.preview()
    lead = text(page(service, "/trusts/RAA/changes", as_at=NEXT).xpath("//p[@class='lead']")[0])
    assert lead == (
        f"From the release of 1 January 2025 ({RELEASE[:8]}) to release {NEXT[:8]}, which readers have not seen."
    )


def test_all_are_listed_the_largest_change_in_money_first() -> None:
    """RAA's cleaning goes from £300,000 to £250,000 a year and RAF's to £420,000; RAH's value becomes implausible."""
    service = Service()
    amounts = {"RAA": 250_000.0, "RAF": 420_000.0}
    before = [row | {"cash_per_year_upper": row.get("cash_upper")} for row in opportunities()]
    after = []
    for row in before:
        amount = amounts.get(row["trust_code"]) if row["opportunity_id"] == "cleaning_cost" else None
        status = {"status": "implausible"} if row["trust_code"] == "RAH" else {}
        after.append(row | ({"cash_upper": amount, "cash_per_year_upper": amount} if amount else status))
    service.publish(opportunities=before)
    service.publish(LATER, sequence=2, opportunities=after)
    found = page(service, f"/releases/{LATER}/changes")
    assert "Figures of 3 trusts changed." in main(found)
    assert [(row[0], row[1], row[3]) for row in cells(found)] == [
        ("Saint F's NHS Trust", "+£120,000", "1 moved"),
        ("Saint A's NHS Trust", "−£50,000", "1 moved"),
        ("Saint H's NHS Trust", "Not in money", "1 changed otherwise"),
    ]
    assert found.xpath("//tbody//a/@href")[0] == f"../../trusts/RAF/changes?since={RELEASE}&as_at={LATER}"


def test_an_id_that_is_none_is_a_page_too() -> None:
    assert later().get("/trusts/RAA/changes", {"since": "last week"}).status == 400
    assert later().get(f"/releases/{'c' * 32}/changes").status == 404
