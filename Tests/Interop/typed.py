"""The schema file and what people type: names become numbers, and texts the values of sync.proto in JSON."""
import base64, datetime, json, re, uuid

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def key_of(identity): return base64.b64encode(uuid.UUID(identity).bytes).decode()


def read_schema(source):
    """Types and fields by name; the forms taken are JSON and that of the example in Protocol/schema.md."""
    if source.lstrip().startswith("{"): return json.loads(source)["types"]
    types, kind = {}, None
    for line in source.splitlines():
        field = re.match(r"      (\w+):\s*{ *id: (\d+), kind: (\w+)(?:.* scale: (\d+))?", line)
        if field: kind["fields"][field[1]] = {"id": int(field[2]), "kind": field[3], "scale": int(field[4] or 0)}
        elif re.match(r"    id:", line): kind["id"] = int(line.split(":")[1].split("#")[0])
        elif re.match(r"  \w+:", line): kind = types.setdefault(line.split(":")[0].strip(), {"fields": {}})
    return types


def named(table, number): return next(item for item in table.items() if item[1]["id"] == int(number))


def instant(string):
    moment = datetime.datetime.fromisoformat(string.replace("Z", "+00:00"))
    return str((moment - EPOCH) // datetime.timedelta(milliseconds=1))


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).replace("\x7f", "\\u007f")


def plain(value):
    """The value of a key of a map."""
    if value is None: return {"none": True}
    if isinstance(value, bool): return {"boolean": value}
    if isinstance(value, int): return {"integer": str(value)}
    return {"text": value} if isinstance(value, str) else {"json": canonical(value)}


TYPED = {
    "int": lambda typed, field: {"integer": typed},
    "timestamp": lambda typed, field: {"timestamp": instant(typed)},
    "reference": lambda typed, field: {"reference": key_of(typed)},
    "bool": lambda typed, field: {"boolean": typed == "true"},
    "decimal": lambda typed, field: {"decimal": {
        "units": str(int("".join((typed + "." * ("." not in typed)).partition(".")[::2])
                         + "0" * (field["scale"] - len(typed.partition(".")[2])))), "scale": field["scale"]}},
    "date": lambda typed, field: {"date": str(datetime.date.fromisoformat(typed).toordinal() - EPOCH.toordinal())},
    "location": lambda typed, field: {"location": json.loads(typed)},
    "json": lambda typed, field: {"json": canonical(json.loads(typed))},
}


def assigned(field, typed):
    if field["kind"] == "set":
        elements = sorted(part for part in typed.split(",") if part)
        return {"set": {name: [e[1:] for e in elements if e[0] == sign] for name, sign in (("add", "+"), ("remove", "-"))}}
    if field["kind"] == "counter": return {"increment": typed}
    if field["kind"] == "map":
        return {"map": {"keys": [{"key": key, "value": plain(value)} for key, value in sorted(json.loads(typed).items())]}}
    return {"value": TYPED.get(field["kind"], lambda typed, field: {"text": typed})(typed, field) if typed else {"none": True}}
