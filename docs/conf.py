"""How Sphinx builds this documentation: MyST pages, furo, nothing fetched from anywhere."""

from importlib.metadata import version as version_of

project = "Jotpass"
author = "the authors of Jotpass"
copyright = author
release = version_of("jotpass")
version = ".".join(release.split(".")[:2])

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]
nitpicky = True

myst_enable_extensions = ["colon_fence", "deflist", "fieldlist", "substitution"]
myst_heading_anchors = 3
myst_links_external_new_tab = False

autodoc_typehints = "description"
autodoc_member_order = "bysource"
napoleon_numpy_docstring = False

html_theme = "furo"
html_title = f"Jotpass {release}"
html_show_sphinx = False
