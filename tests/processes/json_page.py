"""docs/json.md as a table of what each command prints, and values held against it."""

import re
from pathlib import Path

ROW = re.compile(r"^\| (`(?P<key>[^`]+)`|…) \| (?P<type>[^|]+?) \|")
PLAIN = {
    "text": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "any": lambda value: True,
    "absent": lambda value: False,
}


class JsonPage:
    """`problems` gathers what does not agree."""

    def __init__(self, path):
        self.sections = {}   # heading -> [(key or None, type)]
        self.problems = []
        self.seen = set()    # (heading, key)
        rows = None
        for line in Path(path).read_text(encoding="utf-8").splitlines():
            if line.startswith("## ") or line.startswith("### "):
                rows = self.sections.setdefault(line.lstrip("# ").replace("`", ""), [])
            elif rows is not None and (row := ROW.match(line)):
                rows.append((row["key"], row["type"].strip()))
            elif rows is not None and (alias := re.match(r"^As `(.+)`\.$", line)):
                rows.append((None, alias[1]))

    def rows(self, heading):
        """(section, key, type) of it and of what it includes."""
        for key, kind in self.sections[heading]:
            if key is None:
                yield from self.rows(kind)
            else:
                yield heading, key, kind

    def check(self, heading, value, where=None):
        """`value` is an object as this section describes it."""
        where = where or heading
        if not isinstance(value, dict):
            self.problems.append(f"{where} is no object: {value!r}")
            return
        documented = {key: (section, kind) for section, key, kind in self.rows(heading)}
        for key in value.keys() - documented.keys():
            self.problems.append(f"{where} has the key {key!r}, which is not documented")
        for key, (section, kind) in documented.items():
            if key in value:
                self.seen.add((section, key))
                self.check_type(kind, value[key], f"{where}: {key}")
            elif "absent" not in kind.split(" or "):
                self.problems.append(f"{where} lacks the key {key!r}")

    def check_type(self, kind, value, where):
        kinds = kind.split(" or ")
        for plain in kinds:
            if plain in PLAIN and PLAIN[plain](value):
                return
        kind = kinds[0]
        if kind.startswith("list of ") and isinstance(value, list):
            for item in value:
                self.check_type(kind.removeprefix("list of "), item, where)
        elif kind.startswith("map of ") and isinstance(value, dict):
            for item in value.values():
                self.check_type(kind.removeprefix("map of "), item, where)
        elif kind in self.sections:
            self.check(kind, value, where)
        else:
            self.problems.append(f"{where} is {value!r}, not {kind}")

    def never_seen(self):
        """Keys that are documented and that nothing printed."""
        return [f"{section}: {key}" for section in self.sections
                for key, _ in self.sections[section]
                if key is not None and (section, key) not in self.seen]
