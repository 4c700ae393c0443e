"""What a plot may write: Chinese and English, or English alone where no font has Chinese."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

FIRST_CJK = 0x2E80
"""The radicals; what comes before, DejaVu Sans has."""


@dataclass(frozen=True)
class Lettering:
    """Labels in the letters there are."""

    chinese: bool

    def both(self, zh: str, en: str, between: str = "  ") -> str:
        """Return both languages, or English alone."""
        return f"{zh}{between}{en}" if self.chinese else self.plain(en)

    def lines(self, zh: str, en: str, most: int) -> list[str]:
        """Return both languages in lines of at most so many Latin letters, or half as many."""
        english = textwrap.wrap(self.plain(en) if not self.chinese else en, most)
        return [*textwrap.wrap(zh, most // 2), *english] if self.chinese else english

    def name(self, name: str, code: str) -> str:
        """Return a name, or the code where the name cannot be written."""
        return name if self.chinese or name.isascii() else code

    @staticmethod
    def plain(text: str) -> str:
        """Return a text without letters that only a Chinese font has."""
        return "".join(each if ord(each) < FIRST_CJK else "?" for each in text)
