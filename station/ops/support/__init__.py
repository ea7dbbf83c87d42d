"""The support bundle: what a maintainer asks for, without secrets; one module a part, `bundle` joins them."""
