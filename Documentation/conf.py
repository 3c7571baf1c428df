# SPDX-License-Identifier: GPL-2.0
#
# The configuration of Sphinx, for make htmldocs. It needs no extension.

project = "swaplab"
author = "the swaplab developers"
root_doc = "index"
exclude_patterns = ["output"]
html_theme = "alabaster"
html_show_sourcelink = False
# Names of files and words, not of Python objects.
default_role = "literal"
highlight_language = "none"
