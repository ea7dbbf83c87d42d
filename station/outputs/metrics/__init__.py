"""Metrics for Prometheus: `GET /metrics`, docs/metrics.md."""
