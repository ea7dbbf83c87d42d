"""From frames to scans and their meaning: pure functions, without devices, clock or database."""
