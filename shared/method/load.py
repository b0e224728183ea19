"""Reads a method: YAML documents in, one checked `Method` out, or every fault as a sentence with its file and place."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from pydantic import TypeAdapter, ValidationError

from shared.content import canonical, digest
from shared.errors import Rejected
from shared.ids import MethodId
from shared.method.contracts import Dataset
from shared.method.faults import MethodFault, UnreadableDefinitions
from shared.method.gate.gate import GATE, NEEDED, Check
from shared.method.measures import Metric
from shared.method.method import SINGLE, Document, Method
from shared.method.opportunities import Opportunity, Price
from shared.method.overlaps import OverlapGroup
from shared.method.peer_groups import PeerGroup
from shared.method.programme import Programme

_MARK = "--- # "
_DEEPEST = 50


class MethodFaults(Rejected):
    """A method that cannot be used. `faults`: a sentence for each, with file, place, fault and remedy."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


def from_documents(documents: Iterable[Document], checks: Iterable[Check] = NEEDED) -> Method:
    """Check the documents one by one, then against each other; MethodFaults has every fault.

    If some definitions cannot be read, the others are still checked against each other.
    """
    gathered = _gather(documents)
    faults = list(gathered.faults)
    if ("programme", "programme") not in gathered.origin:
        faults.append("the method has no document with the key `programme`; add programme.yaml")
        gathered.unreadable.add(("programme", "programme"))
    parts: dict[str, Any] = {kind: gathered.parts.get(kind, {}) for kind in Method.model_fields}
    parts["programme"] = parts["programme"].get("programme")
    readable, unreadable = Method.model_construct(**parts), UnreadableDefinitions(gathered.unreadable)
    faults += [gathered.sentence(fault) for check in checks for fault in check(readable, unreadable)]
    if faults:
        raise MethodFaults(faults)
    return Method(**parts)


def from_json(body: bytes) -> Method:
    """Read what `documents_json` wrote of a method that passed the gate when it landed."""
    return from_documents(Document(path, content) for path, content in json.loads(body))


_MODELS: dict[str, TypeAdapter[Any]] = {
    "programme": TypeAdapter(Programme),
    "datasets": TypeAdapter(Dataset),
    "metrics": TypeAdapter(Metric),
    "peer_groups": TypeAdapter(PeerGroup),
    "opportunities": TypeAdapter(Opportunity),
    "prices": TypeAdapter(Price),
    "overlap_groups": TypeAdapter(OverlapGroup),
}


class _Definition(NamedTuple):
    kind: str
    id: str
    path: tuple[str, ...]
    content: Any


def _definitions(content: Mapping[str, Any]) -> Iterator[_Definition | str]:
    """The definitions in a document, or a fault for a key that has none."""
    for key, value in content.items():
        if key in SINGLE:
            name = value.get("id", key) if isinstance(value, dict) and key == "dataset" else key
            yield _Definition(SINGLE[key], str(name), (key,), value)
        elif key not in _MODELS:
            known = ", ".join([*SINGLE, *(kind for kind in _MODELS if kind not in SINGLE.values())])
            yield f"{key}: there is no such kind of document; use one of {known}"
        elif not isinstance(value, dict):
            yield f"{key}: this must map ids to definitions, such as `{key}: {{my_id: {{…}}}}`"
        else:
            yield from (_Definition(key, str(name), (key, str(name)), content) for name, content in value.items())


@dataclass
class _Gathered:
    """Definitions by kind and id, the file of each, those that could not be read, and the faults so far."""

    parts: dict[str, dict[str, Any]] = field(default_factory=dict)
    origin: dict[tuple[str, str], str] = field(default_factory=dict)
    unreadable: set[tuple[str, str]] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)

    def sentence(self, fault: MethodFault) -> str:
        """A fault with its file and its place in the document."""
        kind, *rest = fault.location
        if kind == "programme":
            return f"{self.origin['programme', 'programme']}: {_path(fault.location)}: {fault.message}"
        path = ("dataset", *rest[1:]) if kind == "datasets" else fault.location
        return f"{self.origin[kind, rest[0]]}: {_path(path)}: {fault.message}"


