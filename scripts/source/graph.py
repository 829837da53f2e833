"""The graph of files: an arrow from a file to each file that defines a name which it uses.

A re-export is followed to the file that defines the name. That a module's file declares or re-exports what lies in
its own folder is a table of contents and no arrow. Arrows that only a method call makes are not seen.
"""

import os
from dataclasses import dataclass, field

import rust


@dataclass
class Graph:
    """Arrows between files, and which module trees they were read from."""

    arrows: dict = field(default_factory=dict)
    # The same, with those of declarations and re-exports.
    contents: dict = field(default_factory=dict)
    # For each arrow one name that made it, as it is written.
    reasons: dict = field(default_factory=dict)
    crates: dict = field(default_factory=dict)

    def add(self, source, target, reason, is_contents=False):
        if source == target:
            return
        self.contents.setdefault(source, set()).add(target)
        if not is_contents:
            self.arrows.setdefault(source, set()).add(target)
            self.reasons.setdefault((source, target), reason)


def read(root, crates):
    """The graph of the `crates`: name as it is written in a path → folder below `root`."""
    graph = Graph()
    roots = []
    for name, folder in crates.items():
        src = os.path.join(root, folder, "src")
        if not os.path.isdir(src):
            continue
        if os.path.exists(os.path.join(src, "lib.rs")):
            graph.crates[name] = rust.read_crate(os.path.join(src, "lib.rs"))
            roots.append(graph.crates[name])
        if os.path.exists(os.path.join(src, "main.rs")):
            roots.append(rust.read_crate(os.path.join(src, "main.rs")))
    for tree in roots:
        for module in modules(tree):
            graph.arrows.setdefault(module.file, set())
            graph.contents.setdefault(module.file, set())
            add_module(graph, module)
    return graph


def modules(tree):
    yield tree
    for child in tree.children.values():
        yield from modules(child)


def add_module(graph, module):
    resolver = Resolver(graph.crates)
    for child in module.children.values():
        graph.add(module.file, child.file, "mod", is_contents=True)
    for use in module.uses:
        target = resolver.resolve(module, use.path, wants_module=use.name == "*")
        # A module that is imported is an arrow where something of it is named.
        if target is None or (target[1] is None and use.name != "*"):
            continue
        if use.name != "*":
            own = use.public and is_below(target[0], module)
            graph.add(module.file, target[0].file, "::".join(use.path), is_contents=own)
    for path in module.paths:
        target = resolver.resolve(module, path)
        if target is not None and target[1] is not None:
            graph.add(module.file, target[0].file, "::".join(path))


def is_below(module, ancestor):
    while module is not None:
        if module is ancestor:
            return True
        module = module.parent
    return False


class Resolver:
    """Finds what a path means: (module, item), where the item is None if the path is the module itself."""

    def __init__(self, crates):
        self.crates = crates
        self.busy = set()

    def resolve(self, module, path, wants_module=False):
        """What `path` means in `module`; None for what is not ours."""
        first, rest = path[0], list(path[1:])
        if first == "crate":
            start = module
            while start.parent is not None:
                start = start.parent
            return self.follow(start, rest, module, wants_module)
        if first == "self":
            return self.follow(module, rest, module, wants_module)
        if first == "super":
            start = module.parent
            while rest and rest[0] == "super" and start is not None:
                start, rest = start.parent, rest[1:]
            return start and self.follow(start, rest, module, wants_module)
        local = self.lookup(module, first, module, wants_module or bool(rest))
        if local is not None:
            return self.follow(local[0], rest, module, wants_module) if local[1] is None else local
        if first in self.crates:
            return self.follow(self.crates[first], rest, module, wants_module)
        return None

    def follow(self, start, rest, asking, wants_module):
        """Walks down from the module `start`."""
        at = start
        for i, name in enumerate(rest):
            last = i == len(rest) - 1
            found = self.lookup(at, name, asking, wants_module or not last)
            if found is None:
                # A name that a macro made, or one that is not there.
                return (at, name)
            if found[1] is not None:
                return found
            at = found[0]
        return (at, None)

    def lookup(self, module, name, asking, wants_module):
        """What `name` means directly in `module`, for someone in `asking`."""
        if wants_module and name in module.children:
            return (module.children[name], None)
        if name in module.items:
            return (module, name)
        key = (id(module), name, wants_module)
        if key in self.busy:
            return None
        self.busy.add(key)
        try:
            inside = is_below(asking, module)
            found = self.imported(module, name, inside, wants_module)
        finally:
            self.busy.discard(key)
        if found is None and name in module.children:
            return (module.children[name], None)
        return found

    def imported(self, module, name, inside, wants_module):
        for use in module.uses:
            if use.name == name and (use.public or inside) and not (use.path[0] == name and len(use.path) == 1):
                found = self.resolve(module, use.path, wants_module)
                if found is not None:
                    return found
        for use in module.uses:
            if use.name == "*" and use.path and (use.public or inside):
                target = self.resolve(module, use.path, True)
                if target is None or target[1] is not None or target[0] is module:
                    continue
                found = self.lookup(target[0], name, module, wants_module)
                if found is not None:
                    return found
        return None


def circles(arrows):
    """The strongly connected components of more than one file, largest first (Tarjan 1972, without recursion)."""
    order, low, stack, on_stack, found = {}, {}, [], set(), []
    for start in sorted(arrows):
        if start in order:
            continue
        work = [(start, iter(sorted(arrows.get(start, ()))))]
        order[start] = low[start] = len(order)
        stack.append(start)
        on_stack.add(start)
        while work:
            node, targets = work[-1]
            for target in targets:
                if target not in order:
                    order[target] = low[target] = len(order)
                    stack.append(target)
                    on_stack.add(target)
                    work.append((target, iter(sorted(arrows.get(target, ())))))
                    break
                if target in on_stack:
                    low[node] = min(low[node], order[target])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == order[node]:
                    circle = []
                    while not circle or circle[-1] != node:
                        circle.append(stack.pop())
                        on_stack.discard(circle[-1])
                    if len(circle) > 1:
                        found.append(sorted(circle))
    return sorted(found, key=lambda circle: (-len(circle), circle))
