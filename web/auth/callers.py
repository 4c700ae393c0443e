"""Who is asking: a name, a role, and the areas it is responsible for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from geodata.errors import ForbiddenError, UsageError


class Role(StrEnum):
    """What a caller may do; the README beside this says what each may."""

    PUBLIC = "public"
    INSPECTOR = "inspector"
    PLANNER = "planner"
    EDITOR = "editor"
    ADMIN = "admin"


STAFF = "staff"
"""The name that stands for the staff token; no account has it."""
LONGEST_SIGNATURE = 100
"""Characters of who did something, as the register keeps it."""
READERS = frozenset({Role.INSPECTOR, Role.PLANNER, Role.ADMIN})
"""Who sees restricted layers, in the areas they are responsible for."""


@dataclass(frozen=True)
class Caller:
    """Somebody who asks; the public has no name and reaches nothing."""

    name: str = ""
    title: str = ""
    """How people call it, such as 王芳; may be empty."""
    role: Role = Role.PUBLIC
    area: str = ""
    """Leading digits of the area codes it is responsible for; empty: everywhere."""
    session: str = ""
    """The id of its session; empty: it sent a token."""
    scopes: frozenset[str] | None = None
    """What its token may do, as `web.auth.scopes` has it; None: all its role may."""

    @property
    def is_account(self) -> bool:
        """Whether it is somebody in particular; whoever has the staff token is not."""
        return self.name not in {"", STAFF}

    def signature(self, given: str = "") -> str:
        """Return how the caller stands in the register's history: an account under its own name.

        Who sends the staff token says who it is: ``given``, `UsageError` if empty.
        """
        if self.is_account:
            left = LONGEST_SIGNATURE - len(f" ({self.name})")  # titles of old were longer
            return f"{self.title[:left]} ({self.name})" if self.title else self.name
        if not given.strip():
            raise UsageError("who: the staff token is nobody's in particular; say who you are")
        return given.strip()

    @property
    def key(self) -> str:
        """What tells apart those who may see different things; ``public`` for the public."""
        if self.role is Role.PUBLIC:
            return self.role.value
        return f"{self.role}:{self.area}:{self.name}"

    def reaches(self, area_code: str) -> bool:
        """Whether an area code is among those this caller is responsible for."""
        return self.role is not Role.PUBLIC and area_code.startswith(self.area)

    def narrowed(self, area: str) -> str:
        """Return the leading digits of what lies both in ``area`` and in the caller's own.

        `ForbiddenError` where they have nothing in common.
        """
        if area.startswith(self.area):
            return area
        if self.area.startswith(area):
            return self.area
        raise ForbiddenError(f"{area} is not in your areas: {self.area}")
