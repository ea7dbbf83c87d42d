"""The database: documents, units, sessions and history in SQLite or PostgreSQL."""
