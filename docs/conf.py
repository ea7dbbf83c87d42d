"""How the site is made of the pages: `make docs`.

The pages are plain Markdown, to be read as they are on a code host or in /usr/share/doc. So what Sphinx wants
besides is made here: the navigation comes from the lists of `index.md`. The source directory is the checkout:
thus links to files outside of `docs` are checked, too.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from sphinx.addnodes import pending_xref

if TYPE_CHECKING:
    from docutils.nodes import document
    from sphinx.application import Sphinx

project = "scanstation"
root_doc = "docs/index"
include_patterns = [
    "docs/**",
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "tests/lab/README.md",
    "tests/recordings/README.md",
]
extensions = ["myst_parser"]
myst_heading_anchors = 3
nitpicky = True

html_theme = "furo"
html_title = "scanstation"
html_extra_path = ["site"]
html_static_path = ["style"]
html_css_files = ["narrow.css"]
html_show_copyright = False
html_show_sphinx = False
html_show_sourcelink = False
html_copy_source = False
html_use_index = False

_HEADING_OR_PAGE = re.compile(r"^## (?P<caption>.+)$|\]\((?P<page>[^)#:]+)\.md[#)]", re.MULTILINE)


def navigation(index: str) -> str:
    """The tables of contents that Sphinx wants: for each heading of the index, the pages that it lists."""
    tables: list[str] = []
    for found in _HEADING_OR_PAGE.finditer(index):
        if found["caption"]:
            tables.append(f"```{{toctree}}\n:hidden:\n:caption: {found['caption']}\n")
        elif tables:
            tables[-1] += f"\n{found['page']}"
    return "".join(f"\n\n{table}\n```\n" for table in tables)


def _add_navigation(_app: Sphinx, page: str, source: list[str]) -> None:
    if page == root_doc:
        source[0] += navigation(source[0])


def _unlink_directories(app: Sphinx, page: document) -> None:
    """A link to a directory, which a code host shows, is only its text on the site."""
    folder = Path(app.env.doc2path(app.env.docname)).parent
    for link in list(page.findall(pending_xref)):
        if (folder / link["reftarget"]).is_dir():
            link.replace_self(link.children)


def setup(app: Sphinx) -> None:
    """Called by Sphinx."""
    app.connect("source-read", _add_navigation)
    app.connect("doctree-read", _unlink_directories)
