"""Deciding on pages: what the operator saw goes along, what is missing is said, what moved meanwhile is shown."""

import pytest

from shared.releases.channels import read_pointer
from tests.support.api.published import NEXT, RELEASE, Service
from tests.support.pages.visitors import Read, Visitor

WHY = "Reviewed by the programme board."
GIVEN = {"why": WHY, "looked": "yes"}
OTHER = "b" * 32


@pytest.fixture
def service() -> Service:
    """A release that readers see, and the preview of another method."""
    made = Service()
    made.publish()
    made.preview()
    return made


@pytest.fixture
def operator(service: Service) -> Visitor:
    return Visitor(service, "operate", name="ops@example")


def shown(service: Service) -> str:
    service.now += 10.0  # past what a warm function remembers of the pointer
    pointer, _ = read_pointer(service.store, "current")
    assert pointer
    return pointer.release_id


def decide(operator: Visitor, address: str, **fields: str) -> Read:
    """Open the page, fill in the form, and send it."""
    opened = operator.read(address)
    assert opened.status == 200, opened.words()
    return operator.send(address.partition("?")[0], opened.fields() | GIVEN | fields)


def test_the_whole_course_promoted_rolled_back_and_resumed(service: Service, operator: Visitor) -> None:
    promoted = decide(operator, "/operate/promote")
    assert (promoted.status, promoted.words("//h1")) == (200, ["Readers now see release eeeeeeee"])
    assert shown(service) == NEXT
    (undo,) = promoted.find("//main//a[contains(@href, 'rollback')]/@href")
    assert undo == f"../operate/rollback?release_id={RELEASE}"
    earlier = operator.read("/operate/rollback")
    assert [row[0] for row in earlier.rows("Earlier releases")] == [RELEASE[:8]]
    back = decide(operator, f"/operate/rollback?release_id={RELEASE}")
    assert back.words("//h1") == ["Readers see release aaaaaaaa again"]
    assert shown(service) == RELEASE
    (banner,) = operator.read("/operate").words("//div[@class='banner']")
    assert "Readers keep seeing release aaaaaaaa, whatever is landed." in banner
    assert f"It was put back by ops@example on 31 January 2025: “{WHY}”" in banner
    resumed = decide(operator, "/operate/resume")
    assert resumed.words("//h1") == ["The hold is lifted"]
    assert "Number 3, by ops@example, 31 January 2025, 23:00 UTC" in resumed.words("//dd")


def test_the_pages_after_a_decision_show_its_effect_in_every_process(service: Service, operator: Visitor) -> None:
    """The clock stands still, so a pointer that was read before is not read again for a reader."""
    other = Service(service.store)
    elsewhere, reader = Visitor(other, "operate"), Service(service.store)

    def seen(of: Visitor) -> str:
        return of.read("/operate").words("//section[@class='panel']")[0]

    for visitor in (operator, elsewhere):
        assert seen(visitor).startswith("Readers see Release aaaaaaaa")
    assert reader.get("/v1/releases/current").json()["pointer"]["release_id"] == RELEASE
    decide(operator, "/operate/promote")
    for visitor in (operator, elsewhere):
        assert seen(visitor).startswith("Readers see Release eeeeeeee")
    assert reader.get("/v1/releases/current").json()["pointer"]["release_id"] == RELEASE
    reader.as_caller("ops@example", "operate")
    assert reader.get("/v1/releases/current").json()["pointer"]["release_id"] == NEXT


