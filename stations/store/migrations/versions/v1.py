"""Hours of hosts and amenities, doors and what they ask, evidence."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from stations.store.migrations import append_only

revision = "1"
down_revision = "0"


def upgrade() -> None:
    """Add columns, and the table of evidence."""
    texts = ("calendar", "host_hours", "amenity_hours", "closures", "access_hours", "door_asks")
    for name in texts:
        op.add_column("station_versions", sa.Column(name, sa.Text))
    for name in ("ebike_parking", "truck_bays"):
        op.add_column("station_versions", sa.Column(name, sa.BigInteger))
    for name in ("entrance_lon", "entrance_lat"):
        op.add_column("station_versions", sa.Column(name, sa.Double))
    op.create_table(
        "evidence",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("station", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("received", sa.DateTime, nullable=False),
        sa.UniqueConstraint("station", "key", name="once"),
    )
    append_only("evidence")
