"""A supplier in a browser, on the emulator: sign-in, a file that is rejected, the corrected one, and signing out."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from infra.local.browser import browser as running
from infra.local.browser import executable
from infra.local.emulator import Emulator
from infra.stacks import Deployed, describe
from tests.support.paths import SAMPLES
from tests.support.web.presence import without

pytestmark = pytest.mark.web

NAME, PASSWORD, DATASET = "bea@example.nhs.uk", "Long enough 4 anybody!", "sickness_absence"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if executable() is None:
        without()
    with running() as started:
        yield started


@pytest.fixture(scope="module")
def stack(emulator: Emulator) -> Deployed:
    stack = describe("headroom", emulator.client)
    cognito, pool = stack.client("cognito-idp"), {"UserPoolId": stack.outputs["UserPoolId"]}
    cognito.admin_create_user(**pool, Username=NAME, TemporaryPassword=PASSWORD)
    cognito.admin_set_user_password(**pool, Username=NAME, Password=PASSWORD, Permanent=True)
    cognito.admin_add_user_to_group(**pool, Username=NAME, GroupName=f"supply-{DATASET}")
    return stack


def upload(page: Page, period: str, path: Path) -> None:
    """Try a file: both forms, and the receipt that follows."""
    page.get_by_label("Period", exact=True).fill(period)
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("The file").set_input_files(path)
    page.get_by_role("button", name="Try this file").click()
    page.get_by_role("heading", level=1, name="The file would be").wait_for(timeout=180_000)


def test_a_supplier_signs_in_corrects_a_file_and_signs_out(browser: Browser, stack: Deployed, tmp_path: Path) -> None:
    sample = next((SAMPLES / DATASET).rglob("*.csv"))
    period = sample.relative_to(SAMPLES / DATASET).parts[0]
    lines = sample.read_text("utf-8").splitlines()
    broken = tmp_path / sample.name
    cells = lines[2].split(",")
    cells[lines[0].split(",").index("FTE_DAYS_LOST")] = "many"
    broken.write_text("\n".join([*lines[:2], ",".join(cells), *lines[3:]]) + "\n", "utf-8")
    page = browser.new_context(locale="en-GB").new_page()
    page.set_default_timeout(60_000)
    page.goto(f"{stack.outputs['ApiUrl']}/supply/upload?dataset={DATASET}")
    page.locator("input[name=username]").fill(NAME)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("button, input[type=submit]").first.click()
    page.get_by_role("heading", level=1).wait_for()
    assert page.url.endswith(f"/supply/upload?dataset={DATASET}")
    assert NAME in page.locator("header").inner_text()

    upload(page, period, broken)
    assert page.get_by_role("heading", level=1).inner_text() == "The file would be rejected"
    finding = page.get_by_role("row").filter(has_text="FTE_DAYS_LOST").first.inner_text()
    assert "many" in finding
    assert "3" in finding.split()  # the row
    page.goto(f"{stack.outputs['ApiUrl']}/supply/upload?dataset={DATASET}")
    upload(page, period, sample)
    assert page.get_by_role("heading", level=1).inner_text() == "The file would be accepted"

    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("heading", name="You are signed out").wait_for()
    page.goto(f"{stack.outputs['ApiUrl']}/supply")
    assert "/oauth2/authorize" in page.url or page.locator("input[name=password]").count()
