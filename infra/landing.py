"""The files of a folder and the keys under which they are landed."""

from pathlib import Path
from typing import NamedTuple

from infra.errors import CommandError
from infra.template import ROOT
from shared.method.load import bundle

METHOD_KEY = "method/1/method.yaml"


class NothingToLand(CommandError):
    """The folder cannot be landed; the message says why."""


class LandingFile(NamedTuple):
    """A file and the key it is landed under."""

    key: str
    body: bytes


def files_of(folder: Path) -> list[LandingFile]:
    """The repository's method, unless the folder has a `method/` of its own, then the folder's files by key.

    The folder is laid out as landing keys, `<dataset>/<period>[/<part>]/<file>`. Files whose name begins with a
    dot are not landed.
    """
    if not folder.is_dir():
        raise NothingToLand(f"{folder} is not a folder; name one that holds <dataset>/<period>/<file>.")
    paths = sorted((path.relative_to(folder).as_posix(), path) for path in folder.rglob("*") if path.is_file())
    files = [LandingFile(key, path.read_bytes()) for key, path in paths if not path.name.startswith(".")]
    if not files:
        raise NothingToLand(f"{folder} holds no files; lay them out as <dataset>/<period>/<file>.")
    methods = [file for file in files if file.key.startswith("method/")]
    others = [file for file in files if file not in methods]
    return (methods or [LandingFile(METHOD_KEY, bundle(ROOT / "method").encode())]) + others
