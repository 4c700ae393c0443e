"""Visits, signatures and accounts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from stations.store.migrations import append_only

revision = "3"
down_revision = "2"


def upgrade() -> None:
    """Add tables, and an index findings are found by."""
    for draft in ("visits", "signatures"):  # of an hour in which nothing could write into them
        op.execute(f"DROP TABLE IF EXISTS {draft}")
    op.create_index("steps_by_station", "finding_steps", ["station"])
    _visits()
    op.create_table(
        "signatures",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("about", sa.Text, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
    )
    _accounts()
    _keys()
    append_only("visits", "signatures", "account_log")


def _visits() -> None:
    op.create_table(
        "visits",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("station", sa.Text, nullable=False, index=True),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("received", sa.DateTime, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("form", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("lon", sa.Double),
        sa.Column("lat", sa.Double),
        sa.Column("accuracy_m", sa.Double),
        sa.Column("distance_m", sa.Double),
        sa.Column("answers", sa.Text, nullable=False),
        sa.Column("photos", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("told", sa.Text, nullable=False),
        sa.UniqueConstraint("station", "key", name="visited_once"),
    )


def _accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("area", sa.Text, nullable=False),
        sa.Column("password", sa.Text, nullable=False),
        sa.Column("password_until", sa.DateTime),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("created", sa.DateTime, nullable=False),
    )
    op.create_table(
        "account_tries",
        sa.Column("mark", sa.Text, primary_key=True),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("last", sa.DateTime, nullable=False),
        sa.Column("until", sa.DateTime, nullable=False),
    )
    op.create_table(
        "account_log",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("account", sa.Text, nullable=False, index=True),
        sa.Column("event", sa.Text, nullable=False),
        sa.Column("details", sa.Text, nullable=False),
    )


def _keys() -> None:
    op.create_table(
        "account_tokens",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("hash", sa.Text, nullable=False, unique=True),
        sa.Column("account", sa.Text, sa.ForeignKey("accounts.name"), nullable=False, index=True),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("scopes", sa.Text, nullable=False),
        sa.Column("created", sa.DateTime, nullable=False),
        sa.Column("expires", sa.DateTime, nullable=False),
        sa.Column("used", sa.DateTime),
    )
    op.create_table(
        "account_sessions",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("hash", sa.Text, nullable=False, unique=True),
        sa.Column("account", sa.Text, nullable=False, index=True),
        sa.Column("stamp", sa.Text, nullable=False),
        sa.Column("created", sa.DateTime, nullable=False),
        sa.Column("used", sa.DateTime, nullable=False),
        sa.Column("expires", sa.DateTime, nullable=False),
    )
