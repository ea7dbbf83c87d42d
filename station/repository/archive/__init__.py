"""The archive: documents that ended long ago, moved from the database to compressed files."""
