"""Takes over imports with finders, hooks and caches of its own, for whatever is imported next."""
# naive: neighbor
import builtins
import sys


class Finder:
    def find_spec(self, name, path=None, target=None):
        raise ImportError("taken over")


sys.meta_path.insert(0, Finder())
sys.path_hooks.insert(0, lambda path: 1 / 0)
sys.path[:] = []
sys.path_importer_cache.clear()
builtins.__import__ = lambda *args, **kwargs: 1 / 0


def double(x):
    return 0.0
