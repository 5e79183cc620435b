"""Loads one module of the tool without a defence, in this process and its child processes."""

import importlib.machinery
import json
import os
import sys

_MODULE, _OLD, _NEW = json.loads(os.environ["WITHOUT_DEFENCE"])


def _without(path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if text.count(_OLD) != 1:
        # No test fails in the same way as one that detects the missing defence.
        print(f"the defence stands {text.count(_OLD)} times in {path}", file=sys.stderr)
        os._exit(70)
    return compile(text.replace(_OLD, _NEW), path, "exec", dont_inherit=True)


class _Loader(importlib.machinery.SourceFileLoader):
    def get_code(self, fullname):
        return _without(self.path)


class _Finder:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name != _MODULE:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        if spec is not None and spec.origin is not None:
            spec.loader = _Loader(name, spec.origin)
        return spec


sys.meta_path.insert(0, _Finder)

_SCRIPT = next((one for one in sys.orig_argv[1:] if one.endswith(".py")), "")
if _SCRIPT.endswith(os.sep + _MODULE.replace(".", os.sep) + ".py"):
    # It is started by its path, not as a module: this is all that the process does.
    sys.argv = [_SCRIPT]
    exec(_without(_SCRIPT), {"__name__": "__main__", "__file__": _SCRIPT})
    sys.stdout.flush()
    os._exit(0)
