"""What the station counts and measures, for Prometheus: `GET /metrics`, docs/metrics.md."""
