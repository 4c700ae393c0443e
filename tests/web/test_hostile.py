"""Bodies no person sends: nested without end, numbers without end, half characters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.web import sample

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apiflask import APIFlask

BODIES = {
    "lists in lists": "[" * 14_000,
    "objects in objects": '{"a":' * 9_000,
    "deep and whole": '{"fields":' + "[" * 5_000 + "]" * 5_000 + "}",
    "too large a number": '{"x":1e999999}',
    "no number": '{"x":NaN}',
    "digits": '{"x":' + "9" * 9_000 + "}",
    "half a character": '"\\ud800"',
    "no text": b"\xff\xfe\x00",
}
GIVEN: dict[str, Any] = {
    "station_id": "S001", "name": "parks", "sha256": "0" * 64, "job_id": "none",
}  # fmt: skip


def changed(app: APIFlask) -> Iterator[tuple[str, str]]:
    """Yield method and address of whatever takes a body."""
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            for method in sorted({"POST", "PUT", "PATCH"} & (rule.methods or set())):
                values = dict.fromkeys(rule.arguments, 1) | {
                    name: GIVEN[name] for name in rule.arguments & GIVEN.keys()
                }
                built = rule.build(values)
                if built is not None:
                    yield method, built[1]


@pytest.mark.parametrize("what", BODIES)
def test_no_body_is_a_fault_of_ours(app: APIFlask, what: str) -> None:
    client, asked = app.test_client(), 0
    for method, address in changed(app):
        answer = client.open(
            address,
            method=method,
            data=BODIES[what],
            headers={**sample.STAFF, "Content-Type": "application/json"},
        )
        assert answer.status_code < 500, (method, address)
        asked += 1
    assert asked > 20


@pytest.mark.parametrize("address", ["/", "/ogc/api", "/api/v1/register", "/api/v1/me/tokens"])
def test_raw_bytes_in_an_address_are_no_fault_of_ours(app: APIFlask, address: str) -> None:
    raw = {"QUERY_STRING": "\xfa|\xaa"}
    assert app.test_client().get(address, environ_overrides=raw).status_code < 500
