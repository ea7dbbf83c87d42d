"""The support bundle: everything a maintainer needs, without secrets. `bundle` collects the parts."""
