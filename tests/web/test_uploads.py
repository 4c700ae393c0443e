"""Files sent to be looked at: several at once, and files that are there whole or not at all."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from geodata.errors import MissingError
from web import uploads, whole
from web.uploads import Uploads

if TYPE_CHECKING:
    from pathlib import Path


def test_many_files_at_once_of_one_sender(tmp_path: Path) -> None:
    """The oldest make room for each other while others look for them."""
    kept = Uploads(tmp_path)

    def send(number: int) -> None:
        try:
            file = kept.keep("li", f"{number}.csv", b"id,name\n")
            kept.note("li", file.id, {"base": number})
            assert kept.noted("li", file.id) == {"base": number}
            with pytest.raises(MissingError):
                kept.get("sun", file.id)
            kept.remove("li", file.id)
        except MissingError:
            return  # a newer one has taken its room

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(send, range(200)))
    assert len(list(tmp_path.glob("*/*/file.*"))) <= uploads.MOST + 8


def test_a_file_is_written_whole_or_nothing_is_left(tmp_path: Path) -> None:
    whole.write(tmp_path / "a", b"first")
    whole.write(tmp_path / "a", b"second")
    assert (tmp_path / "a").read_bytes() == b"second"
    (tmp_path / "b").mkdir()
    with pytest.raises(IsADirectoryError):
        whole.write(tmp_path / "b", b"third")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a", "b"]
