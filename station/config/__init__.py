"""Configuration: layers of settings, their checks, and what to say about a mistake."""
