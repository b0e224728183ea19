"""The locked packages that build the pages."""

import json
import re
from importlib.metadata import metadata
from typing import Any

import pytest

from tests.support.paths import CHECKOUT

WEB = CHECKOUT / "infra" / "web"


@pytest.fixture(scope="module")
def lock() -> dict[str, Any]:
    """`package-lock.json`: npm's packages by their folder."""
    read: dict[str, Any] = json.loads((WEB / "package-lock.json").read_text("utf-8"))
    return read


def locked(name: str, package: str) -> str:
    """The version of a package in requirements/<name>.txt."""
    text = (CHECKOUT / "requirements" / f"{name}.txt").read_text("utf-8")
    (version,) = re.findall(rf"^{re.escape(package)}==(\S+)", text, re.MULTILINE)
    return str(version)


def test_lock_has_no_addresses_of_packages(lock: dict[str, Any]) -> None:
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert len(packages) > 20
    assert [name for name, package in packages.items() if "resolved" in package] == []
    assert [name for name, package in packages.items() if not package["integrity"].startswith("sha512-")] == []
    for package in packages.values():
        package.pop("funding", None)  # where to pay its authors
    assert "://" not in json.dumps(packages)


def test_lock_belongs_to_the_list_of_packages(lock: dict[str, Any]) -> None:
    wanted = json.loads((WEB / "package.json").read_text("utf-8"))["devDependencies"]
    assert lock["packages"][""]["devDependencies"] == wanted
    assert {name: lock["packages"][f"node_modules/{name}"]["version"] for name in wanted} == wanted


def test_style_and_templates_of_nhs_uk_frontend_belong_together(lock: dict[str, Any]) -> None:
    """The package of templates says, in a table, which version of the style each of its versions goes with."""
    described = metadata("nhsuk-frontend-jinja")["description"]
    pairs = dict(re.findall(r"^\| *([\d.]+) *\| *([\d.]+) *\|$", described, re.MULTILINE))
    assert len(pairs) > 5
    style = lock["packages"]["node_modules/nhsuk-frontend"]["version"]
    assert pairs[style] == locked("dev", "nhsuk-frontend-jinja") == locked("node", "nhsuk-frontend-jinja")


def test_templates_are_compiled_and_run_by_one_version_of_jinja() -> None:
    api = (CHECKOUT / "functions" / "api" / "requirements.txt").read_text("utf-8")
    assert f"jinja2=={locked('dev', 'jinja2')} " in api
    assert locked("node", "jinja2") == locked("dev", "jinja2")
