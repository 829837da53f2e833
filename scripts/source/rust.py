"""Reads Rust source as far as names and sizes need it: tokens, modules, items, `use` trees and paths.

No type inference and no macro expansion: a name that only a macro makes is not seen. What is compiled for tests only
(`#[cfg(test)]`, `#[test]`) is left out.
"""

import functools
import os
import re
from dataclasses import dataclass, field

TOKEN = re.compile(
    r"""(?P<space>\s+|//[^\n]*)
      | (?P<comment>/\*)
      | (?P<raw>b?c?r(?P<hashes>\#*)")
      | (?P<string>[bc]?"(?:\\.|[^"\\])*")
      | (?P<char>b?'(?:\\(?:x[0-9a-fA-F]{2}|u\{[^}]*\}|.)|[^'\\\n])')
      | (?P<lifetime>'[A-Za-z_]\w*)
      | (?P<ident>(?:r\#)?[A-Za-z_]\w*)
      | (?P<number>[0-9](?:[\w]|\.(?=[0-9])|(?<=[eE])[+-](?=[0-9]))*)
      | (?P<path>::)
      | (?P<other>=>|->|.)""",
    re.VERBOSE | re.DOTALL,
)

OPEN = {"(": ")", "[": "]", "{": "}"}
CLOSE = {")", "]", "}"}
QUALIFIERS = {"async", "unsafe", "extern", "default", "auto"}
NAMED = {"fn", "struct", "enum", "union", "trait", "type", "const", "static"}
ITEMS = NAMED | {"mod", "use", "impl", "macro_rules", "let"}


@dataclass
class Token:
    """One token: its text, what it is (`ident`, `string`, `path`, …) and its line, from 1."""

    text: str
    kind: str
    line: int


@functools.lru_cache(maxsize=None)
def tokens(text):
    """The tokens of a file, without comments and space. Not to be changed by the caller."""
    found, at, line = [], 0, 1
    while at < len(text):
        match = TOKEN.match(text, at)
        kind, end = match.lastgroup, match.end()
        if kind == "hashes":
            kind = "raw"
        if kind == "comment":
            end = end_of_comment(text, at)
        elif kind == "raw":
            closing = '"' + match["hashes"]
            end = text.index(closing, end) + len(closing)
        if kind not in ("space", "comment"):
            name = text[at:end]
            found.append(Token(name[2:] if kind == "ident" and name.startswith("r#") else name, kind, line))
        line += text.count("\n", at, end)
        at = end
    return found


def end_of_comment(text, at):
    """Where a block comment ends; they nest."""
    depth = 0
    for mark in re.finditer(r"/\*|\*/", text[at:]):
        depth += 1 if mark[0] == "/*" else -1
        if depth == 0:
            return at + mark.end()
    return len(text)


def closing(source, at):
    """The place of the bracket that closes the one at `at`."""
    depth = 0
    for i in range(at, len(source)):
        text = source[i].text
        if source[i].kind == "other":
            if text in OPEN:
                depth += 1
            elif text in CLOSE:
                depth -= 1
                if depth == 0:
                    return i
    return len(source) - 1


def keyword(source, at):
    """The word that says what the item at `at` is, after its visibility and qualifiers, and its place."""
    if source[at].text == "pub":
        at += 1
        if source[at].text == "(" and source[at + 1].text in ("crate", "super", "self", "in"):
            at = closing(source, at) + 1
    function = {"fn", "async", "unsafe", "extern"}
    while source[at].text in QUALIFIERS or source[at].kind == "string" or (
        source[at].text == "const" and source[at + 1].text in function
    ):
        at += 1
    return source[at].text, at


