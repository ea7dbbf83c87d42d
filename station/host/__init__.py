"""What the station is to the machine it runs on: systemd, the journal, locks, files and secrets."""
