"""Activities, and who accounts are at a provider of sign-in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from stations.store.migrations import append_only

revision = "4"
down_revision = "3"


def upgrade() -> None:
    """Add tables."""
    op.create_table(
        "activity_steps",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("activity", sa.Integer, nullable=False, index=True),
        sa.Column("step", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("details", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("station", sa.Text, index=True),
        sa.UniqueConstraint("key", name="told_once"),
        sa.CheckConstraint("(activity = number) = (station IS NOT NULL)", name="planned"),
    )
    append_only("activity_steps")
    op.create_table(
        "account_identities",
        sa.Column("account", sa.Text, sa.ForeignKey("accounts.name"), primary_key=True),
        sa.Column("issuer", sa.Text, primary_key=True),
        sa.Column("subject", sa.Text),
        sa.Column("email", sa.Text),
        sa.Column("until", sa.DateTime),
        sa.Column("made", sa.DateTime, nullable=False),
        sa.UniqueConstraint("issuer", "subject", name="one_account"),
        sa.CheckConstraint(
            "(subject IS NULL) = (email IS NOT NULL AND until IS NOT NULL)",
            name="known_or_awaited",
        ),
    )
