"""Pictures as SVG, drawn by hand: no script, no font and no file of another place. Each has a title, a text that says
what is to be seen, and a table of the same numbers beside it in the report.

Colours are told apart by everybody (Okabe and Ito), and by their lightness alone on paper in black and white.
"""
