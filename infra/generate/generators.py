"""Every generator, so that one command writes all generated files and another says which of them differ."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from infra.generate import alarms, cognito, contract_page, event_schemas, glue_tables, method_page, openapi
from infra.template import ROOT, TEMPLATE


class Generator(NamedTuple):
    """What is generated, the file that holds it, and the file's right text as a function of its present text."""

    name: str
    path: Path
    updated: Callable[[str], str]


def _whole(make: Callable[[], str]) -> Callable[[str], str]:
    """For a file that is generated as a whole."""
    return lambda _present: make()


GENERATORS = (
    Generator("event schemas", event_schemas.COMMITTED, _whole(event_schemas.event_schemas)),
    Generator("Glue tables", TEMPLATE, glue_tables.updated),
    Generator("alarms and dashboard", TEMPLATE, alarms.updated),
    Generator("scopes and clients", TEMPLATE, cognito.updated),
    Generator("contract page", contract_page.COMMITTED, _whole(contract_page.shipped)),
    Generator("method page", method_page.COMMITTED, _whole(method_page.shipped)),
    Generator("API description", openapi.COMMITTED, _whole(openapi.shipped)),
)


def write(generators: Iterable[Generator]) -> None:
    """Write the files that differ."""
    for generator, present, right in _texts(generators):
        if present != right:
            generator.path.write_text(right, "utf-8")


def differing(generators: Iterable[Generator]) -> list[str]:
    """A sentence for each generator whose committed text differs from what the code says."""
    return [
        f"{_name(generator.path)}: the {generator.name} differs from what the code generates."
        for generator, present, right in _texts(generators)
        if present != right
    ]


def _texts(generators: Iterable[Generator]) -> Iterator[tuple[Generator, str, str]]:
    """Generator, present text, right text."""
    for generator in generators:
        present = generator.path.read_text("utf-8") if generator.path.exists() else ""
        yield generator, present, generator.updated(present)


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else str(path)
