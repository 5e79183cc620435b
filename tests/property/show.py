"""Writes the project of one seed, builds it and shows where it differs from the reference.

python -m tests.property.show SEED [t] [FOLDER]
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.property import support
from tests.property.projects import generate


def main() -> None:
    seed, *rest = sys.argv[1:]
    typed = "t" in rest
    folder = Path(next((word for word in rest if word != "t"), tempfile.mkdtemp()))
    project = generate(int(seed), typed)
    root = support.write(project, folder)
    print(root)
    errors = support.build(root)
    if errors:
        print("\n".join(errors))
        return
    (want,) = support.run([project], folder, "reference")
    (have,) = support.run([project], folder, "compiled")
    for name in want:
        if (want[name] is None) != (have[name] is None):
            print(name, "reference:", want[name] is not None, "compiled:", have[name] is not None)
            continue
        if want[name] is None:
            continue
        if want[name]["entries"] != have[name]["entries"]:
            print(name, "entries\n  want", want[name]["entries"], "\n  have", have[name]["entries"])
        for call, outcome in want[name]["calls"].items():
            other = have[name]["calls"].get(call)
            if other != outcome:
                print(f"\n{name}.{call}\n  want {outcome['result']}")
                print(f"  have {other and other['result']}")
                for line in outcome["log"]:
                    print("    want", line)
                for line in (other or {"log": []})["log"]:
                    print("    have", line)
                return


if __name__ == "__main__":
    main()
