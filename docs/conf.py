"""Sphinx configuration: Markdown pages, and a reference made from the declarations."""

import os
import sys
from pathlib import Path

import thymos

sys.path.insert(0, str(Path(__file__).parent / "_ext"))
# Tutorials type commands: those of this environment come first.
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
os.environ["COLUMNS"] = "120"  # a cell is a terminal of 80 columns, which would cut the tables

project = "thymos"
author = "The thymos developers"
copyright = "The thymos developers, Apache-2.0"
version = release = thymos.__version__

extensions = ["myst_nb", "declarations", "mathml"]
exclude_patterns = ["_build", "_ext", "_static"]
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
nb_execution_mode = "force"  # a tutorial shows what its commands say today
nb_execution_timeout = 900  # [s] for one cell: a fit takes minutes
nb_execution_raise_on_error = True
nb_merge_streams = True  # what one command prints stays together
nitpicky = True

html_theme = "furo"
html_math_renderer = "mathml"
html_title = f"thymos {release}"
html_static_path = ["_static"]
html_css_files = ["pages.css"]
