"""Builds the Lambda layer: the libraries of requirements/layer.txt, without what no function uses, under `python/`.

`sam build` runs this through the Makefile, with any Python 3.13: it needs only the standard library and pip. Wheels are
unpacked once into `.local/layer`, under a hash of everything that decides their content, and copied from there.
"""

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "requirements" / "layer.txt"
CACHE = ROOT / ".local" / "layer"
SERVICES = ("events", "s3", "secretsmanager", "sqs", "stepfunctions")
"""The services that the functions call. The models of all others would be 28 MB."""

_PYTHON = "3.13"
_MACHINES = {"x86_64": "x86_64", "arm64": "aarch64"}
_UNUSED = re.compile(
    rf"""
    bin/                                                                       # commands
    | .*/tests/
    | pyarrow/(include|src|includes)/                                          # for compiling against Arrow
    | .*\.(pyx|pxd|pxi|pyi|h|hpp|cc|a|lib)$
    | pyarrow/(_\w*(flight|gandiva|orc|substrait|cpp_tests)|lib\w*(flight|gandiva))\.[^/]*$
    | pyarrow/lib\w+\.so(\.\d+\.\d+\.\d+)?$                                    # copies: the loader uses .so.<major>
    | botocore/data/(?!({"|".join(SERVICES)})/)[^/]+/
    """,
    re.VERBOSE,
)


def main() -> None:
    """Write the layer for one processor into a folder."""
    parser = argparse.ArgumentParser(prog="infra.layer", description=__doc__)
    parser.add_argument("folder", type=Path, help="folder for `python/`")
    parser.add_argument("--architecture", choices=_MACHINES, default="x86_64")
    options = parser.parse_args()
    shutil.copytree(cached(options.architecture), options.folder / "python", dirs_exist_ok=True)


def cached(architecture: str) -> Path:
    """The folder with the libraries, made if it does not exist. Several processes may call this at the same time."""
    names = (architecture.encode(), sys.version.encode(), REQUIREMENTS.read_bytes(), Path(__file__).read_bytes())
    folder = CACHE / hashlib.sha256(b"\0".join(names)).hexdigest()[:16]
    if not folder.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE, prefix="unfinished-") as temporary:
            made = Path(temporary) / "python"
            _install(made, architecture)
            _prune(made)
            _compile(made)
            try:
                made.rename(folder)
            except OSError:  # another process was faster
                if not folder.exists():
                    raise
    return folder


def _install(folder: Path, architecture: str) -> None:
    machine = _MACHINES[architecture]
    options = ["-qq", "--disable-pip-version-check", "--require-hashes", "--no-deps", "--no-compile"]
    wheels = ["--only-binary", ":all:", "--implementation", "cp", "--python-version", _PYTHON]
    for platform in ("manylinux_2_28", "manylinux2014"):
        wheels += ["--platform", f"{platform}_{machine}"]
    where = ["--target", str(folder), "--requirement", str(REQUIREMENTS)]
    subprocess.run([sys.executable, "-m", "pip", "install", *options, *wheels, *where], check=True)


def _prune(folder: Path) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir() and not any(path.iterdir()):
            path.rmdir()
        elif path.is_file() and _UNUSED.match(path.relative_to(folder).as_posix()):
            path.unlink()


def _compile(folder: Path) -> None:
    """Compile to bytecode: Lambda's disk is read-only, so every cold start would compile everything again."""
    options = ["-q", "--invalidation-mode", "unchecked-hash", "-s", str(folder), "-p", "/opt/python"]
    environment = os.environ | {"PYTHONHASHSEED": "0"}
    subprocess.run([sys.executable, "-m", "compileall", *options, str(folder)], check=True, env=environment)


if __name__ == "__main__":
    main()
