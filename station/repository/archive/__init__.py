"""The archive: what ended long ago, in compressed files beside the database instead of in it."""
