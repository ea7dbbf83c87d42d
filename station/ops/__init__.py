"""Tools for operating the station: doctor, support bundle, systemd, locks."""
