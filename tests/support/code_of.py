"""The code of a module without what changes nothing that it does."""

import ast
from pathlib import Path


def code_of(path: Path) -> str:
    """The syntax tree of a Python file as text, without comments, docstrings and layout."""
    tree = ast.parse(path.read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            node.body = [step for step in node.body if not _is_docstring(step)]
    return ast.dump(tree)


def _is_docstring(step: ast.stmt) -> bool:
    return isinstance(step, ast.Expr) and isinstance(step.value, ast.Constant)
