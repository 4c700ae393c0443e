"""The register edited by hand: one station, what changed when, taking a change back. README.md."""

from stations.editing.bounds import Reaches, beyond
from stations.editing.differing import Change, changes, field_title
from stations.editing.form import FIELDS, form_of
from stations.editing.history import Touched, history
from stations.editing.preview import told
from stations.editing.saving import By, Saved, Sent, add, edit
from stations.editing.undoing import Undone, undo, undo_revision

__all__ = [
    "FIELDS",
    "By",
    "Change",
    "Reaches",
    "Saved",
    "Sent",
    "Touched",
    "Undone",
    "add",
    "beyond",
    "changes",
    "edit",
    "field_title",
    "form_of",
    "history",
    "told",
    "undo",
    "undo_revision",
]
