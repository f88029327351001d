#!/usr/bin/env python3
"""A reader of columns written from Protocol/sync.md alone: what it finds in the golden vectors is what their JSON says.

columns.py Fixtures/wire/v1

For each vector with columns: the stream in NAME.bin inflates to NAME.columns, and these read as the rows of NAME.json.
"""
import base64, json, os, sys, zlib

FIRST_FIELD, PARTS = 64, 8
IDS, BYTES = (0, 1), (2, 3, 4, 22, 25)


def varint(data, at):
    number = shift = 0
    while True:
        byte = data[at]
        number, shift, at = number | (byte & 127) << shift, shift + 7, at + 1
        if byte < 128: return number, at


def unzigzag(number): return number >> 1 ^ -(number & 1)
def b64(data): return base64.b64encode(bytes(data)).decode()


def split(data):
    """The columns by number: bytes as they are, ids and numbers as lists, first entry first."""
    count, at = varint(data, 0)
    directory, column = [], -1
    for _ in range(count):
        gap, at = varint(data, at)
        entries, at = varint(data, at)
        column += gap + 1
        directory.append((column, entries))
    columns = {}
    for column, entries in directory:
        part = (column - FIRST_FIELD) % PARTS if column >= FIRST_FIELD else None
        if column in BYTES or part == 6:
            columns[column], at = bytearray(data[at:at + entries]), at + entries
        elif column in IDS:
            planes = data[at:at + 16 * entries]
            columns[column], at = [planes[entry::entries] for entry in range(entries)], at + 16 * entries
        else:
            numbers, open_ones, shift = [0] * entries, list(range(entries)), 0
            while open_ones:
                plane, at = data[at:at + len(open_ones)], at + len(open_ones)
                for entry, byte in zip(open_ones, plane): numbers[entry] |= (byte & 127) << shift
                open_ones, shift = [entry for entry, byte in zip(open_ones, plane) if byte > 127], shift + 7
            columns[column] = numbers
    assert at == len(data), "bytes after the last column"
    return columns


class Reader:
    def __init__(self, data, actor=None, handles={}):
        self.columns, self.handles, self.before = split(data), handles, {}
        self.actors, self.records, self.vectors, self.stamps, self.shapes = [actor] if actor else [], [], [], [], []
        self.texts, self.fields, self.stamp_used = {}, {}, None

    def take(self, column): return self.columns[column].pop(0)

    def bytes(self, column, count):
        taken, self.columns[column] = self.columns[column][:count], self.columns[column][count:]
        assert len(taken) == count
        return bytes(taken)

    def difference(self, column):
        number = self.before.get(column, 0) + unzigzag(self.take(column))
        return self.kept(column, (number + 2 ** 63) % 2 ** 64 - 2 ** 63)

    def kept(self, column, number):
        self.before[column] = number
        return number

    def text(self, column):
        place, met = self.take(column), self.texts.setdefault(column, [])
        if place: return met[place - 1]
        met.append(self.bytes(column + 2, self.take(column + 1)).decode())
        return met[-1]

    def actor(self, column):
        place = self.take(column)
        if place: return self.actors[place - 1]
        self.actors.append((self.take(0).hex(), self.take(5)))
        return self.actors[-1]

    def record(self, column):
        place = self.take(column)
        if place >= 2: return self.records[1 - place]
        self.records.append(b64(self.take(1)) if place == 0 else self.handles[self.take(6)])
        return self.records[-1]

    def vector(self, column, first=1):
        place = self.take(column)
        if place: return self.vectors[place - first]
        self.vectors.append({self.actor(8): self.difference(9) for _ in range(self.take(7))})
        return self.vectors[-1]

    def stamp(self):
        place = self.take(36)
        if place == 1:
            self.stamps.append((self.actor(10), self.difference(11), self.difference(12)))
            self.stamp_used = self.stamps[-1]
        elif place: self.stamp_used = self.stamps[place - 2]
        return self.stamp_used

    def shape(self):
        place = self.take(31)
        if place: return self.shapes[place - 1]
        type, life, fields, number = self.take(13), self.take(14), [], 0
        for _ in range(self.take(15)):
            number += self.take(16)
            fields.append((number, self.take(17), self.field(type, number)))
        self.shapes.append((type, life, fields))
        return self.shapes[-1]

    def field(self, type, number):
        return self.fields.setdefault((type, number), FIRST_FIELD + PARTS * len(self.fields))

    def value(self, at):
        kind = self.take(at)
        if kind == 0: return {"none": True}
        if kind in (7, 8): return {"boolean": kind == 8}
        if kind in (1, 2): return {"text" if kind == 1 else "json": self.text(at + 4)}
        if kind == 3: return {"integer": self.kept(at + 1, unzigzag(self.take(at + 1)))}
        if kind in (4, 5, 11): return {{4: "timestamp", 5: "date", 11: "integer"}[kind]: self.difference(at + 1)}
        if kind == 6: return {"reference": self.record(at + 1)}
        if kind == 9:
            place = {"latitude": self.difference(at + 1), "longitude": self.difference(at + 2)}
            return {"location": dict(place, accuracy_plus_one=self.take(at + 3))}
        if kind == 10: return {"text": self.bytes(4, self.take(at + 5)).hex()}
        if kind >= 32: return {"decimal": {"units": self.difference(at + 1), "scale": kind - 32}}
        return {"decimal": {"units": self.kept(at + 1, unzigzag(self.take(at + 1))), "scale": kind - 16}}

    def drained(self):
        assert not any(self.columns.values()), "entries are left over"


