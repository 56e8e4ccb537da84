"""Checks files of --json against docs/trace.schema.json: schema.py SCHEMA FILE...

Prints what is wrong, at most one line per file. Each file has to begin with "start" and to end with "exit". Times do
not decrease, apart from those of different processes. The exit status is 1 if a file is wrong.
"""
import json
import sys

import jsonschema


def unique(pairs):
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member is there twice")
    return members


class Checker:
    def __init__(self, schema):
        self.definitions = schema["$defs"]
        self.validators = {}
        jsonschema.Draft202012Validator.check_schema(schema)
        for reference in schema["oneOf"]:
            name = reference["$ref"].rsplit("/", 1)[1]
            self.validators[name] = jsonschema.Draft202012Validator({**reference, "$defs": self.definitions})

    # The event selects one of the alternatives of the schema, which makes the errors short.
    def line(self, text):
        event = json.loads(text, object_pairs_hook=unique)
        if event.get("event") not in self.validators:
            return event, "unknown event"
        error = jsonschema.exceptions.best_match(self.validators[event["event"]].iter_errors(event))
        return event, error and f"{error.json_path}: {error.message}"

    def file(self, path):
        times = {}
        events = []
        with open(path, "rb") as file:
            lines = file.read().decode().split("\n")
        if lines.pop() != "":
            return "the last line is not complete"
        for number, text in enumerate(lines, 1):
            try:
                event, wrong = self.line(text)
            except ValueError as error:
                return f"line {number}: {error}"
            if wrong:
                return f"line {number}: {wrong[:300]}"
            worker = event.get("worker", 0)
            if event["t"] < times.get(worker, 0):
                return f"line {number}: the time decreases"
            times[worker] = event["t"]
            events.append(event)
        if not events or events[0]["event"] != "start" or events[-1]["event"] != "exit":
            return "does not begin with start and end with exit"
        return None


def main(schema, *paths):
    with open(schema, encoding="utf-8") as file:
        checker = Checker(json.load(file))
    bad = 0
    for path in paths:
        wrong = checker.file(path)
        if wrong:
            print(f"{path}: {wrong}")
            bad = 1
    return bad


sys.exit(main(*sys.argv[1:]))
