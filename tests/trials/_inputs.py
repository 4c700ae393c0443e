"""Inputs nobody means well with: valid ones changed a little, grammar without sense, noise."""

from __future__ import annotations

import copy
import io
import json
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hypothesis.strategies import DrawFn, SearchStrategy

NASTY = (
    "", " ", "\0", "\ud800", "\u202e", "\ufeff", "\u3000", "é", "Ⅷ", "²", "١", "１２", "𝟙",
    "ﷺ" * 20,
    "9" * 30, "9" * 5_000, "-", "--", "-0", "+1", "1e999", "1e-999", "NaN", "inf", "-inf", "1_000",
    "0x10", "true", "null", "None", "'", '"', "\\", "`", ";", ",", "，", "；", ":", "：", "/", "@",
    "(", ")" * 50, "(" * 50, "[" * 200, "{" * 200, "%", "%00", "%s", "{0}", "${x}", "<b>", "../",
    "0000-00-00", "9999-12-31", "0001-01-01", "2026-02-30", "24:00", "99:99", "+14:00", "a" * 3_000,
)  # fmt: skip
"""Pieces that upset readers."""
NUMBERS: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**63, 2**64, 10**40, -(10**400), 0.5, -0.0, 1e308, 1e-320,
    float("nan"), float("inf"), float("-inf"),
)  # fmt: skip
_DEEP = 40
_REAL = Path(__file__).parents[3] / "shared" / "data"

_texts = st.sampled_from(NASTY) | st.text(max_size=6)
leaves: SearchStrategy[Any] = st.sampled_from(NUMBERS) | _texts | st.integers() | st.floats()
values = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_texts, inner, max_size=3)
)


@st.composite
def changed(draw: DrawFn, seeds: Sequence[str], pieces: Sequence[str] = ()) -> str:
    """Change a seed at up to five places."""
    text = draw(st.sampled_from(seeds))
    inserted = st.sampled_from((*pieces, *NASTY)) | st.text(max_size=3)
    for _ in range(draw(st.integers(0, 5))):
        at = draw(st.integers(0, len(text)))
        text = text[:at] + draw(inserted) + text[at + draw(st.integers(0, 6)) :]
    return text


def texts(seeds: Sequence[str], pieces: Sequence[str] = ()) -> SearchStrategy[str]:
    """Return changed seeds, sentences of pieces without sense, and noise."""
    words = st.lists(st.sampled_from((*pieces, *seeds, " ")), max_size=14).map("".join)
    return changed(seeds, pieces) | words | st.text(max_size=30)


@st.composite
def damaged(draw: DrawFn, seeds: Sequence[bytes]) -> bytes:
    """Overwrite, insert, cut or repeat bytes of a seed."""
    data = draw(st.sampled_from(seeds))
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, max(0, len(data) - 1)))
        match draw(st.integers(0, 5)):
            case 0:
                data = data[:at]
            case 1:
                data = data[:at] + draw(st.binary(min_size=1, max_size=8)) + data[at:]
            case 2:
                length = draw(st.integers(1, 400))
                data = data[:at] + data[at : at + length] * 2 + data[at + length :]
            case 3:
                words = (b"\0" * 8, b"\xff" * 4, b"\x7f\xff\xff\xff", b"\xef\xbb\xbf", b'"', b",,")
                data = data[:at] + draw(st.sampled_from(words)) + data[at:]
            case _:
                put = draw(st.binary(min_size=1, max_size=4))
                data = data[:at] + put + data[at + len(put) :]
    return data


@st.composite
def packed(draw: DrawFn, seed: bytes) -> bytes:
    """Damage one member of a ZIP archive, its own texts too; the archive stays whole."""
    with zipfile.ZipFile(io.BytesIO(seed)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = draw(st.sampled_from(sorted(members)))
    members[name] = draw(damaged([members[name]]) | changed_bytes(members[name]))
    if draw(st.booleans()):
        del members[draw(st.sampled_from(sorted(members)))]
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for each, data in members.items():
            archive.writestr(each, data)
    return made.getvalue()


def changed_bytes(seed: bytes) -> SearchStrategy[bytes]:
    """Return changes of a text kept as bytes, UTF-8 or nearly."""
    return changed([seed.decode("utf-8", "replace")]).map(
        lambda text: text.encode("utf-8", "surrogatepass")
    )


@st.composite
def documents(draw: DrawFn, seeds: Sequence[Any]) -> Any:
    """Put something else at up to three places of a document, or leave out what is there."""
    whole = [copy.deepcopy(draw(st.sampled_from(seeds)))]
    for _ in range(draw(st.integers(0, 3))):
        holder: Any = whole
        key: Any = 0
        for _ in range(draw(st.integers(0, 6))):
            inner = holder[key]
            if not isinstance(inner, dict | list) or not inner:
                break
            names = sorted(inner, key=str) if isinstance(inner, dict) else range(len(inner))
            holder, key = inner, draw(st.sampled_from(names))
        if isinstance(holder, dict) and draw(st.integers(0, 3)) == 0:
            del holder[key]
        else:
            holder[key] = draw(values)
    return whole[0]


def real(pattern: str, largest: int = 100_000) -> list[bytes]:
    """Return the real files kept beside the checkout that are not larger, where there are any."""
    found = sorted(_REAL.glob(pattern))
    return [path.read_bytes() for path in found if path.stat().st_size <= largest]


def real_lines(pattern: str) -> list[str]:
    """Return the lines of real files."""
    return [line for data in real(pattern) for line in data.decode().splitlines()]


def json_bytes(seeds: Sequence[Any]) -> SearchStrategy[bytes]:
    """Return JSON that was changed as a document or as a text, some nested without end."""
    written = [json.dumps(each, ensure_ascii=False) for each in seeds]
    as_text = changed(written).map(lambda text: text.encode("utf-8", "surrogatepass"))
    deep = st.integers(_DEEP, 100_000).map(lambda depth: b"[" * depth)
    return documents(seeds).map(_written) | as_text | damaged([w.encode() for w in written]) | deep


def _written(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=True).encode()
