"""House style of the figures (colours, sizes, font) and the last touch to their SVG text."""

from __future__ import annotations

import re
from html import escape
from pathlib import Path
from typing import Any

FONT = Path(__file__).with_name("fonts") / "NotoSansSC-subset.otf"
FAMILY = "svcsim Sans SC"
STACK = "'Noto Sans SC', 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', sans-serif"
INK, MUTED, GRID, PALE = "#1f2933", "#5f6b76", "#dfe4e8", "#cfd8df"
BLUE, GREEN, PURPLE, AMBER, RED = "#0072B2", "#009E73", "#AA4499", "#E69F00", "#D55E00"
SERIES = (MUTED, BLUE, GREEN, PURPLE, AMBER)
"""Colours of scenarios in order; the first is the desk as it is."""
WIDE, HALF = 7.1, 3.5
"""Widths in inches: the text column of an A4 page, and half of it."""
STYLE: Any = {
    "font.family": [FAMILY],
    "font.size": 8,
    "text.color": INK,
    "axes.labelcolor": MUTED,
    "axes.edgecolor": PALE,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.labelsize": 8,
    "axes.unicode_minus": False,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelsize": 7.5,
    "ytick.labelsize": 7.5,
    "xtick.major.size": 2.5,
    "ytick.major.size": 0,
    "svg.fonttype": "none",
    "svg.hashsalt": "svcsim",
}


def standalone(element: str) -> str:
    """Return an inlined SVG element as a file of its own, on white."""
    head = '<svg xmlns="http://www.w3.org/2000/svg"'
    return element.replace("<svg", head, 1).replace('style="', 'style="background:#fff;', 1) + "\n"


def inline(text: str, inches: float, alt: str) -> str:
    """Return matplotlib's SVG as an element for HTML: no prolog, no addresses, a text for ears.

    The shipped font only measures; the reader's own fonts show the text, so they are named.
    """
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>\s*", "", text, flags=re.DOTALL)
    text = re.sub(r' xmlns(:xlink)?="[^"]*"| version="1.1"', "", text)
    text = re.sub(r'<g id="[^"]*"', "<g", text).replace("xlink:href", "href")
    text = text.replace(f"'{FAMILY}'", STACK).replace(f'"{FAMILY}"', STACK)
    text = re.sub(r' width="[^"]*pt"', f' style="width:{inches * 72:.0f}pt"', text, count=1)
    text = re.sub(r' height="[^"]*pt"', "", text, count=1)
    return text.replace("<svg", f'<svg role="img" aria-label="{escape(alt)}"', 1).rstrip()
