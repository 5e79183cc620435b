"""``docs/images/trace.svg``: a part of a trace, as a picture of nested calls.

``python docs/trace_picture.py trace.json docs/images/trace.svg 852 886`` draws these seconds of it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from arctic_codegen.trace.merging import read

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
    """The calls between two seconds of a trace, the calls that each makes below it."""
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


if __name__ == "__main__":
    source, target, first, last = sys.argv[1:]
    drawn = picture(read(Path(source)), float(first), float(last))
    Path(target).write_text(drawn, encoding="utf-8")
