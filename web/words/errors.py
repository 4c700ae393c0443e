"""What errors say, in the reader's language.

Errors are raised with English sentences, and programs read those. A sentence is found again among
the templates of the catalogue ``errors``; what was formatted into it is translated in turn where it
is a sentence itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Self

from web.words import ERRORS, texts

ENGLISH = "en"
"""The language errors are raised in."""
DEEPEST = 4
_PLACE = re.compile(r"\{(\d+)\}")
_FIELD = re.compile(r"[\w.\[\] -]{1,60}: ")


@dataclass(frozen=True)
class Template:
    """A sentence with places in it."""

    chunks: tuple[str, ...]
    """What stands around the places, in order: one more than there are places."""
    said: str
    """Its translation."""

    @classmethod
    def of(cls, message: str, said: str) -> Self:
        """Return the template of a message such as ``no station {0}``."""
        return cls(tuple(_PLACE.split(message)[::2]), said)

    @property
    def length(self) -> int:
        """How much of the sentence is its own."""
        return sum(map(len, self.chunks))

    def values(self, sentence: str) -> list[str] | None:
        """Return what fills the places in a sentence, each as short as can be; None: nothing."""
        first, *others = self.chunks
        if not others:
            return [] if sentence == first else None
        *inner, last = others
        end = len(sentence) - len(last)
        if not sentence.startswith(first) or not sentence.endswith(last):
            return None
        found, at = [], len(first)
        for chunk in inner:
            next_at = sentence.find(chunk, at, end)
            if next_at < 0:
                return None
            found.append(sentence[at:next_at])
            at = next_at + len(chunk)
        return None if at > end else [*found, sentence[at:end]]

    def filled(self, values: list[str]) -> str:
        """Return the translation with values in its places."""
        return _PLACE.sub(lambda place: values[int(place[1])], self.said)


def translated(sentence: str, language: str, depth: int = 0) -> str:
    """Return what an error said in a language; what no template knows stays as it is."""
    if language == ENGLISH or depth > DEEPEST:
        return sentence
    known = texts(ERRORS, language).get(sentence)
    if known is not None or " " not in sentence:
        return known or sentence
    for template in _templates(language):
        values = template.values(sentence)
        if values is not None:
            return template.filled([translated(each, language, depth + 1) for each in values])
    return _piecewise(sentence, language, depth)


def _piecewise(sentence: str, language: str, depth: int) -> str:
    """Translate a list of faults one by one, and what is said of a field after its name."""
    if "; " in sentence:
        parts = sentence.split("; ")
        return "；".join(translated(part, language, depth + 1) for part in parts)
    field = _FIELD.match(sentence)
    if field is None:
        return sentence
    rest = sentence[field.end() :]
    said = translated(rest, language, depth + 1)
    return sentence if said == rest else f"{field[0][:-2]}：{said}"


@cache
def _templates(language: str) -> tuple[Template, ...]:
    """Return the templates, those that say most first: a place is the last resort."""
    found = [Template.of(message, said) for message, said in texts(ERRORS, language).items()]
    return tuple(sorted(found, key=lambda each: (-each.length, each.chunks)))
