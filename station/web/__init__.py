"""The station's HTTP interface, for integrators and its own display page. See ``docs/http.md``."""
