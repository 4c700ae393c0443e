"""The shipped proxy examples in front of a server: nginx's and Caddy's, as a browser meets them.

Of each file only addresses, certificates and folders are put in the trial's. Asked are: https and
its headers, who counts as the sender, request ids, what is kept from outside, large bodies, logs
without positions, and that no question is lost while workers are renewed and killed.
``--stations``, ``--seconds``.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.trials._server import CHECKOUT, Server

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

HOST = "stations.example.org"
DEPLOY = CHECKOUT / "scripts" / "deploy"
HTTP, HTTPS = 8461, 8462
NEAREST = "/api/v1/nearest?lon=102.7183&lat=25.0389&limit=3"
POSITION = ("102.7183", "25.0389")
TOO_LARGE = 34 * 1024 * 1024
SENT_ID = "sent-by-the-browser"


class Told(NamedTuple):
    """An answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def ask(
    path: str,
    method: str = "GET",
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    *,
    plain: bool = False,
) -> Told:
    """Ask the proxy as a browser does, over https unless ``plain``; the certificate is its own."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    link: http.client.HTTPConnection = (
        http.client.HTTPConnection("127.0.0.1", HTTP, timeout=30)
        if plain
        else _Named("127.0.0.1", HTTPS, timeout=30, context=context)
    )
    try:
        link.request(method, path, body or None, {"Host": HOST, **(headers or {})})
        answer = link.getresponse()
        given = {name.lower(): value for name, value in answer.getheaders()}
        return Told(answer.status, given, answer.read())
    finally:
        link.close()


class _Named(http.client.HTTPSConnection):
    """A connection that asks for `HOST` by name, as its proxy demands."""

    def connect(self) -> None:
        http.client.HTTPConnection.connect(self)
        self.sock = self._context.wrap_socket(self.sock, server_hostname=HOST)  # type: ignore[attr-defined]


@contextmanager
def nginx(folder: Path, port: int) -> Iterator[list[Path]]:
    """Run nginx with the shipped file; yield its logs."""
    pem, key = folder / "it.pem", folder / "it.key"
    log, errors = folder / "nginx.log", folder / "nginx.err"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={HOST}"]
    made += ["-keyout", str(key), "-out", str(pem)]
    subprocess.run(made, check=True, capture_output=True)
    text = _changed(
        (DEPLOY / "nginx.conf").read_text(),
        {
            "listen 80;": f"listen 127.0.0.1:{HTTP};",
            "listen 443 ssl": f"listen 127.0.0.1:{HTTPS} ssl",
            "127.0.0.1:8000": f"127.0.0.1:{port}",
            "/etc/ssl/stations.pem": str(pem),
            "/etc/ssl/stations.key": str(key),
            "/var/log/nginx/stations.log": str(log),
            "/var/log/nginx/stations.err": str(errors),
        },
    )
    own = folder / "nginx.conf"
    own.write_text(f"pid {folder}/nginx.pid;\nevents {{}}\nhttp {{\n{text}\n}}\n")
    command = ["nginx", "-c", str(own), "-e", str(errors), "-g", "daemon off;"]
    with _running(command, dict(os.environ), folder / "nginx.out") as out:
        yield [log, errors, out]


@contextmanager
def caddy(folder: Path, port: int) -> Iterator[list[Path]]:
    """Run Caddy with the shipped file; yield its logs."""
    log = folder / "caddy.log"
    alone = f"admin off\n\thttp_port {HTTP}\n\thttps_port {HTTPS}\n\tlocal_certs"
    text = _changed(
        (DEPLOY / "Caddyfile").read_text(),
        {
            "127.0.0.1:8000": f"127.0.0.1:{port}",
            "\tlog default {": f"\t{alone}\n\tskip_install_trust\n\tlog default {{",
            "\tlog {\n": f"\tlog {{\n\t\toutput file {log}\n",
        },
    )
    own = folder / "Caddyfile"
    own.write_text(text)
    home = {**os.environ, "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    command = ["caddy", "run", "--adapter", "caddyfile", "--config", str(own)]
    with _running(command, home, folder / "caddy.out") as out:
        yield [log, out]


PROXIES = {"nginx": nginx, "caddy": caddy}


def _changed(text: str, parts: Mapping[str, str]) -> str:
    for old, new in parts.items():
        if old not in text:
            raise ValueError(f"the shipped file has no {old!r} any more")
        text = text.replace(old, new)
    return text


@contextmanager
def _running(command: list[str], environment: dict[str, str], out: Path) -> Iterator[Path]:
    """Run a proxy; yield the file of what it says."""
    with out.open("wb") as said:
        process = subprocess.Popen(command, env=environment, stdout=said, stderr=said)
        try:
            _await(process, out)
            yield out
        finally:
            process.terminate()
            process.wait()


def _await(process: subprocess.Popen[bytes], out: Path) -> None:
    for _ in range(200):
        with suppress(OSError, http.client.HTTPException):
            if ask("/healthz").status == http.HTTPStatus.OK:
                return
        if process.poll() is not None:
            raise RuntimeError(out.read_text())
        time.sleep(0.1)
    raise TimeoutError("the proxy did not start")


def checked(server: Server, logs: list[Path], seconds: float) -> list[str]:
    """Ask everything; return what is wrong."""
    faults = [
        *_https(),
        *_kept_from_outside(),
        *_senders(),
        *_lost_while_renewed(server, seconds),
        *_too_large(),
        *_ids(server),
    ]
    server.end()
    ask(NEAREST)  # there is nobody to answer, which proxies like to note
    time.sleep(1)  # until all logs are written
    lines = server.log.read_text() + "".join(each.read_text() for each in logs)
    return faults + [f"{part} is in a log" for part in POSITION if part in lines]


def _https() -> list[str]:
    page, plain = ask("/"), ask("/map", plain=True)
    faults = [] if page.status == http.HTTPStatus.OK else [f"page: {page.status}"]
    if "max-age=31536000" not in page.headers.get("strict-transport-security", ""):
        faults.append("no HSTS: the server does not know that it is asked over https")
    if plain.status not in {301, 308} or not plain.headers["location"].startswith("https://"):
        faults.append(f"http: {plain.status} {plain.headers.get('location')}")
    other = ask("/", headers={"Host": "elsewhere.example.org"})
    ours = other.status < http.HTTPStatus.BAD_REQUEST and other.body  # Caddy's own answer is empty
    return [*faults, "our page under another name"] if ours else faults


def _kept_from_outside() -> list[str]:
    return [path for path in ("/metrics", "/readyz") if ask(path).status != 404]


def _too_large() -> list[str]:
    """Send 34 MB: refused, before they have come or after."""
    try:
        status = ask("/api/v1/uploads", "POST", bytes(TOO_LARGE)).status
    except OSError:  # closed in the middle of it, as nginx does
        return []
    return [] if status == http.HTTPStatus.REQUEST_ENTITY_TOO_LARGE else [f"34 MB: {status}"]


def _senders() -> list[str]:
    """Send reports from one address that says it is many: the limit must hold all the same."""
    found = []
    for number in range(12):
        body = json.dumps({"outcome": "worked", "key": f"proxy-{number}-{time.time()}"}).encode()
        kind = {"Content-Type": "application/json", "X-Forwarded-For": f"10.0.0.{number}"}
        found.append(ask("/api/v1/stations/B0000001/reports", "POST", body, kind).status)
    good = set(found) <= {200, 201, 429} and 429 in found
    return [] if good else [f"reports with invented addresses: {found}"]


def _ids(server: Server) -> list[str]:
    given = ask(NEAREST, headers={"X-Request-Id": SENT_ID}).headers["x-request-id"]
    faults = ["the browser chose the request's id"] if given == SENT_ID else []
    if given not in server.log.read_text():
        faults.append("the proxy's request id is not in the server's log")
    return faults


def _lost_while_renewed(server: Server, seconds: float) -> list[str]:
    """Ask all the time while workers are renewed twice and one is killed."""
    over, found = threading.Event(), dict[int, int]()

    def go_on() -> None:
        while not over.is_set():
            status = ask(NEAREST).status
            found[status] = found.get(status, 0) + 1
            time.sleep(0.05)  # twenty a second: below the proxy's own limit

    asking = threading.Thread(target=go_on)
    asking.start()
    for _ in range(2):
        if server.process:
            server.process.send_signal(signal.SIGHUP)
        time.sleep(seconds / 3)
    server.workers()[0].kill()
    time.sleep(seconds / 3)
    over.set()
    asking.join()
    print(f"  answers while workers were renewed and killed: {found}")
    return [] if found.keys() == {200} else [f"questions lost: {found}"]


def run(name: str, folder: Path, *, stations: int, seconds: float) -> list[str]:
    """Try one proxy; return what is wrong."""
    server = Server(folder, stations, workers=2)
    server.environment |= {
        "STATIONS_PROXIES": "1",
        "STATIONS_HOSTS": f"{HOST},127.0.0.1",
        "STATIONS_HSTS_DAYS": "365",
        "STATIONS_LOG": "json",
        "STATIONS_REPORT_LIMITS": "3 per minute",
    }
    try:
        server.begin()
        with PROXIES[name](folder, server.port) as logs:
            return checked(server, logs, seconds)
    finally:
        server.end()


def main() -> None:
    """Run the trial; leave with 1 if anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stations", type=int, default=5_000)
    parser.add_argument("--seconds", type=float, default=30)
    asked = vars(parser.parse_args())
    missing = [name for name in PROXIES if shutil.which(name) is None]
    if missing:
        subprocess.run(["apt-get", "install", "-y", "-qq", *missing], check=True)
    faults = []
    for name in PROXIES:
        with tempfile.TemporaryDirectory() as folder:
            found = run(name, Path(folder), **asked)
        print(f"  {name}: {'; '.join(found) or 'as it should be'}")
        faults += found
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
