"""Reading a method: YAML documents in, one checked `Method` out, or every fault as a sentence with file and path."""

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
from shared.method.faults import Broken, Fault
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
    """A method that cannot be used: `faults`, one sentence each, naming file, path and fault."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


def from_documents(documents: Iterable[Document], checks: Iterable[Check] = NEEDED) -> Method:
    """Check the documents one by one and against each other; MethodFaults lists all that is wrong.

    What could be read is held against each other even where something else could not.
    """
    found = _gather(documents)
    faults = list(found.faults)
    if ("programme", "programme") not in found.origin:
        faults.append("the method has no document with the key `programme`; add programme.yaml")
        found.broken.add(("programme", "programme"))
    parts: dict[str, Any] = {kind: found.parts.get(kind, {}) for kind in Method.model_fields}
    parts["programme"] = parts["programme"].get("programme")
    readable, broken = Method.model_construct(**parts), Broken(found.broken)
    faults += [found.told(fault) for check in checks for fault in check(readable, broken)]
    if faults:
        raise MethodFaults(faults)
    return Method(**parts)


def from_json(body: bytes) -> Method:
    """Read what `documents_json` wrote of a method that was judged when it landed."""
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
    where: tuple[str, ...]
    given: Any


def _definitions(content: Mapping[str, Any]) -> Iterator[_Definition | str]:
    """The definitions in a document, or the fault of a part that holds none."""
    for key, value in content.items():
        if key in SINGLE:
            name = value.get("id", key) if isinstance(value, dict) and key == "dataset" else key
            yield _Definition(SINGLE[key], str(name), (key,), value)
        elif key not in _MODELS:
            known = ", ".join([*SINGLE, *(kind for kind in _MODELS if kind not in SINGLE.values())])
            yield f"{key}: unknown kind of document; the kinds are {known}"
        elif not isinstance(value, dict):
            yield f"{key}: must map ids to definitions"
        else:
            yield from (_Definition(key, str(name), (key, str(name)), given) for name, given in value.items())


@dataclass
class _Gathered:
    """Definitions by kind and id, which file each is from, what could not be read, and why not."""

    parts: dict[str, dict[str, Any]] = field(default_factory=dict)
    origin: dict[tuple[str, str], str] = field(default_factory=dict)
    broken: set[tuple[str, str]] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)

    def told(self, fault: Fault) -> str:
        """A fault with the file and the path in its document."""
        kind, *rest = fault.place
        if kind == "programme":
            return f"{self.origin['programme', 'programme']}: {_path(fault.place)}: {fault.says}"
        path = ("dataset", *rest[1:]) if kind == "datasets" else fault.place
        return f"{self.origin[kind, rest[0]]}: {_path(path)}: {fault.says}"


def _gather(documents: Iterable[Document]) -> _Gathered:
    gathered = _Gathered()
    for path, content in documents:
        for found in _definitions(content):
            if isinstance(found, str):
                gathered.faults.append(f"{path}: {found}")
                gathered.broken.add((path, found))
                continue
            kind, name, where, given = found
            if (kind, name) in gathered.origin:
                first = gathered.origin[kind, name]
                gathered.faults.append(
                    f"{path}: {_path(where)}: {name!r} is defined in {first} already; keep one of them"
                )
                continue
            gathered.origin[kind, name] = path
            try:
                gathered.parts.setdefault(kind, {})[name] = _MODELS[kind].validate_python(given)
            except ValidationError as error:
                gathered.broken.add((kind, name))
                for fault in error.errors(include_url=False):
                    gathered.faults.append(f"{path}: {_path((*where, *fault['loc']))}: {fault['msg']}")
    return gathered


def _path(steps: Iterable[Any]) -> str:
    """`opportunities.cleaning_cost.benchmarks[0]`: how a YAML author would say where."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).lstrip(".")


def bundle(folder: Path) -> str:
    """A method folder as one text: its YAML files in name order, each under a line that names it."""
    files = sorted(folder.rglob("*.yaml"), key=lambda file: file.relative_to(folder).as_posix())
    if not files:
        raise MethodFaults([f"{folder}: there are no .yaml files here; a method is a folder of them"])
    return "".join(
        f"{_MARK}{file.relative_to(folder).as_posix()}\n{file.read_text('utf-8').rstrip()}\n" for file in files
    )


def parse(text: str) -> list[Document]:
    """Read the documents of a bundled method; MethodFaults for YAML that cannot be read."""
    documents, faults = [], []
    for path, source in _split(text):
        try:
            _measure_depth(source)
            content = yaml.load(source, Loader=_UniqueKeys)  # noqa: S506 — a subclass of the safe loader
        except (ValueError, TypeError) as error:  # a scalar such as 9999-99-99, a key that is a list
            faults.append(f"{path}: a value or key cannot be read: {error}")
            continue
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            where = f" line {mark.line + 1}" if mark else ""
            faults.append(f"{path}:{where} {getattr(error, 'problem', None) or 'this is not YAML'}")
            continue
        if isinstance(content, dict):
            documents.append(Document(path, content))
        elif content is not None:
            faults.append(f"{path}: must be a mapping such as `opportunities: …`, not a {type(content).__name__}")
    if faults:
        raise MethodFaults(faults)
    return documents


def _measure_depth(source: str) -> None:
    """A YAMLError for what is nested so deep that composing it would overflow the stack and end the process."""
    depth = 0
    for event in yaml.parse(source, Loader=_UniqueKeys):  # one event at a time, whatever the depth
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            text = "nests too deep for a method"
            raise yaml.composer.ComposerError(None, None, text, event.start_mark)  # type: ignore[arg-type]


class _UniqueKeys(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML keeps the last of two equal keys without a word; here that is a fault."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key, _ in node.value:
            if key.tag != "tag:yaml.org,2002:merge" and key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key.value!r} stands twice", key.start_mark
                )
            seen.add(key.value)
        found: dict[Any, Any] = super().construct_mapping(node, deep)
        return found


def _split(text: str) -> Iterator[tuple[str, str]]:
    pieces = re.split(rf"^{re.escape(_MARK)}(.+)$", text, flags=re.MULTILINE)
    if pieces[0].strip():
        yield "method.yaml", pieces[0]
    for path, source in zip(pieces[1::2], pieces[2::2], strict=True):
        yield path.strip(), source


def judged(documents: Iterable[Document]) -> Method:
    """A method as it lands: read, and held against the quality gate; MethodFaults lists all that is wrong."""
    return from_documents(documents, GATE)


def load(text: str) -> Method:
    """Read and judge a bundled method."""
    return judged(parse(text))


def documents_json(documents: Iterable[Document]) -> bytes:
    """The documents as JSON: read much faster than YAML, and independent of the models of any one build."""
    return canonical([[path, content] for path, content in documents]).encode()


def method_id(text: str) -> MethodId:
    """A method's id: the hash of its text as landed."""
    return MethodId(digest(text))
