"""Where the register lives: one SQL schema, append-only revisions."""