def end_of_item(source, at):
    """One past the end of the item, statement, field, variant or arm that begins at `at`."""
    word, _ = keyword(source, at)
    braces = word not in ("let", "use", "const", "static", "type")
    commas = word not in ITEMS
    i = at
    while i < len(source):
        text = source[i].text
        if source[i].kind == "other":
            if text == ";" or (text == "," and commas):
                return i + 1
            if text in CLOSE:
                return i
            if text in OPEN:
                i = closing(source, i)
                if text == "{" and braces:
                    return i + 1
        i += 1
    return i


def is_test_only(attribute):
    """Whether an attribute's tokens say that what follows is compiled for tests only."""
    words = [t.text for t in attribute if t.kind == "ident"]
    return words[:1] == ["test"] or words[:2] == ["cfg", "test"] or words[:3] == ["cfg", "all", "test"]


def without_tests(source):
    """The tokens without what is compiled for tests only, and without attributes that do not matter here."""
    kept, i = [], 0
    while i < len(source):
        if source[i].text == "#" and i + 1 < len(source) and source[i + 1].text in ("[", "!"):
            start = i + 1 if source[i + 1].text == "[" else i + 2
            if start < len(source) and source[start].text == "[":
                end = closing(source, start)
                if is_test_only(source[start + 1 : end]):
                    if source[i + 1].text == "!":
                        return []
                    i = end_of_item(source, after_attributes(source, end + 1))
                    continue
        kept.append(source[i])
        i += 1
    return kept


def after_attributes(source, at):
    """Where the item begins whose attributes begin at `at`."""
    while at + 1 < len(source) and source[at].text == "#" and source[at + 1].text == "[":
        at = closing(source, at + 1) + 1
    return at


@dataclass
class Use:
    """One leaf of a `use` tree. `name` is `*` for a glob; `public` covers `pub(…)` too."""

    path: tuple
    name: str
    public: bool
    line: int


@dataclass
class Struct:
    """A struct with named fields."""

    name: str
    line: int
    fields: int
    attributes: set


@dataclass
class Module:
    """A module: its names, its `use` leaves, and the paths that its code names."""

    file: str
    parent: "Module | None" = None
    children: dict = field(default_factory=dict)
    items: set = field(default_factory=set)
    uses: list = field(default_factory=list)
    paths: set = field(default_factory=set)
    structs: list = field(default_factory=list)


def read_crate(root_file):
    """The module tree below `root_file` (a `lib.rs` or `main.rs`)."""
    return read_file(root_file, None, os.path.dirname(root_file))


def read_file(file, parent, folder):
    module = Module(file, parent)
    with open(file, encoding="utf-8") as text:
        source = without_tests(tokens(text.read()))
    read_items(source, 0, len(source), module, folder)
    return module


def read_items(source, at, end, module, folder):
    """Reads the items in `source[at:end]` into `module`. `folder` is where its child modules' files lie."""
    while at < end:
        attributes = []
        while at + 1 < end and source[at].text == "#" and source[at + 1].text in ("[", "!"):
            opening = at + 1 if source[at + 1].text == "[" else at + 2
            close = closing(source, opening)
            attributes += source[opening + 1 : close]
            at = close + 1
        if at >= end:
            return
        start, public = at, source[at].text == "pub"
        word, at = keyword(source, at)
        following = source[at + 1] if at + 1 < end else None
        if word == "mod" and following and following.kind == "ident":
            at = read_module(source, at, module, folder, attributes)
        elif word == "use":
            line = source[at].line
            stop = end_of_use(source, at)
            for path, name in use_leaves(source, at + 1, stop - 1):
                module.uses.append(Use(tuple(path), name, public, line))
            at = stop
        else:
            stop = max(end_of_item(source, start), at + 1)
            if word in NAMED and following and following.kind == "ident":
                name = source[at + 2].text if following.text == "mut" else following.text
                module.items.add(name)
                if word == "struct":
                    add_struct(source, at, stop, name, attributes, module)
            elif word == "macro_rules":
                module.items.add(source[at + 2].text)
            read_paths(attributes, 0, len(attributes), module)
            read_paths(source, start, stop, module)
            at = stop


