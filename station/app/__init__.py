"""Builds the station from its parts, runs it, changes it while it runs."""
