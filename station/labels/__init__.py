"""Frames to scans, and scans to what they mean: pure functions, without devices, clock or database."""
