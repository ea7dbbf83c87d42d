"""Scanners to the queue: opens their drivers, reads, frames, stamps."""
