"""Delimited text: encodings, delimiters, quotes, and the rows a clerk sees."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from geodata import files
from geodata.errors import FileFormatError
from geodata.files import text

if TYPE_CHECKING:
    from pathlib import Path

SIMPLIFIED = [
    "编号,名称,经度,纬度\n007,昆明市五华区工会驿站,102.71,25.04\n",
    "站名\n翠湖驿站\n",
    "id,name\n1,滇池路\n",
    "id,地址\n1,云南省红河哈尼族彝族自治州蒙自市天马路\n",
    "name,设施\n户外劳动者服务站点,饮水;微波炉;急救药箱\n",
    "site,name\n1,西双版纳傣族自治州勐腊县磨憨镇尚勇边境派出所\n",
]
TRADITIONAL = [
    "編號,名稱,經度,緯度\n007,臺北市大安區勞工驛站,121.54,25.03\n",
    "站名\n高雄驛站\n",
    "id,地址\n1,新北市板橋區縣民大道二段\n",
    "name,設施\n戶外勞動者服務站點,飲水;微波爐;急救藥箱\n",
]


def saved(folder: Path, data: bytes, name: str = "stations.csv") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def rows_of(content: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content)))[1:]


UNICODE = ["utf-8", "utf-8-sig", "utf-16"]


@pytest.mark.parametrize(
    ("content", "encoding"),
    [(content, e) for content in SIMPLIFIED for e in [*UNICODE, "gb18030"]]
    + [(content, e) for content in TRADITIONAL for e in [*UNICODE, "big5", "gb18030"]],
)
def test_every_encoding_is_recognised(tmp_path: Path, content: str, encoding: str) -> None:
    table = files.read(saved(tmp_path, content.encode(encoding)))
    assert table.frame.to_numpy().tolist() == rows_of(content)
    assert list(table.frame) == content.split("\n", 1)[0].split(",")
    assert table.encoding == {"big5": "cp950"}.get(encoding, encoding)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("name\nCafé sur Seine\n".encode("cp1252"), "row 2: neither UTF-8.*name the encoding"),
        ("name\n龘\n".encode("gb18030"), "name the encoding"),
        ("name\n站\n".encode("gb18030"), "name the encoding"),
        ("名称\n昆明站".encode("gb18030")[:-1], "row 1: neither UTF-8"),
        ("名称\n".encode() + b"\xff\xff", "row 2: neither UTF-8"),
        ("a,b\n1,2\n".encode("utf-16-le"), "row 1: holds a NUL.*utf-16-le"),
        (b"a,b\n1,2\n3,\0\n", "row 3: holds a NUL"),
        (b"\xff\xfea\0,", "not valid utf-16"),
        (b"\xff\xfe", "has no text"),
    ],
)
def test_what_is_not_clear_is_asked(tmp_path: Path, data: bytes, message: str) -> None:
    with pytest.raises(FileFormatError, match=message):
        files.read(saved(tmp_path, data))


def test_a_named_encoding_wins(tmp_path: Path) -> None:
    path = saved(tmp_path, "name\nCafé\n".encode("cp1252"))
    assert files.read(path, encoding="windows-1252").frame["name"].tolist() == ["Café"]
    path = saved(tmp_path, "name\n站\n".encode("gb18030"))
    assert files.read(path, encoding="GB2312").frame["name"].tolist() == ["站"]
    path = saved(tmp_path, "name\n昆明\n".encode("gb18030"))
    with pytest.raises(FileFormatError, match="row 2: byte 0xC0 is not valid utf-8"):
        files.read(path, encoding="utf8")
    with pytest.raises(FileFormatError, match="no text encoding 'klingon'"):
        files.read(path, encoding="klingon")
    with pytest.raises(FileFormatError, match="no text encoding"):
        files.read(path, encoding="base64")


SIMPLE = "昆明市五华区工会驿站地址编号名称经纬度电话开放时间"
FULL = "臺北市大安區勞工驛站地址編號名稱經緯度電話開放時間"


@given(
    st.text(st.sampled_from(SIMPLE), min_size=1).map(lambda word: (word, "gb18030"))
    | st.text(st.sampled_from(FULL), min_size=1).map(lambda word: (word, "cp950"))
)
def test_no_words_are_read_in_the_wrong_encoding(sample: tuple[str, str]) -> None:
    words, encoding = sample
    try:
        found, _ = text.decode(words.encode(encoding), None, "x")
    except FileFormatError:
        assert len(set(words)) < 8
    else:
        assert found == words or len(words) < 4


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters(tmp_path: Path, delimiter: str) -> None:
    lines = [["id", "name", "hours"], ["007", "a,b;c|d", ""], ["53e10", "TRUE", "1.0"]]
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(lines)
    for name in ("a.csv", "a.tsv", "a.txt"):
        table = files.read(saved(tmp_path, out.getvalue().encode(), name))
        assert [list(table.frame), *table.frame.to_numpy().tolist()] == lines


def test_rows_are_the_lines_the_records_start_on(tmp_path: Path) -> None:
    content = '\r\nid,note\r\n1,"two\r\nlines"\r\n\r\n2,"three\n\nlines"\r\n , \r\n3,x\r\n'
    table = files.read(saved(tmp_path, content.encode()))
    assert table.rows.tolist() == [3, 6, 10]
    assert table.frame["note"].tolist() == ["two\r\nlines", "three\n\nlines", "x"]
    assert table.frame.index.tolist() == [0, 1, 2]


def test_bad_records_are_listed_and_left_out(tmp_path: Path) -> None:
    content = 'id,name\n1,a\n2,b,c\n3\n4,"x"y\n5,fine,,\n6,"open\n7,z\n'
    table = files.read(saved(tmp_path, content.encode()))
    assert table.frame["id"].tolist() == ["1", "5"]
    assert table.rows.tolist() == [2, 6]
    assert [fault.row for fault in table.faults] == [3, 4, 5, 7]
    problems = [fault.problem for fault in table.faults]
    assert problems[0].startswith("3 cells where the header has 2; a delimiter inside")
    assert problems[1].startswith("1 cells where the header has 2; write the missing")
    assert "goes on after its closing quote" in problems[2]
    assert "rows 7 to 8 are one cell" in problems[3]
    assert table.faults[0].value == "2,b,c"


def test_headings(tmp_path: Path) -> None:
    content = "\ufeff id , name,name,,\n1,a,b,,\n2,c,d,,\n"
    table = files.read(saved(tmp_path, content.encode()))
    assert list(table.frame) == ["id", "name", "name+"]
    assert [(f.row, f.field) for f in table.faults] == [(None, "name")]
    table = files.read(saved(tmp_path, b"id,,name\n1,x,a\n"))
    assert list(table.frame) == ["id", "column 2", "name"]
    assert table.faults == ()


def test_a_header_alone_is_an_empty_table(tmp_path: Path) -> None:
    table = files.read(saved(tmp_path, b"id,name"))
    assert table.frame.shape == (0, 2)
    assert (table.rows.tolist(), table.faults, table.crs, table.geometry) == ([], (), None, None)


@pytest.mark.parametrize("data", [b"\n\n", b"\xef\xbb\xbf", b" ,\n,\n"])
def test_no_header(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(FileFormatError, match="has no text in it"):
        files.read(saved(tmp_path, data))


def test_a_broken_header(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match=r"stations.csv, row 1: in the header a quoted cell"):
        files.read(saved(tmp_path, b'"id"x,name\n1,2\n'))


def test_a_cell_of_any_length(tmp_path: Path) -> None:
    long = "长" * 300_000
    table = files.read(saved(tmp_path, f'id,name\n1,"{long}"\n'.encode()))
    assert table.frame["name"].tolist() == [long]


NASTY = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0")
    | st.sampled_from("\",;\t|\r\n =+-@'\ufeff#"),
    max_size=12,
)


@given(st.lists(st.lists(NASTY, min_size=3, max_size=3), max_size=8))
@example([["", "", ""], ["=1+1", '"', "\r"]])
def test_csv_records_against_pythons_own_reader(records: list[list[str]]) -> None:
    out = io.StringIO()
    csv.writer(out).writerows([["a", "b", "c"], *records])
    from geodata.files import delimited  # noqa: PLC0415  its inner function is tested here

    found = list(delimited._records(out.getvalue(), ","))[1:]
    expected = [record for record in records if "".join(record).strip()]
    assert [cells for _, cells in found] == expected
    lines = re.split(r"\r\n|\r|\n", out.getvalue())
    for row, cells in found:
        first = re.split(r"\r\n|\r|\n", str(cells[0]), maxsplit=1)[0].replace('"', '""')
        assert lines[row - 1].lstrip('"').startswith(first.lstrip('"'))


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("name", "shape", "last"),
    [
        ("Public_toilets.csv", (47, 19), 48),
        ("barnet_raw.csv", (26, 32), 27),
        ("southwark_toilets.csv", (41, 13), 43),
    ],
)
def test_real_files(shared_data: Path, name: str, shape: tuple[int, int], last: int) -> None:
    table = files.read(shared_data / "poi" / name)
    assert table.frame.shape == shape
    assert table.rows[-1] == last
    assert table.faults == ()
