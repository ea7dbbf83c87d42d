"""The languages of the displays: gettext catalogues, with English as the fallback.

``make texts`` updates the catalogues; ``docs/languages.md`` describes how to add a language.
"""
