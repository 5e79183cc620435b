"""Draws images for the pages.

``python docs/pictures.py`` draws those of the tutorial, from runs on its trainer: ``terminal.svg``
and ``event.svg`` in ``docs/images``. ``python docs/pictures.py trace.json docs/images/trace.svg 852
886`` draws the part of a trace between these seconds.
"""

from __future__ import annotations

import io
import json
import os
import pty
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

from arctic_codegen.trace.merging import read

DOCS = Path(__file__).parent

WIDTH, ROW, TOP, CHARACTER = 960, 22, 40, 6.7
STYLE = """
text { font: 11px ui-monospace, monospace; fill: #1b1f24 }
.ground { fill: #ffffff } .line { stroke: #c4cad1 } .event { fill: #b6d0f5 }
.method { fill: #dfe4ea } .pre, .post { fill: #f7c08a }
@media (prefers-color-scheme: dark) {
  text { fill: #e8ecf1 }
  .ground { fill: #14181d } .line { stroke: #4a525c } .event { fill: #2c4f80 }
  .method { fill: #39424d } .pre, .post { fill: #8a4f14 }
}
"""


def picture(events: Sequence[dict[str, Any]], begin: float, end: float) -> str:
    """The calls between two seconds of a trace, each with its own calls below it."""
    calls = [event for event in events if event.get("ph") == "X"]
    zero = min(event["ts"] for event in calls)
    scale = (WIDTH - 20) / (end - begin)
    boxes: list[tuple[int, float, float, dict[str, Any]]] = []
    open_until: list[float] = []
    for call in sorted(calls, key=lambda call: (call["ts"], -call["dur"])):
        starts = (call["ts"] - zero) / 1e6
        ends = starts + call["dur"] / 1e6
        while open_until and open_until[-1] <= starts:
            open_until.pop()
        open_until.append(ends)
        if begin < ends and starts < end:
            left, right = (min(max(at, begin), end) - begin for at in (starts, ends))
            boxes.append((len(open_until) - 1, 10 + left * scale, (right - left) * scale, call))
    height = TOP + ROW * (1 + max(depth for depth, *_ in boxes)) + 8
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
        f"<style>{STYLE}</style>",
        f'<rect class="ground" width="{WIDTH}" height="{height}"/>',
    ]
    for second in range(0, int(end - begin) + 1, 5):
        at = round(10 + second * scale, 1)
        parts.append(f'<path class="line" d="M{at} 22V{height - 8}"/>')
        parts.append(f'<text x="{at}" y="16">{second} s</text>')
    for depth, left, width, call in boxes:
        y = TOP + depth * ROW
        where = call["args"]
        name = call["name"]
        short = ".".join(name.replace(".<locals>", "").split(".")[-2:])
        if call["cat"] == "event":
            short = f"{where['class']}.{where['event']}"
        fits = int((width - 6) / CHARACTER)
        label = short if len(short) <= fits else f"{short[: fits - 1]}…" if fits > 6 else ""
        box = f'x="{left:.1f}" y="{y}" width="{max(width - 0.6, 0.8):.1f}" height="{ROW - 2}"'
        title = f"<title>{escape(name)}: {call['dur'] / 1000:.0f} ms</title>"
        parts.append(f'<rect class="{call["cat"]}" {box}>{title}</rect>')
        if label:
            parts.append(f'<text x="{left + 4:.1f}" y="{y + 14}">{escape(label)}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def tutorial() -> dict[str, str]:
    """The images of the tutorial, by file name."""
    text = (DOCS / "tutorial.md").read_text(encoding="utf-8")
    source = text.partition("```python\n")[2].partition("```")[0]
    right, wrong = re.findall(r"^[-+] (.*)$", text.partition("```diff\n")[2], re.MULTILINE)[:2]
    with tempfile.TemporaryDirectory() as folder:
        trainer = Path(folder, "my_trainer.py")
        trainer.write_text(source, encoding="utf-8")
        explained = _ran(folder, "explain", "my_trainer.py:MyTrainer.loss", "--format", "json")
        trainer.write_text(source.replace(right, wrong), encoding="utf-8")
        command = ("build", "my_trainer.py")
        printed = f"$ arctic-codegen {' '.join(command)}\n{_ran(folder, *command)}"
    (shown,) = json.loads(explained)["classes"]
    return {"event.svg": event(shown["events"]), "terminal.svg": terminal(printed)}


def _ran(folder: str, *arguments: str) -> str:
    """The output of a command on a terminal, with colors."""
    ours, theirs = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    with subprocess.Popen(
        [sys.executable, "-m", "arctic_codegen", *arguments],
        cwd=folder,
        stdout=theirs,
        stderr=subprocess.DEVNULL,
        env={**environment, "TERM": "xterm-256color", "COLUMNS": "100"},
    ):
        os.close(theirs)
        parts = []
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:  # on Linux: the other side is closed
                break
            if not part:
                break
            parts.append(part)
    os.close(ours)
    return b"".join(parts).decode().replace("\r\n", "\n")


def terminal(printed: str) -> str:
    """An image of a terminal, without the fonts that rich would load from the network."""
    form = re.sub(r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
    form = form.replace("Fira Code, monospace", "ui-monospace, monospace")
    console = Console(record=True, width=80, file=io.StringIO(), force_terminal=True)
    console.print(Text.from_ansi(printed.rstrip()))
    return console.export_svg(title="my_project", code_format=form, unique_id="terminal")


def event(phases: Sequence[dict[str, Any]]) -> str:
    """One call of an event's method, from left to right: ``pre``, the method, ``post``."""
    before, after = phases
    calls = [
        *(("pre", one) for one in before["callbacks"]),
        ("method", {"shown": before["method"], "wrappers": ()}),
        *(("post", one) for one in after["callbacks"]),
    ]
    boxes, left = [], 30.0
    for kind, call in calls:
        label = (
            call["shown"].rpartition(", ")[2].rstrip(")") if call.get("wrappers") else call["shown"]
        )
        caption = kind if kind == "method" else f"{kind}-{before['method']}"
        width = max(len(label), len(caption)) * CHARACTER + 20
        where = f'x="{left:.1f}" y="54" width="{width:.1f}" height="30"'
        boxes.append(f'<rect class="{kind}" {where}/>')
        texts = [(73, label), (104, caption)]
        texts += [(44, wrapper) for wrapper in call.get("wrappers", ())]
        boxes += [f'<text x="{left + 10:.1f}" y="{y}">{escape(text)}</text>' for y, text in texts]
        left += width + 24
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {left:.0f} 116" role="img">'
    ground = f'<rect class="ground" width="{left:.0f}" height="116"/>'
    axis = f'<path class="line" d="M6 69H{left - 6:.0f}m-8 -5l8 5l-8 5" fill="none"/>'
    title = f'<text x="6" y="16">a call of {before["method"]}{escape(before["signature"])}</text>'
    return (
        "\n".join([head, f"<style>{STYLE}</style>", ground, axis, title, *boxes, "</svg>"]) + "\n"
    )


if __name__ == "__main__":
    if sys.argv[1:]:
        source, target, first, last = sys.argv[1:]
        drawn = picture(read(Path(source)), float(first), float(last))
        Path(target).write_text(drawn, encoding="utf-8")
    else:
        for name, drawn in tutorial().items():
            (DOCS / "images" / name).write_text(drawn, encoding="utf-8")
