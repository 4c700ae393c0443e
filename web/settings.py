"""What an operator may set, read once from an environment handed in."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from geodata.errors import UsageError
from geodata.roads import TruckSize, usual_truck
from web.addresses import is_provider
from web.limits import parse_limits

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_ROOT = Path(__file__).resolve().parent.parent
DATA_FOLDER = (_ROOT if (_ROOT / "pyproject.toml").is_file() else Path.cwd()) / "var"
"""``var`` of the checkout; of a program installed from a wheel, of the folder it is begun in."""
PREFIX = "STATIONS_"
SHORTEST_TOKEN = 16
NEWCOMERS = ("refuse", "wait")
LONGEST_LABEL = 60
NAMED_BASEMAPS = ("none", "osm", "tianditu")
LOGS = ("quiet", "text", "json")
_HOST = re.compile(r"\.?[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?|\[[0-9a-f:.]+\](:\d{1,5})?")


@dataclass(frozen=True)
class Settings:
    """One value for each ``STATIONS_*`` variable; those not set keep the default."""

    db: str = field(default=f"sqlite:///{DATA_FOLDER / 'stations.db'}", repr=False)
    """``STATIONS_DB``: the register's store, ``sqlite:///path``; ``stations.db`` in the
    folder of ``STATIONS_DATA`` if unset."""

    staff_token: str = field(default="", repr=False)
    """``STATIONS_STAFF_TOKEN``: who sends it as a bearer token, or signs in as ``staff`` with it,
    is an admin everywhere; 16 characters or more. Empty: there are accounts only."""

    basemap: str = "none"
    """``STATIONS_BASEMAP``: what lies under the county outlines: ``none``, ``osm``, ``tianditu``,
    or the address of WGS 84 (not GCJ-02) tiles with ``{z}``, ``{x}`` and ``{y}`` in it."""

    tianditu_key: str = field(default="", repr=False)
    """``STATIONS_TIANDITU_KEY``: the browser key (``tk``) that ``tianditu`` needs."""

    max_limit: int = 50
    """``STATIONS_MAX_LIMIT``: most stations one nearest answer may hold, 1 to 1000."""

    report_limits: str = "10 per minute; 100 per day"
    """``STATIONS_REPORT_LIMITS``: how many reports one address may send; all of these hold at
    once, over all workers. Staff may send any number."""

    sign_in_limits: str = "20 per minute; 200 per hour"
    """``STATIONS_SIGN_IN_LIMITS``: how often one address may try to sign in."""

    visit_limits: str = "1200 per hour; 6000 per day"
    """``STATIONS_VISIT_LIMITS``: how many visits and photos one account may send."""

    oidc_issuer: str = ""
    """``STATIONS_OIDC_ISSUER``: the address of the OpenID Connect provider people may sign in with,
    exactly as it calls itself; https. Empty: there is none. ``web/auth/README.md`` tells more."""

    oidc_client_id: str = ""
    """``STATIONS_OIDC_CLIENT_ID``: what this service is called there."""

    oidc_client_secret: str = field(default="", repr=False)
    """``STATIONS_OIDC_CLIENT_SECRET``: what it proves that with; 16 characters or more."""

    oidc_label: str = "单位账号 / your organisation"
    """``STATIONS_OIDC_LABEL``: what people call the provider, on the button that leads there."""

    oidc_newcomers: str = "refuse"
    """``STATIONS_OIDC_NEWCOMERS``: what becomes of a person of the provider without an account
    here: ``refuse``, or ``wait``: an account is made that an admin must put in use."""

    proxies: int = 0
    """``STATIONS_PROXIES``: how many reverse proxies of yours stand before this server, 0 to 10;
    with too few every sender looks like the proxy, with too many anybody may invent an address."""

    hosts: str = ""
    """``STATIONS_HOSTS``: the names this service is asked for by, separated by commas
    (``stations.example.org``; ``.example.org`` with all below it); other names are answered 400.
    Empty: any name."""

    hsts_days: int = 0
    """``STATIONS_HSTS_DAYS``: for how many days browsers are told to come by https only, 0 to 730;
    0: they are not told. Said over https only."""

    log: str = "quiet"
    """``STATIONS_LOG``: ``quiet``: what went wrong, in words; ``text``: a line for each request,
    too; ``json``: both as JSON, one object a line."""

    metrics_token: str = field(default="", repr=False)
    """``STATIONS_METRICS_TOKEN``: who sends it as a bearer token may read ``/metrics``; 16
    characters or more. Empty: programs of this machine that come through no proxy."""

    data: str = str(DATA_FOLDER)
    """``STATIONS_DATA``: the folder of all that is not said to be elsewhere: the register where
    ``STATIONS_DB`` is unset, roads, jobs and what else is kept; if unset, ``var`` of the checkout,
    or, of a program installed from a wheel, of the folder it is begun in."""

    half_life_days: float | None = None
    """``STATIONS_HALF_LIFE_DAYS``: after how long evidence counts half, above 0, to the server and
    to the commands that weigh trust; the trust model's own (``stations/data/trust.toml``) if
    unset."""

    roads: str = ""
    """``STATIONS_ROADS``: the road network, a folder that ``stations roads build`` made or the
    address of a Valhalla server; ``none``: minutes are estimates. Unset: ``roads`` in the
    folder of ``STATIONS_DATA`` as soon as there is one."""

    truck_height_m: float | None = None
    """``STATIONS_TRUCK_HEIGHT_M``: how high trucks are; this and what follows as in
    ``geodata/roads/costing.toml`` if unset."""

    truck_width_m: float | None = None
    """``STATIONS_TRUCK_WIDTH_M``."""

    truck_length_m: float | None = None
    """``STATIONS_TRUCK_LENGTH_M``."""

    truck_weight_t: float | None = None
    """``STATIONS_TRUCK_WEIGHT_T``: greatest total mass, tonnes."""

    truck_axle_load_t: float | None = None
    """``STATIONS_TRUCK_AXLE_LOAD_T``."""

    def __post_init__(self) -> None:
        """Refuse what cannot work, before anything is served."""
        if self.staff_token and len(self.staff_token) < SHORTEST_TOKEN:
            raise UsageError(
                f"STATIONS_STAFF_TOKEN must have {SHORTEST_TOKEN} characters or more; "
                "leave it unset if accounts are enough"
            )
        if not self.staff_token.isascii():
            raise UsageError("STATIONS_STAFF_TOKEN must be plain ASCII: it travels in a header")
        self._check_serving()
        if not 1 <= self.max_limit <= 1000:  # noqa: PLR2004 - said in the message and above
            raise UsageError("STATIONS_MAX_LIMIT must be a whole number from 1 to 1000")
        if not 0 <= self.proxies <= 10:  # noqa: PLR2004 - said in the message and above
            raise UsageError("STATIONS_PROXIES must be a whole number from 0 to 10")
        if self.half_life_days is not None and not 0 < self.half_life_days < math.inf:
            raise UsageError("STATIONS_HALF_LIFE_DAYS must be a number of days above 0")
        for name, size in self._truck_sizes().items():
            if not 0 < size < 100:  # noqa: PLR2004 - said in the message
                raise UsageError(f"{PREFIX}{name.upper()} must be {_SIZE}")
        self._check_provider()
        parse_limits(self.report_limits)
        parse_limits(self.visit_limits)
        parse_limits(self.sign_in_limits)
        if self.basemap == "tianditu" and not self.tianditu_key:
            raise UsageError("STATIONS_BASEMAP=tianditu needs a key in STATIONS_TIANDITU_KEY")
        if self.basemap not in NAMED_BASEMAPS and not _is_tile_address(self.basemap):
            raise UsageError(
                "STATIONS_BASEMAP must be none, osm, tianditu or a tile address such as "
                "https://tiles.example.org/{z}/{x}/{y}.png"
            )

    def _check_serving(self) -> None:
        """Refuse what a server cannot be told."""
        try:
            make_url(self.db)
        except (ArgumentError, ValueError):
            raise UsageError(
                "STATIONS_DB must be an address such as sqlite:////var/lib/stations/stations.db "
                "or postgresql://name@host/stations"
            ) from None
        token = self.metrics_token
        if token and (len(token) < SHORTEST_TOKEN or not token.isascii()):
            raise UsageError(
                f"STATIONS_METRICS_TOKEN must have {SHORTEST_TOKEN} characters or more, plain ASCII"
            )
        if wrong := [each for each in self.host_names if not _HOST.fullmatch(each)]:
            raise UsageError(
                f"STATIONS_HOSTS must be names such as stations.example.org, not {wrong[0][:80]!r}"
            )
        if not 0 <= self.hsts_days <= 730:  # noqa: PLR2004 - said in the message and above
            raise UsageError("STATIONS_HSTS_DAYS must be a whole number from 0 to 730")
        if self.log not in LOGS:
            raise UsageError(f"STATIONS_LOG must be one of {', '.join(LOGS)}")

    @property
    def host_names(self) -> tuple[str, ...]:
        """The names this service is asked for by, in small letters; none: any."""
        return tuple(name.strip().lower() for name in self.hosts.split(",") if name.strip())

    def _check_provider(self) -> None:
        """Refuse half a provider of sign-in."""
        told = (self.oidc_issuer, self.oidc_client_id, self.oidc_client_secret)
        if any(told) != all(told):
            raise UsageError(
                "STATIONS_OIDC_ISSUER, STATIONS_OIDC_CLIENT_ID and STATIONS_OIDC_CLIENT_SECRET "
                "are set together or not at all"
            )
        if self.oidc_issuer and not is_provider(self.oidc_issuer):
            raise UsageError(
                "STATIONS_OIDC_ISSUER must be an https address such as "
                "https://login.example.org/realms/union (http on this machine only)"
            )
        if self.oidc_client_secret and len(self.oidc_client_secret) < SHORTEST_TOKEN:
            raise UsageError(
                f"STATIONS_OIDC_CLIENT_SECRET must have {SHORTEST_TOKEN} characters or more"
            )
        if self.oidc_newcomers not in NEWCOMERS:
            raise UsageError(f"STATIONS_OIDC_NEWCOMERS must be one of {', '.join(NEWCOMERS)}")
        if not self.oidc_label.isprintable() or len(self.oidc_label) > LONGEST_LABEL:
            raise UsageError(
                f"STATIONS_OIDC_LABEL is one line of plain text, at most {LONGEST_LABEL} characters"
            )

    @property
    def roads_place(self) -> tuple[str | None, bool]:
        """Where the road network is, None for nowhere, and whether it must be there."""
        if self.roads == "none":
            return None, False
        return self.roads or str(self.data_folder / "roads"), bool(self.roads)

    def told(self) -> list[tuple[str, object, bool]]:
        """Return each variable's name, its value and whether nobody may see that, by name.

        Nobody may see the password in a store's address either; it is left out.
        """
        open_db = make_url(self.db).render_as_string(hide_password=True)
        told = {each.name: (getattr(self, each.name), not each.repr) for each in fields(self)}
        told["db"] = (open_db, False)
        return [(PREFIX + name.upper(), *told[name]) for name in sorted(told)]

    @property
    def data_folder(self) -> Path:
        """The folder of all that is not said to be elsewhere; it need not be there."""
        return Path(self.data).absolute()

    @property
    def truck(self) -> TruckSize:
        """The truck that roads must take."""
        sizes = self._truck_sizes()
        return replace(
            usual_truck(), **{name.removeprefix("truck_"): sizes[name] for name in sizes}
        )

    def _truck_sizes(self) -> dict[str, float]:
        """Return the sizes that are set."""
        sizes = {name: getattr(self, name) for name in _NUMBERS if name.startswith("truck_")}
        return {name: size for name, size in sizes.items() if size is not None}

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Self:
        """Read the ``STATIONS_*`` variables; a name that is not ours raises `UsageError`."""
        known = {PREFIX + each.name.upper(): each.name for each in fields(cls)}
        given = {name: value for name, value in environ.items() if name.startswith(PREFIX)}
        if unknown := sorted(given.keys() - known.keys()):
            raise UsageError(f"no setting {', '.join(unknown)}; known: {', '.join(sorted(known))}")
        values: dict[str, str | float] = {
            known[name]: value.strip() for name, value in given.items() if value.strip()
        }
        if "data" in values and "db" not in values:
            values["db"] = f"sqlite:///{Path(str(values['data'])).absolute() / 'stations.db'}"
        for name, (read, expected) in _NUMBERS.items():
            if name in values:
                try:
                    values[name] = read(str(values[name]))
                except ValueError:
                    variable = PREFIX + name.upper()
                    raise UsageError(f"{variable} must be {expected}") from None
        return cls(**values)  # type: ignore[arg-type]  # each name's type is checked above


_SIZE = "a number above 0 and below 100"
_NUMBERS: Mapping[str, tuple[Callable[[str], float], str]] = {
    "max_limit": (int, "a whole number from 1 to 1000"),
    "proxies": (int, "a whole number from 0 to 10"),
    "hsts_days": (int, "a whole number from 0 to 730"),
    "half_life_days": (float, "a number of days above 0"),
    "truck_height_m": (float, _SIZE),
    "truck_width_m": (float, _SIZE),
    "truck_length_m": (float, _SIZE),
    "truck_weight_t": (float, _SIZE),
    "truck_axle_load_t": (float, _SIZE),
}
"""How a setting that is a number is read, and what is expected of it."""


def _is_tile_address(text: str) -> bool:
    parts = urlsplit(text)
    return (
        parts.scheme in {"http", "https"}
        and bool(parts.hostname)
        and all(mark in text for mark in ("{z}", "{x}", "{y}"))
        and not any(mark in text for mark in " '\";,")
    )
