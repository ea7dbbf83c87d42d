"""For whoever runs the station: doctor, support bundle, systemd, locks."""