def test_a_decision_names_both_releases_and_carries_what_was_seen(operator: Visitor) -> None:
    page = operator.read("/operate/promote")
    assert page.fields() == {"release_id": NEXT, "instead_of": RELEASE, "why": ""}
    assert page.words("//dd") == [
        "Release aaaaaaaa, published 1 January 2025, 00:00 UTC",
        "Release eeeeeeee, which readers have not seen yet",
    ]
    assert len(page.find("//main/ul/li")) == 3
    assert f"../releases/{NEXT}/changes?since={RELEASE}" in page.find("//main//a/@href")


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"why": " \r\n "}, ["#why"]),
        ({"looked": ""}, ["#looked"]),
        ({"why": "", "looked": "no"}, ["#why", "#looked"]),
        ({"why": "x" * 2001}, ["#why"]),
    ],
)
def test_what_is_missing_is_said_at_the_top_and_at_the_field_and_nothing_is_decided(
    service: Service, operator: Visitor, fields: dict[str, str], wrong: list[str]
) -> None:
    page = decide(operator, "/operate/promote", **fields)
    assert page.status == 422
    assert page.find("//*[contains(@class, 'error-summary')]//a/@href") == wrong
    for field in wrong:
        (described,) = page.find(f"//*[@id='{field[1:]}']/@aria-describedby")
        assert f"{field[1:]}-error" in described.split()
        assert page.find(f"//*[@id='{field[1:]}-error']")
    assert page.fields()["why"].strip() == fields.get("why", WHY).strip()
    assert not service.landing.objects.keys() & {"decisions/000001.json"}
    assert shown(service) == RELEASE


def test_line_ends_of_a_browser_do_not_count_twice(service: Service, operator: Visitor) -> None:
    why = "\r\n".join(["x" * 99] * 20)  # 1,999 characters with single line ends
    assert decide(operator, "/operate/promote", why=why).status == 200
    assert shown(service) == NEXT


def test_the_second_of_two_operators_sees_what_the_first_did_and_keeps_the_reason(
    service: Service, operator: Visitor
) -> None:
    form = operator.read("/operate/promote").fields() | GIVEN
    decide(Visitor(service, "operate", name="first@example"), "/operate/promote", why="I was first.")
    late = operator.send("/operate/promote", form | {"why": "My own reason."})
    assert late.status == 409
    (alert,) = late.words("//*[@role='alert']")
    assert alert.startswith("Nothing was decided, because something has changed meanwhile")
    assert late.words("//blockquote") == ["My own reason."]
    shown(service)
    assert "It was promoted by first@example on 31 January 2025: “I was first.”" in " ".join(
        operator.read("/operate/promote").words()
    )


def test_a_release_that_was_published_meanwhile_is_shown_and_is_what_the_next_try_decides_on(
    service: Service, operator: Visitor
) -> None:
    form = operator.read("/operate/promote").fields() | GIVEN
    service.publish(OTHER, sequence=2)
    service.now = 10.0
    moved = operator.send("/operate/promote", form)
    assert moved.status == 409
    (alert,) = moved.words("//*[@role='alert']")
    assert "Release bbbbbbbb is current now, not aaaaaaaa" in alert
    assert "When you opened this page, readers saw release aaaaaaaa. Since 2 January 2025, 00:00 UTC they see" in alert
    again = moved.fields()
    assert again == {"release_id": NEXT, "instead_of": OTHER, "why": WHY}
    assert operator.send("/operate/promote", again | {"looked": "yes"}).status == 200
    assert shown(service) == NEXT


def test_where_there_is_nothing_to_decide_the_page_says_why() -> None:
    alone = Service()
    alone.publish()
    operator = Visitor(alone, "operate")
    for address, title in {
        "/operate/promote": "There is no preview to promote",
        "/operate/resume": "No release is on hold",
        f"/operate/rollback?release_id={RELEASE}": "Readers see this release already",
    }.items():
        page = operator.read(address)
        assert (page.status, page.words("//h1")) == (200, [title])
        assert not page.find("//main//form")
    assert operator.read("/operate/rollback").words("//div[@class='empty']") == [
        "There is no earlier release to go back to."
    ]


@pytest.mark.parametrize("address", ["/operate", "/operate/promote", "/operate/rollback", "/operate/resume"])
def test_pages_of_operators_are_for_operators(service: Service, address: str) -> None:
    assert Visitor(service, "read", "supply:d").read(address).status == 403


def test_a_form_from_elsewhere_decides_nothing(service: Service, operator: Visitor) -> None:
    form = operator.read("/operate/promote").fields() | GIVEN
    assert operator.send("/operate/promote", form, **{"sec-fetch-site": "cross-site"}).status == 403
    assert shown(service) == RELEASE


def test_a_reason_is_text_and_nothing_else(service: Service, operator: Visitor) -> None:
    why = "<script>alert(1)</script> & more"
    promoted = decide(operator, "/operate/promote", why=why)
    assert why in promoted.words("//dd")
    assert not promoted.find("//main//script")
