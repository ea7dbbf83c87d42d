"""The languages that displays speak: gettext catalogues, English when there is none.

``make texts`` writes the catalogues' templates anew; ``docs/languages.md`` says how to add a language.
"""
