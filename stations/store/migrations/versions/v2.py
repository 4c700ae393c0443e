"""Days of sites, places of stations, findings, and the hash chain (its links are added later)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from stations.store.migrations import append_only

revision = "2"
down_revision = "1"


def upgrade() -> None:
    """Add columns, tables and the indexes the chain is walked along."""
    op.add_column("site_versions", sa.Column("from", sa.Text))
    op.add_column("site_versions", sa.Column("until", sa.Text))
    op.add_column("station_versions", sa.Column("places", sa.Text))
    op.create_index("stations_by_revision", "station_versions", ["revision", "id"])
    op.create_index("sites_by_revision", "site_versions", ["revision", "layer", "id"])
    _findings()
    op.create_table(
        "links",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("last", sa.Integer, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.UniqueConstraint("kind", "last", name="linked_once"),
    )
    append_only("finding_steps", "links")


def _findings() -> None:
    op.create_table(
        "finding_steps",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("finding", sa.Integer, nullable=False, index=True),
        sa.Column("step", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("details", sa.Text, nullable=False),
        sa.Column("rule", sa.Text),
        sa.Column("station", sa.Text),
        sa.Column("fact", sa.Text),
        sa.UniqueConstraint("rule", "station", "fact", name="opened_once"),
        sa.CheckConstraint(
            "(finding = number) = (rule IS NOT NULL AND station IS NOT NULL AND fact IS NOT NULL)",
            name="opening",
        ),
    )