def end_of_use(source, at):
    """One past the `;` of the `use` at `at`."""
    while at < len(source) and source[at].text != ";":
        at += 1
    return at + 1


def read_module(source, at, module, folder, attributes):
    name = source[at + 1].text
    inner = os.path.join(folder, name)
    if source[at + 2].text == "{":
        close = closing(source, at + 2)
        child = Module(module.file, module)
        read_items(source, at + 3, close, child, inner)
        module.children[name] = child
        return close + 1
    paths = [t.text.strip('"') for t in attributes if t.kind == "string"]
    if any(t.text == "path" for t in attributes) and paths:
        files = [os.path.join(os.path.dirname(module.file), paths[-1])]
    else:
        files = [inner + ".rs", os.path.join(inner, "mod.rs")]
    for file in files:
        if os.path.exists(file):
            below = os.path.dirname(file) if os.path.basename(file) == "mod.rs" else inner
            module.children[name] = read_file(file, module, below)
            break
    else:
        raise FileNotFoundError(f"{module.file}: no file for `mod {name};`")
    return at + 3


def use_leaves(source, at, end):
    """The leaves of the `use` tree in `source[at:end]`: (path, name that it gets)."""
    path = []
    while at < end:
        token = source[at]
        if token.kind == "ident" and token.text == "as":
            return [(path, source[at + 1].text)]
        if token.kind == "ident":
            path.append(token.text)
        elif token.text == "*":
            return [(path, "*")]
        elif token.text == "{":
            leaves, depth, start = [], 0, at + 1
            for i in range(at + 1, closing(source, at) + 1):
                text = source[i].text
                if text == "{":
                    depth += 1
                elif text == "}" and depth:
                    depth -= 1
                elif text in (",", "}") and depth == 0:
                    leaves += [(path + tail, name) for tail, name in use_leaves(source, start, i) if tail or name]
                    start = i + 1
            return [(p[:-1], p[-2]) if p[-1:] == ["self"] and len(p) > 1 and n == "self" else (p, n) for p, n in leaves]
        at += 1
    return [(path, path[-1])] if path else []


def read_paths(source, at, end, module):
    """Adds the paths that `source[at:end]` names, and the `use` items inside functions, to the module."""
    while at < end:
        token = source[at]
        if token.kind != "ident":
            at += 1
            continue
        if token.text == "use" and at + 1 < end and (source[at + 1].kind == "ident" or source[at + 1].text == "::"):
            stop = end_of_use(source, at)
            for path, name in use_leaves(source, at + 1, stop - 1):
                module.uses.append(Use(tuple(path), name, False, token.line))
            at = stop
            continue
        before = source[at - 1].text if at else ""
        path, i = [token.text], at + 1
        while i + 1 < end and source[i].text == "::" and source[i + 1].kind == "ident":
            path.append(source[i + 1].text)
            i += 2
        called = i < end and source[i].text in ("(", "!", "::")
        if before not in (".", "::", "fn") and (len(path) > 1 or path[0][:1].isupper() or called):
            module.paths.add(tuple(path))
        at = i


def add_struct(source, at, stop, name, attributes, module):
    """Counts the named fields of the struct whose `struct` stands at `at`."""
    opening = at
    while opening < stop and source[opening].text not in ("{", ";", "("):
        opening += 1
    if opening >= stop or source[opening].text != "{":
        return
    fields, depth, i = 0, 0, opening + 1
    close = closing(source, opening)
    while i < close:
        text = source[i].text
        if source[i].kind == "other" and text in OPEN:
            i = closing(source, i)
        elif text == "<":
            depth += 1
        elif text == ">":
            depth -= 1
        elif text == ":" and depth == 0:
            fields += 1
        i += 1
    words = {t.text for t in attributes if t.kind == "ident"}
    module.structs.append(Struct(name, source[at].line, fields, words))