def push(reader):
    made, counter = [], 0
    for _ in range(reader.take(18)):
        flags, actor = reader.take(19), reader.actor(26)
        counter += 1 + unzigzag(reader.take(27))
        one = {"actor": actor, "counter": counter, "label": reader.text(23), "author": reader.text(20),
               "time": reader.difference(28), "schema_version": reader.difference(29),
               "digest": b64(reader.bytes(2, 32)) if flags & 1 else "",
               "fixes": b64(reader.bytes(3, 32)) if flags & 2 else "", "changes": []}
        for _ in range(reader.take(30)):
            type, life, fields = reader.shape()
            change = {"type": type, "life": life, "record": reader.record(32), "context": reader.vector(33), "writes": []}
            for number, kind, at in fields: change["writes"].append((number, write(reader, kind, at)))
            one["changes"].append(change)
        made.append(one)
    reader.drained()
    return made


def write(reader, kind, at):
    if kind == 0: return reader.value(at)
    if kind == 1: return {list: [reader.text(at + 4) for _ in range(reader.take(at + 7))] for list in ("add", "remove")}
    if kind == 2: return unzigzag(reader.take(at + 1))
    return {"keys": [(reader.text(at + 4), reader.value(at)) for _ in range(reader.take(at + 7))]}


def page(reader):
    rows, sequence = [], 0
    for _ in range(reader.take(18)):
        sequence += reader.take(34)
        type, life, fields = reader.shape()
        row = {"sequence": sequence, "type": type, "record": reader.record(32), "life": [], "fields": [],
               "provenance": [], "bases": []}
        reader.take(35)  # a handle, which JSON does not say
        if life: row["life"].append((reader.stamp(), "alive", {}, []))
        for _ in range(0 if life else reader.take(37)): row["life"].append(pair(reader))
        for number, kind, at in fields: row["fields"].append((number, state(reader, kind, at)))
        place = reader.columns[33][0]
        row["context"] = standing(row) if place == 1 else reader.vector(33, first=2)
        if place == 1: reader.take(33)
        for _ in range(reader.take(43)):
            row["provenance"].append({
                "actor": reader.actor(44), "counter": reader.take(45), "label": reader.text(23),
                "author": reader.text(20), "device_time": reader.difference(46), "context": reader.vector(47)})
        for _ in range(reader.take(48)):
            number, has_key = reader.take(49), reader.take(50)
            at = reader.field(type, number)
            row["bases"].append((number, reader.text(at + 4) if has_key else "", reader.value(at)))
        rows.append(row)
    reader.drained()
    return rows


