"""A client that a generator made of the API's description, used as its first consumer would."""

import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from infra.generate import openapi
from tests.support.api.published import RELEASE, Service
from tests.support.api.wsgi import wsgi

PACKAGE = "headroom_client"


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    folder = tmp_path_factory.mktemp("client")
    (folder / "config.yaml").write_text("post_hooks: []\n", "utf-8")
    command = [str(Path(sys.executable).with_name("openapi-python-client")), "generate", "--path", openapi.COMMITTED]
    command += ["--output-path", folder / PACKAGE, "--meta", "none", "--config", folder / "config.yaml"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "WARNING" not in done.stdout + done.stderr
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        yield
    for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
        del sys.modules[name]


@pytest.fixture
def client(generated: None, service: Service) -> Any:
    transport = httpx.WSGITransport(wsgi(lambda event: service.app.resolve(event, object())))
    module = importlib.import_module(PACKAGE)
    return module.Client(base_url="http://api", raise_on_unexpected_status=True, httpx_args={"transport": transport})


def ask(client: Any, operation: str, *path: str, **query: Any) -> Any:
    """The answer of an operation, `tag.name`."""
    return importlib.import_module(f"{PACKAGE}.api.{operation}").sync_detailed(*path, client=client, **query)


def test_a_list_is_read_to_its_end_page_by_page(client: Any) -> None:
    codes: list[str] = []
    query: dict[str, Any] = {"limit": 3, "q": "NHS"}
    while True:
        found = ask(client, "trusts.trusts", **query).parsed
        codes += [trust.trust_code for trust in found.trusts]
        if found.next_cursor is None:
            break
        query["cursor"] = found.next_cursor
    assert codes == [*(f"RA{letter}" for letter in "ABCDEFGH"), "ROL", "RSP"]
    assert found.total == len(codes)


def test_a_figure_is_read_with_the_steps_that_lead_to_it(client: Any) -> None:
    biggest = ask(client, "trusts.trust_opportunities", "RAA").parsed.opportunities[0]
    answer = ask(client, "trusts.trust_opportunity", "RAA", biggest.opportunity_id).parsed
    assert (biggest.opportunity_id, answer.opportunity.cash_upper) == ("sickness_absence", 1_250_000.0)
    assert {one.trust_code for one in answer.receipt.comparators.trusts} == {"RAB", "RAC", "RAD"}
    assert [step.value for step in answer.receipt.steps if step.step == "benchmark_upper"] == [0.035]
    assert answer.definition.title == "Sickness absence"


def test_peers_are_read_with_their_shares(client: Any) -> None:
    peers = ask(client, "trusts.trust_peers", "RAA", group="recommended").parsed
    assert [(peer.trust_code, [one.share for one in peer.shares]) for peer in peers.peers] == [
        (code, [0.75, 0.25]) for code in ("RAB", "RAC", "RAD")
    ]


def test_a_problem_is_read_as_one(client: Any) -> None:
    answer = ask(client, "trusts.trust", "RAX")
    assert (answer.status_code, answer.parsed.status) == (404, 404)
    assert "There is no trust RAX" in answer.parsed.detail
    assert "RAH" in {one["trust_code"] for one in answer.parsed.additional_properties["suggestions"]}


def test_what_is_known_already_is_not_sent_again(client: Any) -> None:
    first = ask(client, "categories.categories")
    again = ask(client, "categories.categories", if_none_match=first.headers["ETag"])
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")


def test_a_release_is_read_as_it_was_made(client: Any) -> None:
    made = ask(client, "releases.current").parsed
    assert (made.manifest.release_id, made.pointer.sequence) == (RELEASE, 1)
    table = ask(client, "releases.release_table", RELEASE, "trusts.csv")
    assert table.parsed.lstrip("\ufeff").startswith("trust_code,trust_name")