def _gather(documents: Iterable[Document]) -> _Gathered:
    gathered = _Gathered()
    for path, content in documents:
        for definition in _definitions(content):
            if isinstance(definition, str):
                gathered.faults.append(f"{path}: {definition}")
                gathered.unreadable.add((path, definition))
                continue
            kind, name, place, settings = definition
            if (kind, name) in gathered.origin:
                first = gathered.origin[kind, name]
                gathered.faults.append(
                    f"{path}: {_path(place)}: {name!r} is already defined in {first}; keep one of the two"
                )
                continue
            gathered.origin[kind, name] = path
            try:
                gathered.parts.setdefault(kind, {})[name] = _MODELS[kind].validate_python(settings)
            except ValidationError as error:
                gathered.unreadable.add((kind, name))
                for fault in error.errors(include_url=False):
                    gathered.faults.append(f"{path}: {_path((*place, *fault['loc']))}: {_message(fault)}")
    return gathered


_PLAIN = {
    "missing": "this is missing; add it",
    "extra_forbidden": "there is no such setting here; correct its name, or take it out",
}
"""Sentences for pydantic's error types whose own text names no remedy."""


def _message(fault: Mapping[str, Any]) -> str:
    plain: str = _PLAIN.get(fault["type"], fault["msg"])
    return plain.removeprefix("Value error, ")


def _path(steps: Iterable[Any]) -> str:
    """A place as an author of YAML reads it: `opportunities.cleaning_cost.sources[0]`."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).lstrip(".")


def bundle(folder: Path) -> str:
    """A method folder as one text: its YAML files in order of their paths, each after a line with its path."""
    files = sorted(folder.rglob("*.yaml"), key=lambda file: file.relative_to(folder).as_posix())
    if not files:
        raise MethodFaults([f"{folder}: there are no .yaml files in this folder; name a folder of them"])
    return "".join(
        f"{_MARK}{file.relative_to(folder).as_posix()}\n{file.read_text('utf-8').rstrip()}\n" for file in files
    )


def parse(text: str) -> list[Document]:
    """The documents of a bundled method; MethodFaults if some YAML cannot be read."""
    documents, faults = [], []
    for path, source in _split(text):
        try:
            _measure_depth(source)
            content = yaml.load(source, Loader=_UniqueKeys)  # noqa: S506 — a subclass of the safe loader
        except (ValueError, TypeError) as error:  # a scalar such as 9999-99-99, a key that is a list
            faults.append(f"{path}: a value or a key cannot be read: {error}")
            continue
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            line = f" line {mark.line + 1}" if mark else ""
            faults.append(f"{path}:{line} {getattr(error, 'problem', None) or 'this is not YAML'}")
            continue
        if isinstance(content, dict):
            documents.append(Document(path, content))
        elif content is not None:
            faults.append(
                f"{path}: the file must be a mapping such as `opportunities: …`, not a {type(content).__name__}"
            )
    if faults:
        raise MethodFaults(faults)
    return documents


def _measure_depth(source: str) -> None:
    """Raise YAMLError for nesting so deep that composing it would overflow the stack and end the process."""
    depth = 0
    for event in yaml.parse(source, Loader=_UniqueKeys):  # one event at a time, whatever the depth
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            text = f"the document has more than {_DEEPEST} levels; use fewer"
            raise yaml.composer.ComposerError(None, None, text, event.start_mark)  # type: ignore[arg-type]


class _UniqueKeys(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """A loader for which a repeated key is a fault: YAML would keep the last one and ignore the others."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        keys = set()
        for key, _ in node.value:
            if key.tag != "tag:yaml.org,2002:merge" and key.value in keys:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key.value!r} is repeated; keep one", key.start_mark
                )
            keys.add(key.value)
        mapping: dict[Any, Any] = super().construct_mapping(node, deep)
        return mapping


def _split(text: str) -> Iterator[tuple[str, str]]:
    pieces = re.split(rf"^{re.escape(_MARK)}(.+)$", text, flags=re.MULTILINE)
    if pieces[0].strip():
        yield "method.yaml", pieces[0]
    for path, source in zip(pieces[1::2], pieces[2::2], strict=True):
        yield path.strip(), source


def judged(documents: Iterable[Document]) -> Method:
    """Read a method that lands, and check it with the quality gate; MethodFaults has every fault."""
    return from_documents(documents, GATE)


def load(text: str) -> Method:
    """`judged` for a bundled method."""
    return judged(parse(text))


def documents_json(documents: Iterable[Document]) -> bytes:
    """The documents as JSON, which is read much faster than YAML and does not depend on the models of a build."""
    return canonical([[path, content] for path, content in documents]).encode()


def method_id(text: str) -> MethodId:
    """A method's id: a hash of its text as landed."""
    return MethodId(digest(text))