def pair(reader):
    stamp = reader.stamp()
    if reader.take(38) == 0: return stamp, "alive", {}, []
    covers = reader.vector(39)
    return stamp, "deleted", covers, [(reader.actor(41), reader.take(42)) for _ in range(reader.take(40))]


def state(reader, kind, at):
    many = lambda form: [form() for _ in range(reader.take(at + 7))]
    sibling = lambda: (reader.stamp(), reader.value(at))
    if kind == 4: return "register", [sibling()]
    if kind == 0: return "register", many(sibling)
    if kind == 1: return "set", many(lambda: (reader.text(at + 4), many(reader.stamp)))
    if kind == 2: return "counter", many(lambda: (reader.stamp(), unzigzag(reader.take(at + 1))))
    return "map", many(lambda: (reader.text(at + 4), many(sibling)))


def standing(row):
    """What the dots that stand in a record come to."""
    stamps = [stamp for stamp, *_ in row["life"]]
    for _, (kind, entries) in row["fields"]:
        for one, other in entries:
            if kind in ("register", "counter"): stamps.append(one)
            elif kind == "set": stamps += other
            else: stamps += [stamp for stamp, _ in other]
    context = {}
    for actor, counter, _ in stamps: context[actor] = max(context.get(actor, 0), counter)
    return context


# The same, of the JSON mapping.

class Rows:
    def __init__(self, message):
        self.actors = [(base64.b64decode(actor["name"]).hex(), int(actor.get("released_counter", 0)))
                       for actor in message.get("actors", [])]
        times, self.stamps = 0, []
        for actor, counter, delta in zip(
                message.get("stamp_actors", []), message.get("stamp_counters", []), message.get("stamp_time_deltas", [])):
            times += int(delta)
            self.stamps.append((self.actors[actor], int(counter), times))

    def dots(self, pairs):
        numbers = [int(number) for number in pairs]
        return [(self.actors[index], counter) for index, counter in zip(numbers[::2], numbers[1::2])]

    def vector(self, pairs): return dict(self.dots(pairs))

    def value(self, value):
        name, content = next(iter(value.items()))
        if name in ("integer", "timestamp", "date"): return {name: int(content)}
        if name == "decimal": return {name: {"units": int(content.get("units", 0)), "scale": content.get("scale", 0)}}
        if name != "location": return {name: content}
        return {name: {key: int(content.get(key, 0)) for key in ("latitude", "longitude", "accuracy_plus_one")}}

    def write(self, write):
        if "value" in write: return self.value(write["value"])
        if "set" in write: return {list: write["set"].get(list, []) for list in ("add", "remove")}
        if "increment" in write: return int(write["increment"])
        return {"keys": [(key["key"], self.value(key["value"])) for key in write["map"].get("keys", [])]}

    def push(self, message):
        made, time = [], 0
        lives = ["LIFE_WRITE_NONE", "LIFE_WRITE_CREATE", "LIFE_WRITE_DELETE", "LIFE_WRITE_REVIVE"]
        for one in message["change_sets"]:
            time += int(one.get("time_delta", 0))
            made.append({
                "actor": self.actors[one.get("actor", 0)], "counter": int(one["counter"]), "label": one.get("label", ""),
                "author": one.get("author", ""), "time": time, "schema_version": one.get("schema_version", 0),
                "digest": one.get("digest", ""), "fixes": one.get("fixes", ""), "changes": [{
                    "type": change["type"], "life": lives.index(change.get("life", lives[0])), "record": change["record"],
                    "context": self.vector(change.get("context", [])),
                    "writes": [(write["field"], self.write(write)) for write in change.get("writes", [])],
                } for change in one.get("changes", [])]})
        return made

    def stamp(self, of): return self.stamps[of.get("stamp", 0)]
    def siblings(self, of): return [(self.stamp(one), self.value(one["value"])) for one in of.get("siblings", [])]

    def state(self, field):
        if "register" in field: return "register", self.siblings(field["register"])
        if "set" in field:
            return "set", [(one.get("value", ""), [self.stamps[stamp] for stamp in one["stamps"]])
                           for one in field["set"].get("elements", [])]
        if "counter" in field:
            return "counter", [(self.stamp(part), int(part.get("sum", 0))) for part in field["counter"].get("parts", [])]
        return "map", [(entry.get("key", ""), self.siblings(entry)) for entry in field["map"].get("entries", [])]

    def page(self, message):
        rows, sequence = [], 0
        for record in message["records"]:
            sequence += int(record["sequence_delta"])
            rows.append({
                "sequence": sequence, "type": record["type"], "record": record["record"],
                "context": self.vector(record.get("context", [])),
                "life": [(self.stamp(pair), pair["mark"][10:].lower(), self.vector(pair.get("deleting_context", [])),
                          self.dots(pair.get("late_dots", []))) for pair in record.get("life", [])],
                "fields": [(field["field"], self.state(field)) for field in record.get("fields", [])],
                "provenance": [{
                    "actor": self.actors[one.get("actor", 0)], "counter": int(one["counter"]),
                    "label": one.get("label", ""), "author": one.get("author", ""),
                    "device_time": int(one.get("device_time", 0)), "context": self.vector(one.get("context", [])),
                } for one in record.get("provenance", [])],
                "bases": [(base["field"], base.get("key", ""), self.value(base["value"]))
                          for base in record.get("bases", [])]})
        return rows


