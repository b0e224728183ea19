"""The differences between two releases, and their causes: `changes(before, after, trust)` takes two `Release`s."""

from functions.api.changes.result import Change, FigureChange, Parts
from functions.api.changes.side import Release
from functions.api.changes.split import changes

__all__ = ["Change", "FigureChange", "Parts", "Release", "changes"]
