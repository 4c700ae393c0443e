"""What a check found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

type Level = Literal["good", "hint", "wrong"]
MARKS: dict[Level, str] = {"good": "好 good ", "hint": "注意 hint", "wrong": "错误 wrong"}


@dataclass(frozen=True)
class Found:
    """One line of the doctor's."""

    check: str
    level: Level
    said: str
    mend: str = ""
    """What to do; empty where nothing is to be done."""

    def told(self) -> dict[str, str]:
        """Return it for JSON."""
        return {"check": self.check, "level": self.level, "said": self.said, "mend": self.mend}
