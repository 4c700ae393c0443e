"""What errors say, in Chinese: every message has a translation that is found again."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web import sample
from web import words
from web.words import extract
from web.words.errors import Template, translated

if TYPE_CHECKING:
    from flask.testing import FlaskClient

PLACES = re.compile(r"\{(\d+)\}")
CHINESE = re.compile("[\u3400-\u9fff]")
KNOWN = words.texts(words.ERRORS, "zh")


def test_the_catalogue_holds_every_message_of_the_sources() -> None:
    """Run `scripts/words` and translate what it names."""
    assert set(KNOWN) == set(extract.messages())
    assert len(KNOWN) > 600


def test_messages_are_translated_with_all_they_were_given() -> None:
    for message, said in KNOWN.items():
        assert CHINESE.search(said), message
        assert sorted(PLACES.findall(said)) == sorted(PLACES.findall(message))
        filled, wanted = (PLACES.sub(r"‹\1›", text) for text in (message, said))
        assert translated(filled, "zh") == wanted
        assert translated(filled, "en") == filled


@given(st.text(max_size=30), st.text(max_size=30))
def test_values_are_found_where_they_were_put(one: str, other: str) -> None:
    sentence = f"station {one} has {other}"
    found = Template.of("station {0} has {1}", "").values(sentence)
    assert found is not None
    assert "station {} has {}".format(*found) == sentence


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("no station YN1", "没有驿站 YN1"),
        ("at: expected a whole number, got '1.5'", "at：应为整数，收到 '1.5'"),
        ("lat: give it once; lon: give it once", "lat：只写一次；lon：只写一次"),
        ("no station a; b", "没有驿站 a; b"),
        ("'8:00; Feb': Feb has no day 30", "'8:00; Feb'：2 月没有 30 日"),
        ("why: 3,000 characters; at most 2000", "why：有 3,000 个字符；最多 2000"),
        (
            "at: an instant lies in the years 1902 to 9000, not 1066",
            "at：时刻应在公元 1902 至 9000 年之间，而不是 1066",
        ),
        (
            "it can be read in two ways: Mo 08:00-12:00; Sa off / Tu off; lat: give it once",
            "有两种读法：Mo 08:00-12:00; Sa off / Tu off；lat：只写一次",
        ),
        ("nothing of the kind is known", "nothing of the kind is known"),
        ("", ""),
    ],
)
def test_sentences_of_several_parts(sentence: str, said: str) -> None:
    assert translated(sentence, "zh") == said


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ('raise UsageError(f"no {a} of {b!r}, " "and more")', "no {0} of {1}, and more"),
        ('x = UsageError("one " + f"of {a}" + " them")', "one of {0} them"),
        ('raise UsageError("this is it" if a else "that is it")', "that is it"),
        ('MOST = "far too many of them"\nraise MissingError(MOST)', "far too many of them"),
        ('def _fault(a):\n    return f"not so {a} please"', "not so {0} please"),
    ],
)
def test_messages_are_found_however_they_are_written(source: str, message: str) -> None:
    assert message in extract.said_in(ast.parse(source))


def test_what_stays_inside_is_not_translated() -> None:
    assert not extract.said_in(ast.parse('raise StoreBusyError("another one writes to it now")'))


# On the wire


@pytest.mark.parametrize(
    ("accepts", "tag"),
    [
        (None, "en"),
        ("*/*", "en"),
        ("en-GB", "en"),
        ("fr", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"),
        ("zh", "zh-CN"),
    ],
)
def test_a_problem_is_told_in_the_language_asked_for(
    client: FlaskClient, accepts: str | None, tag: str
) -> None:
    headers = {} if accepts is None else {"Accept-Language": accepts}
    answer = client.get("/api/v1/stations/nobody", headers=headers)
    assert answer.status_code == 404
    assert answer.headers["Content-Language"] == tag
    told = answer.get_json()
    assert bool(CHINESE.search(told["title"])) == (tag == "zh-CN")
    assert bool(CHINESE.search(told["detail"])) == (tag == "zh-CN")
    assert told["type"] == "about:blank"


def test_a_question_s_faults_are_told_in_chinese(client: FlaskClient) -> None:
    lon, lat = sample.KUNMING
    path = f"/api/v1/nearest?lon={lon}&lat={lat}&limit=1.5&what=1"
    detail = client.get(path, headers={"Accept-Language": "zh-CN"}).get_json()["detail"]
    assert "limit：应为整数，收到" in detail
    assert "what：不是这里的参数" in detail