def field_of(message, wanted):
    """The bytes of one field of a protobuf message."""
    at = 0
    while at < len(message):
        tag, at = varint(message, at)
        number, at = varint(message, at)
        if tag & 7 == 2:
            if tag >> 3 == wanted: return message[at:at + number]
            at += number


def check(folder, name, dictionary):
    read = lambda ending: open(os.path.join(folder, name + ending), "rb").read()
    rows, columns, body = json.loads(read(".json")), read(".columns"), read(".bin")
    is_push = "change_sets" in rows
    if not is_push:
        length, at = varint(body, 0)
        message, checksum = body[at:at + length], body[at + length:]
        assert len(checksum) == 4 and zlib.crc32(message) == int.from_bytes(checksum, "little"), "checksum"
        body = field_of(message, 4)
    body = field_of(body, 16 if is_push else 6)
    assert body[0] == 1
    # A stream that bears no FDICT needs no dictionary.
    stream = zlib.decompressobj(zdict=dictionary) if body[2] & 32 else zlib.decompressobj()
    assert stream.decompress(body[1:]) == columns and stream.eof and not stream.unused_data
    rows = rows if is_push else rows["records"]
    if is_push:
        # The handles of the vector: the server has named the second and the third record.
        records = [change["record"] for one in rows["change_sets"] for change in one.get("changes", [])]
        references = [write["value"]["reference"] for one in rows["change_sets"] for change in one.get("changes", [])
                      for write in change.get("writes", []) if "reference" in write.get("value", {})]
        handles = {17: records[0], 4711: (references or records)[0]}
        actor = (base64.b64decode(rows["actor"]).hex(), 0)
        found, wanted = push(Reader(columns, actor, handles)), Rows(rows).push(rows)
    else:
        found, wanted = page(Reader(columns)), Rows(rows).page(rows)
    assert found == wanted, "%s:\n%s\nand not\n%s" % (name, found, wanted)


def main():
    folder = sys.argv[1]
    with open(os.path.join(folder, "dictionary.bytes"), "rb") as file: dictionary = file.read()
    names = sorted(name[:-8] for name in os.listdir(folder) if name.endswith(".columns"))
    for name in names: check(folder, name, dictionary)
    print("%d vectors read as their JSON says." % len(names))


if __name__ == "__main__":
    main()
