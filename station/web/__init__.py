"""The station over HTTP: what integrators and the page on the station talk to. See ``docs/http.md``."""
