"""Jobs: their way through, giving up, several processes, what is kept."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest
from werkzeug.exceptions import TooManyRequests

from geodata.errors import MissingError, StoreError, UsageError
from stations import coverage
from tests.web import sample
from web.api import answers
from web.app import create_app
from web.errors import OURS, explained
from web.jobs import KEPT_S, Cancelled, Jobs, folder_of, records, running
from web.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask.testing import FlaskClient

    from stations.registry import LiveRegistry
    from web.jobs import Job, Report

PARKS = {"layer": "parks", "within": "1500m", "needs": "toilet"}
POSTS = {"layer": "border_posts", "within": "1500m"}
OTHER = """
import sys
from pathlib import Path
from web.jobs import Cancelled, Jobs

def say(text):
    print(text + "\\n", end="", flush=True)

def work(report):
    say("begun")
    try:
        while True:
            report("reach", 3, 10)
    except Cancelled:
        say("stopped")
        raise

jobs = Jobs(Path(sys.argv[1]), lambda error: (500, ""))
for _ in range(2):
    say(jobs.start("coverage", "public", work).id)
sys.stdin.read()
"""


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def explain(error: Exception) -> tuple[int, str]:
    return explained(error, "job")


def settled() -> None:
    """Wait until no job of this process is at work."""
    for thread in threading.enumerate():
        if thread.name == "jobs":
            thread.join(30)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def jobs(tmp_path: Path, clock: Clock) -> Jobs:
    return Jobs(tmp_path / "jobs", explain, clock)


def finished(jobs: Jobs, job: Job) -> Job:
    settled()
    return jobs.get(job.id, job.asker)


def test_a_job_tells_how_far_it_is_and_what_came_of_it(jobs: Jobs) -> None:
    at, go = threading.Event(), threading.Event()

    def work(report: Report) -> bytes:
        report("reach", 40, 100)
        at.set()
        assert go.wait(30)
        return b'{"a": 1}'

    job = jobs.start("coverage", "public", work)
    assert at.wait(30)
    seen = jobs.get(job.id, "public")
    assert (seen.state, seen.stage, seen.done, seen.total) == ("running", "reach", 40, 100)
    assert jobs.result(job.id, "public") is None
    go.set()
    assert finished(jobs, job).state == "done"
    assert jobs.result(job.id, "public") == b'{"a": 1}'


def test_one_is_at_work_and_the_others_wait(jobs: Jobs) -> None:
    at, go, order = threading.Event(), threading.Event(), []

    def held(_: Report) -> bytes:
        at.set()
        assert go.wait(30)
        order.append("first")
        return b""

    def quick(_: Report) -> bytes:
        order.append("second")
        return b""

    first = jobs.start("a", "public", held)
    second = jobs.start("a", "public", quick)
    assert at.wait(30)
    assert jobs.get(second.id, "public").state == "queued"
    third = jobs.start("a", "public", quick)
    assert jobs.cancel(third.id, "public").state == "cancelled"
    for i in range(running.MOST_WAITING - 1):
        jobs.start("a", "public", lambda _: b"", f"sender {i}")
    with pytest.raises(TooManyRequests):
        jobs.start("a", "public", quick)
    go.set()
    settled()
    assert order == ["first", "second"]
    assert {jobs.get(each.id, "public").state for each in (first, second)} == {"done"}


def test_an_upload_does_not_wait_for_a_plan(jobs: Jobs) -> None:
    go, done = threading.Event(), threading.Event()

    def solved(_: Report) -> bytes:
        assert go.wait(30)
        return b""

    def looked(_: Report) -> bytes:
        done.set()
        return b""

    plans = [jobs.start("site", "staff", solved) for _ in range(2)]
    upload = jobs.start("preview", "staff", looked)
    assert done.wait(30)
    assert jobs.get(plans[1].id, "staff").state == "queued"  # of plans one at a time
    go.set()
    settled()
    assert {jobs.get(each.id, "staff").state for each in (*plans, upload)} == {"done"}


@pytest.fixture
def held(jobs: Jobs) -> Iterator[threading.Event]:
    """Keep a job of somebody at work until the event is set."""
    at, go = threading.Event(), threading.Event()

    def work(_: Report) -> bytes:
        at.set()
        assert go.wait(30)
        return b""

    jobs.start("a", "public", work, "somebody")
    assert at.wait(30)
    yield go
    go.set()
    settled()


def quick(_: Report) -> bytes:
    return b""


def test_one_sender_has_so_many_jobs_at_a_time(jobs: Jobs, held: threading.Event) -> None:
    mine = [jobs.start("a", "public", quick, "me") for _ in range(running.MOST_OF_SENDER)]
    with pytest.raises(TooManyRequests, match="your questions") as refused:
        jobs.start("a", "public", quick, "me")
    assert refused.value.retry_after
    assert jobs.start("a", "public", quick, "you").state == "queued"
    jobs.cancel(mine[0].id, "public")
    again = jobs.start("a", "public", quick, "me")
    held.set()
    assert finished(jobs, again).state == "done"
    assert jobs.start("a", "public", quick, "me").state == "queued"


def test_the_staff_go_first_and_are_not_kept_out_by_the_public(
    jobs: Jobs, held: threading.Event
) -> None:
    order: list[str] = []

    def told(name: str) -> Any:
        def work(_: Report) -> bytes:
            order.append(name)
            return b""

        return work

    for i in range(running.MOST_WAITING):
        jobs.start("a", "public", told("public"), f"sender {i}")
    with pytest.raises(TooManyRequests, match="wait already"):
        jobs.start("a", "public", quick, "one more")
    for _ in range(running.MOST_OF_SENDER + 1):
        jobs.start("a", "staff", told("staff"), "staff")
    held.set()
    settled()
    assert order[: running.MOST_OF_SENDER + 1] == ["staff"] * (running.MOST_OF_SENDER + 1)
    assert len(order) == running.MOST_WAITING + running.MOST_OF_SENDER + 1


def test_what_was_cancelled_waits_no_longer(jobs: Jobs, held: threading.Event) -> None:
    for i in range(3 * running.MOST_WAITING):
        jobs.cancel(jobs.start("a", "public", quick, f"sender {i}").id, "public")
    assert jobs.start("a", "public", quick, "last").state == "queued"


def test_one_sender_s_results_do_not_push_out_another_s(jobs: Jobs, clock: Clock) -> None:
    mine = finished(jobs, jobs.start("a", "public", lambda _: b"mine", "me"))
    own = finished(jobs, jobs.start("a", "staff", lambda _: b"own", "staff"))
    last = mine
    for _ in range(records.MOST_ENDED + 1):
        clock.now += 1
        last = finished(jobs, jobs.start("a", "public", quick, "many"))
    assert jobs.result(mine.id, "public") == b"mine"
    assert jobs.result(own.id, "staff") == b"own"
    assert jobs.get(last.id, "public").state == "done"


def test_servers_of_two_registers_share_no_jobs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    one = folder_of(tmp_path, f"sqlite:///{tmp_path}/a.db")
    assert one == folder_of(tmp_path, "sqlite:///a.db")
    assert one != folder_of(tmp_path, "sqlite:///b.db")
    postgres = "postgresql://anna:{}@host/register"
    far = folder_of(tmp_path, postgres.format("secret"))
    assert far == folder_of(tmp_path, postgres.format("changed"))
    assert far not in {one, tmp_path}
    job = Jobs(one, explain).start("a", "public", quick)
    settled()
    with pytest.raises(MissingError):
        Jobs(far, explain).get(job.id, "public")
    assert Jobs(one, explain).get(job.id, "public").state == "done"


def test_a_cancelled_job_stops_at_its_next_word(jobs: Jobs) -> None:
    at, go, stopped = threading.Event(), threading.Event(), threading.Event()

    def work(report: Report) -> bytes:
        at.set()
        assert go.wait(30)
        try:
            report("measure", 1, 1)
        except Cancelled:
            stopped.set()
            raise
        return b"never"

    job = jobs.start("coverage", "public", work)
    assert at.wait(30)
    assert jobs.cancel(job.id, "public").state == "cancelled"
    go.set()
    assert finished(jobs, job).state == "cancelled"
    assert stopped.is_set()
    assert jobs.result(job.id, "public") is None


def test_what_ended_stays_as_it_is(jobs: Jobs) -> None:
    job = jobs.start("coverage", "public", lambda _: b"{}")
    assert finished(jobs, job).state == "done"
    assert jobs.cancel(job.id, "public").state == "done"
    assert jobs.result(job.id, "public") == b"{}"


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (UsageError("a limit is zero or more"), 400, "a limit is zero or more"),
        (StoreError("/secret/place"), 503, "The register cannot be read now."),
        (ZeroDivisionError("97.853214"), 500, OURS),
    ],
)
def test_a_failure_says_what_an_answer_would(
    jobs: Jobs, caplog: pytest.LogCaptureFixture, error: Exception, status: int, said: str
) -> None:
    def work(_: Report) -> bytes:
        raise error

    job = finished(jobs, jobs.start("coverage", "public", work))
    assert (job.state, job.status) == ("failed", status)
    assert (job.detail or "").startswith(said)
    assert "97.853214" not in caplog.text
    assert "/secret/place" not in caplog.text
    assert finished(jobs, jobs.start("coverage", "public", lambda _: b"")).state == "done"


def test_only_the_role_that_asked_is_told(jobs: Jobs) -> None:
    job = finished(jobs, jobs.start("coverage", "staff", lambda _: b"{}"))
    for ask in (jobs.get, jobs.result, jobs.cancel):
        with pytest.raises(MissingError, match="open to you"):
            ask(job.id, "public")
    assert jobs.result(job.id, "staff") == b"{}"


def test_ids_cannot_be_guessed(jobs: Jobs) -> None:
    ids = {jobs.start("coverage", "public", quick, f"{i}").id for i in range(10)}
    settled()
    assert len(ids) == 10
    assert min(map(len, ids)) >= 32


def test_results_are_kept_an_hour(jobs: Jobs, clock: Clock) -> None:
    old = finished(jobs, jobs.start("coverage", "public", lambda _: b"{}"))
    clock.now += KEPT_S
    new = finished(jobs, jobs.start("coverage", "public", lambda _: b"{}"))
    assert jobs.get(old.id, "public").state == "done", "inclusive"
    clock.now += 1
    finished(jobs, jobs.start("coverage", "public", lambda _: b"{}"))
    assert jobs.get(new.id, "public").state == "done"
    with pytest.raises(MissingError, match="1 hour"):
        jobs.get(old.id, "public")


def test_where_the_disk_was_replaced_others_still_see_who_is_at_work(
    jobs: Jobs, held: threading.Event, tmp_path: Path
) -> None:
    """The copy of the file whose lock we hold is not locked."""
    (tmp_path / "jobs").rename(tmp_path / "away")
    shutil.copytree(tmp_path / "away", tmp_path / "jobs")
    job = jobs.start("a", "public", quick)
    assert Jobs(tmp_path / "jobs", explain).get(job.id, "public").state == "queued"
    held.set()
    assert finished(jobs, job).state == "done"


def test_results_of_a_clock_that_was_ahead_push_out_no_others(jobs: Jobs, clock: Clock) -> None:
    clock.now += KEPT_S
    for _ in range(records.MOST_ENDED):
        finished(jobs, jobs.start("coverage", "public", lambda _: b"{}"))
    clock.now -= KEPT_S
    job = finished(jobs, jobs.start("coverage", "public", lambda _: b"{}"))
    assert jobs.result(job.id, "public") == b"{}"


def test_the_oldest_results_go_when_there_is_too_much(
    jobs: Jobs, clock: Clock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(records, "MOST_BYTES", 250)
    monkeypatch.setattr(records, "LARGEST", 200)
    kept = []
    for _ in range(4):
        clock.now += 1
        kept.append(finished(jobs, jobs.start("coverage", "public", lambda _: b"x" * 100)))
    left = []
    for job in kept:
        try:
            left.append(jobs.get(job.id, "public").state)
        except MissingError:
            left.append("cancelled")
    assert left == ["cancelled", "cancelled", "done", "done"]
    large = finished(jobs, jobs.start("coverage", "public", lambda _: b"x" * 201))
    assert (large.state, large.status) == ("failed", 413)
    monkeypatch.setattr(records, "MOST_ENDED", 1)
    last = finished(jobs, jobs.start("coverage", "public", lambda _: b""))
    assert jobs.get(last.id, "public").state == "done"
    with pytest.raises(MissingError):
        jobs.get(kept[3].id, "public")
    assert tmp_path.joinpath("jobs").stat().st_mode & 0o077 == 0


@pytest.fixture
def other(tmp_path: Path) -> Any:
    """Another process with two jobs: one at work, one waiting."""
    with subprocess.Popen(
        [sys.executable, "-c", OTHER, str(tmp_path / "jobs")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=os.fspath(sample.__file__).partition("/tests/")[0],
    ) as process:
        yield process
        process.kill()


def heard(process: Any) -> tuple[list[str], list[str]]:
    """Return the ids of the jobs and the words the other process has said so far."""
    lines = [process.stdout.readline().strip() for _ in range(3)]
    return [each for each in lines if each != "begun"], [each for each in lines if each == "begun"]


def test_a_job_of_another_process_is_cancelled_from_here(other: Any, tmp_path: Path) -> None:
    jobs = Jobs(tmp_path / "jobs", explain)
    (first, second), begun = heard(other)
    assert begun == ["begun"]
    assert jobs.get(second, "public").state == "queued"
    assert jobs.cancel(second, "public").state == "cancelled"
    assert jobs.cancel(first, "public").state == "cancelled"
    assert other.stdout.readline().strip() == "stopped"
    assert jobs.get(first, "public").state == "cancelled"


def test_jobs_whose_process_was_killed_have_failed(other: Any, tmp_path: Path) -> None:
    jobs = Jobs(tmp_path / "jobs", explain)
    (first, second), _ = heard(other)
    assert jobs.get(first, "public").state == "running"
    os.kill(other.pid, signal.SIGKILL)
    other.wait(30)
    for id_ in (first, second):
        job = jobs.get(id_, "public")
        assert (job.state, job.status) == ("failed", 503)
        assert "ended" in (job.detail or "")
    jobs.start("coverage", "public", lambda _: b"")
    settled()
    assert len(list((tmp_path / "jobs").glob("owner-*"))) == 1


@pytest.fixture
def client(live: LiveRegistry, tmp_path: Path) -> FlaskClient:
    settings = Settings(staff_token=sample.TOKEN)
    folder = tmp_path / "jobs"
    return create_app(settings, live, lambda: sample.NOW, jobs_folder=folder).test_client()


def begun(client: FlaskClient, query: dict[str, str], **more: Any) -> dict[str, Any]:
    answer = client.post("/api/v1/coverage/jobs", query_string=query, **more)
    assert answer.status_code == 202, answer.get_json()
    told: dict[str, Any] = answer.get_json()
    assert answer.headers["Location"] == told["links"][0]["href"]
    answers.Job.model_validate(told)
    return told


@pytest.mark.parametrize("terms", [{}, {"hours": "night", "trust_floor": "0.5", "by": "hour"}])
def test_a_job_answers_what_the_question_would(client: FlaskClient, terms: dict[str, str]) -> None:
    query = {**PARKS, **terms}
    place = begun(client, query)["links"][0]["href"]
    settled()
    told = client.get(place).get_json()
    answers.Job.model_validate(told)
    assert told["state"] == "done"
    [result] = [link["href"] for link in told["links"] if link["rel"] == "result"]
    answer = client.get(result)
    assert answer.headers["Cache-Control"] == "private, no-store"
    straight = client.get("/api/v1/coverage", query_string=query)
    assert answer.get_data() == straight.get_data()


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"layer": "parks"}, 400),
        ({**PARKS, "hours": "25:00"}, 400),
        ({"layer": "nothing", "within": "1km"}, 404),
        (POSTS, 404),
    ],
)
def test_what_is_wrong_is_told_at_once(
    client: FlaskClient, query: dict[str, str], status: int
) -> None:
    assert client.post("/api/v1/coverage/jobs", query_string=query).status_code == status


def test_a_restricted_layer_s_job_is_staff_s_alone(client: FlaskClient) -> None:
    told = begun(client, {**POSTS, "by": "site", "hours": "all"}, headers=sample.STAFF)
    settled()
    [own] = [link["href"] for link in told["links"]]
    for method, path in [("GET", own), ("GET", f"{own}/result"), ("DELETE", own)]:
        hidden = client.open(path, method=method)
        missing = client.open(path.replace(told["id"], "nobody"), method=method)
        assert hidden.status_code == missing.status_code == 404
        assert hidden.get_json()["detail"] == missing.get_json()["detail"]
    seen = client.get(f"{own}/result", headers=sample.STAFF)
    assert "机密哨所0" in seen.get_data(as_text=True)
    assert client.delete(own, headers=sample.STAFF).get_json()["state"] == "done"


def test_delete_ends_the_work(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    at, go, after = threading.Event(), threading.Event(), []
    real = coverage.measure

    def held(*asked: Any, progress: Any, **more: Any) -> Any:
        at.set()
        assert go.wait(30)
        progress(1, 1)
        after.append("went on")
        return real(*asked, **more)

    monkeypatch.setattr(coverage, "measure", held)
    [own] = [link["href"] for link in begun(client, {**PARKS, "within": "888m"})["links"]]
    assert at.wait(30)
    assert client.get(own).get_json()["state"] == "running"
    assert client.delete(own).get_json()["state"] == "cancelled"
    go.set()
    settled()
    assert client.get(own).get_json()["state"] == "cancelled"
    assert client.get(f"{own}/result").status_code == 404
    assert after == []


def test_a_job_answers_gaps_too(client: FlaskClient) -> None:
    query = {**PARKS, "hours": "all", "limit": "2"}
    answer = client.post("/api/v1/gaps/jobs", query_string=query)
    assert (answer.status_code, answer.get_json()["kind"]) == (202, "gaps")
    settled()
    told = client.get(answer.headers["Location"]).get_json()
    [result] = [link["href"] for link in told["links"] if link["rel"] == "result"]
    straight = client.get("/api/v1/gaps", query_string=query)
    assert client.get(result).get_data() == straight.get_data()
    assert client.post("/api/v1/gaps/jobs", query_string=POSTS).status_code == 404


def test_one_address_may_not_take_all_turns(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = threading.Event()
    real = coverage.measure

    def held(*asked: Any, **more: Any) -> Any:
        assert go.wait(30)
        return real(*asked, **more)

    monkeypatch.setattr(coverage, "measure", held)

    def ask(address: str, **more: Any) -> int:
        place = {"REMOTE_ADDR": address}
        path = "/api/v1/coverage/jobs"
        return client.post(path, query_string=PARKS, environ_base=place, **more).status_code

    codes = [ask("198.51.100.7") for _ in range(running.MOST_OF_SENDER + 1)]
    assert codes == [202] * running.MOST_OF_SENDER + [429]
    assert ask("198.51.100.8") == 202
    assert ask("198.51.100.7", headers=sample.STAFF) == 202
    go.set()
    settled()


def test_a_failed_job_tells_why(client: FlaskClient) -> None:
    supposed = {**PARKS, "hours": "all", "what_if": "host:没有这家 shut"}
    [own] = [link["href"] for link in begun(client, supposed)["links"]]
    settled()
    told = client.get(own).get_json()
    answers.Job.model_validate(told)
    assert (told["state"], told["status"]) == ("failed", 400)
    assert "no station has the host" in told["detail"]
