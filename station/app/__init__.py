"""Builds the station from its parts, runs it, and reconfigures it while it runs."""
