"""What changed between two releases, and why: `changes(before, after, trust)` over two `Release`s."""

from functions.api.changes.result import Change, FigureChange, Parts
from functions.api.changes.side import Release
from functions.api.changes.split import changes

__all__ = ["Change", "FigureChange", "Parts", "Release", "changes"]
