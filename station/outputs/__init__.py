"""What leaves the station: log, display state, sound, paper, metrics, publishers."""
