"""The product's two themes: blue for good and orange for bad, which colour-blind readers can tell apart.

The accents follow the palette of Okabe and Ito (Color Universal Design, 2008). Colour is never the only
carrier of a meaning: a glyph and a word stand beside it. Text keeps a contrast of 4.5 to its ground, frames and bars
one of 3 (WCAG 2.2, AA); Textual's own greys for what matters less do not, so they are named here.
"""

from __future__ import annotations

from textual.theme import Theme

DARK = Theme(
    name="sandbox-dark",
    primary="#56B4E9",
    secondary="#8AA0B4",
    accent="#F0E442",
    success="#56B4E9",
    warning="#F0E442",
    error="#E69F00",
    foreground="#E6EAF0",
    background="#10151C",
    surface="#161D26",
    panel="#1F2833",
    dark=True,
    variables={
        "foreground-muted": "#A3ABB5",
        "text-muted": "#A3ABB5",
        "block-cursor-foreground": "#0B0F14",
        "scrollbar": "#6F8294",
        "scrollbar-hover": "#8AA0B4",
    },
)

LIGHT = Theme(
    name="sandbox-light",
    primary="#0072B2",
    secondary="#4A5A6A",
    accent="#7A4E00",
    success="#0072B2",
    warning="#7A4E00",
    error="#B34700",
    foreground="#1B232C",
    background="#FBFBF9",
    surface="#F2F3F1",
    panel="#E4E7E8",
    dark=False,
    variables={
        "foreground-muted": "#58616A",
        "text-muted": "#58616A",
        "block-cursor-foreground": "#FFFFFF",
        "scrollbar": "#6A7A89",
        "scrollbar-hover": "#4A5A6A",
    },
)

THEMES = (DARK, LIGHT)
"""Registered by the app; the first is the default. Textual's own themes stay available in the palette."""
