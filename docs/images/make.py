"""The pictures of the README, from a run of the quickstart suite: `python docs/images/make.py`."""

from __future__ import annotations

import io
import re
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

from judgebench.audit import audit_of, run
from judgebench.report.figures import forest_figure, write_figure
from judgebench.report.terminal import render_terminal

HERE = Path(__file__).parent
WIDTH = 100


def main() -> None:
    """Write `terminal.svg` and `forest.png` beside this file."""
    with tempfile.TemporaryDirectory() as folder:
        audit = audit_of(run(HERE.parent.parent / "suites" / "quickstart.yaml", out=Path(folder) / "run"))
    text = render_terminal([audit], width=WIDTH, colour=True)
    console = Console(record=True, width=WIDTH, file=io.StringIO())
    console.print(Text.from_ansi(text))
    command = "judgebench run suites/quickstart.yaml"
    picture = console.export_svg(title=command, unique_id="terminal")
    picture = re.sub(r"@font-face \{.*?\}\s*", "", picture, flags=re.DOTALL)  # fonts from the network
    (HERE / "terminal.svg").write_text(picture, encoding="utf-8")
    figure = forest_figure([audit])
    if figure is not None:
        write_figure(figure, HERE / "forest.png")


if __name__ == "__main__":
    main()
