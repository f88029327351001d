#!/usr/bin/env python3
"""A Satchel device written from Protocol/sync.md alone: it enrols, edits, pushes and pulls over JSON.

client.py enrol URL CODE --home DIR        client.py new TYPE FIELD=VALUE… --home DIR
client.py sync --home DIR                  client.py set ID FIELD=VALUE… --home DIR
client.py show [ID] --home DIR             client.py check URL CODE1 CODE2

FIELD= takes a value away. A set takes +ELEMENT,-ELEMENT, a counter an increment, a map, a place and JSON an object. All is
kept in DIR/state.json, for one command at a time.
"""
import argparse, base64, hashlib, json, os, sys, time, urllib.error, urllib.request, uuid

sys.dont_write_bytecode = True
from typed import assigned, key_of, named, read_schema


# Canonical bytes: a value or a write is {name: content} as in JSON, and each name has a byte before its content.

def b64(data): return base64.b64encode(data).decode()
def raw(text): return base64.b64decode(text or "")


def varint(number):
    number, out = int(number), bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes(out + bytes([number]))


def zigzag(number): return varint(int(number) * 2 if int(number) >= 0 else int(number) * -2 - 1)
def text(string): return varint(len(string.encode())) + string.encode()
def many(items, form): return varint(len(items)) + b"".join(form(item) for item in items)


VALUES = {
    "none": (0, lambda value: b""),
    "text": (1, text),
    "integer": (2, zigzag),
    "timestamp": (3, zigzag),
    "reference": (4, raw),
    "boolean": (5, lambda value: b""),  # 6 where it is true
    "decimal": (7, lambda value: varint(value.get("scale", 0)) + zigzag(value.get("units", 0))),
    "date": (8, zigzag),
    "location": (9, lambda value: zigzag(value.get("latitude", 0)) + zigzag(value.get("longitude", 0))
                 + varint(value.get("accuracy_plus_one", 0))),
    "json": (10, text),
}
WRITES = {
    "value": (0, lambda value: tagged(VALUES, value)),
    "set": (1, lambda lists: many(lists["add"], text) + many(lists["remove"], text)),
    "increment": (2, zigzag),
    "map": (3, lambda map: many(map["keys"], lambda entry: text(entry["key"]) + tagged(VALUES, entry["value"]))),
}
LIVES = {"LIFE_WRITE_NONE": b"\0", "LIFE_WRITE_CREATE": b"\1", "LIFE_WRITE_DELETE": b"\2", "LIFE_WRITE_REVIVE": b"\3"}


def tagged(table, choice):
    name = next(name for name in table if name in choice)
    tag = table[name][0] + (choice[name] is True and name == "boolean")
    return bytes([tag]) + table[name][1](choice[name])


# An actor is "HEX" or, for the release of parked work, "HEX:COUNTER"; a vector is {actor: counter}.
def parts(actor):
    name, _, released = actor.partition(":")
    return bytes.fromhex(name), int(released or 0)


def vector(context):
    return many(sorted(context, key=parts), lambda actor: parts(actor)[0] + varint(parts(actor)[1]) + varint(context[actor]))


def change_set(made):
    """The canonical bytes of a change-set."""
    def change(of):
        return (varint(of["type"]) + raw(of["record"]) + vector(of["context"]) + LIVES[of["life"]]
                + many(of["writes"], lambda write: varint(write["field"]) + tagged(WRITES, write)))
    return (b"\1" + text(made["label"]) + text(made["author"]) + zigzag(made["time"]) + varint(made["schema_version"])
            + varint(len(raw(made["fixes"]))) + raw(made["fixes"]) + many(made["changes"], change))


def digest(made, previous):
    """The digest of a change-set; `previous` is that of the one before it in its line."""
    return b64(hashlib.sha256(change_set(made) + raw(previous)).digest())


# The device.

class Refused(Exception):
    def __init__(self, problem):
        super().__init__("%s [%s]" % (problem.get("detail"), problem.get("code")))
        self.code, self.problem = problem.get("code"), problem


def load(home):
    with open(os.path.join(home, "state.json")) as file: return json.load(file)


def save(home, device):
    """Replaces the state in one step: verdicts and fork token stand together or not at all."""
    path = os.path.join(home, "state.json")
    with open(os.open(path + ".new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(device, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    os.replace(path + ".new", path)


def post(url, message, token=None):
    """The lines of the answer."""
    headers = dict({"Content-Type": "application/json"}, **({"Authorization": "Bearer " + token} if token else {}))
    try:
        with urllib.request.urlopen(urllib.request.Request(url, json.dumps(message).encode(), headers), timeout=60) as reply:
            return [json.loads(line) for line in reply.read().split(b"\n") if line]
    except urllib.error.HTTPError as error:
        raise Refused(json.loads(error.read())) from None


def enrol(url, code, home, name="python"):
    os.makedirs(home, exist_ok=True)
    reply, = post(url + "/v1/enrol", {"protocol_version": 1, "code": code, "device_name": name})
    device = {"url": url, "user": reply["user"], "token": reply["token"], "actor": raw(reply["actor"]).hex(),
              "epoch": reply["epoch"], "fork_token": reply["fork_token"], "schema_version": reply["schema_version"],
              "types": read_schema(reply["schema_source"]), "counter": 0, "digest": "", "confirmed": None, "queue": [],
              "parked": [], "checkpoint": None, "resume_after": 0, "staged": {}, "base": {}, "actors": {}}
    save(home, device)
    return device


def edit(device, type_name, record, assignments, life="NONE", label="edit", fixes=""):
    """Queues a change-set. Its context is what base holds of the record; the line, all own work, is left out."""
    kind = device["types"][type_name]
    writes = [dict(assigned(kind["fields"][name], typed), field=kind["fields"][name]["id"])
              for name, _, typed in (assignment.partition("=") for assignment in assignments)]
    seen = device["base"].get(record, {}).get("context", {})
    change = {"type": kind["id"], "record": record, "life": "LIFE_WRITE_" + life,
              "writes": sorted(writes, key=lambda write: write["field"]),
              "context": {actor: counter for actor, counter in seen.items() if actor != device["actor"]}}
    made = {"counter": device["counter"] + 1, "label": label, "author": device["user"], "time": int(time.time() * 1000),
            "schema_version": device["schema_version"], "fixes": fixes, "changes": [change]}
    made["digest"] = digest(made, device["digest"])
    device.update(counter=made["counter"], digest=made["digest"])
    device["queue"].append(made)
    return made


def request(device, edits=None):
    """The message that states where the device stands and offers what has no verdict."""
    edits = [made for made in device["queue"] if "verdict" not in made] if edits is None else edits
    names = sorted({device["actor"]}.union(*(change["context"] for made in edits for change in made["changes"])), key=parts)
    offered, before = [], 0
    for made in edits:
        changes = [dict(change, context=[str(number) for actor in sorted(change["context"], key=parts)
                                         for number in (names.index(actor), change["context"][actor])])
                   for change in made["changes"]]
        offered.append({name: made[name] for name in ("label", "author", "schema_version", "digest", "fixes")})
        offered[-1].update(actor=names.index(device["actor"]), counter=str(made["counter"]), changes=changes,
                           time_delta=str(made["time"] - before))
        before = made["time"]
    message = {"protocol_version": 1, "schema_version": device["schema_version"], "epoch": device["epoch"],
               "actors": [{"name": b64(parts(name)[0]), "released_counter": str(parts(name)[1])} for name in names],
               "actor": b64(bytes.fromhex(device["actor"])), "highest_counter": str(device["counter"]),
               "fork_token": device["fork_token"], "resume_after": str(device["resume_after"]),
               "device_time": str(int(time.time() * 1000)), "wants_records": True, "change_sets": offered,
               "parked": [str(made["counter"]) for made in device["parked"]]}
    return dict(message, **{name: device[name] for name in ("confirmed", "checkpoint") if device[name]})


def exchange(device, message): return post(device["url"] + "/v1/sync", message, device["token"])


def keep(device, frames):
    """Takes in a reply; what was staged becomes base at the closing."""
    for frame in frames:
        (kind, body), = frame.items()
        if kind == "opening": device["fork_token"] = body["fork_token"]
        elif kind == "verdicts": keep_verdicts(device, {int(entry["counter"]): entry for entry in body["verdicts"]})
        elif kind == "actors": device["actors"].update((actor_of(entry["actor"]), entry) for entry in body["actors"])
        elif kind == "records":
            for record in read_records(body):
                device["staged"][record["record"]], device["resume_after"] = record, record["sequence"]
        elif kind == "closing":
            device["base"].update(device["staged"])
            device.update(checkpoint=body["checkpoint"], staged={}, resume_after=0)
            device["queue"] = [made for made in device["queue"] if "verdict" not in made]
        else: raise Refused(body)


def keep_verdicts(device, entries):
    for made in device["queue"]:
        entry = entries.get(made["counter"])
        if entry and "verdict" not in made:
            made.update(verdict=entry["verdict"], rejection=entry.get("rejection"))
            device["confirmed"] = {"counter": str(made["counter"]), "digest": made["digest"]}
            if made["rejection"]: device["parked"].append(made)
    device["parked"] = [made for made in device["parked"]
                        if entries.get(made["counter"], {}).get("verdict") != "VERDICT_KIND_REISSUED"]


def actor_of(message):
    released = int(message.get("released_counter", 0))
    return raw(message["name"]).hex() + (":%d" % released if released else "")


def read_records(body):
    """The records of a frame: contexts by actor, values by dot (by element or key first, in a set or map)."""
    actors, sequence = [actor_of(message) for message in body.get("actors", [])], 0
    stamps = ["%s:%s" % (actors[i], n) for i, n in zip(body.get("stamp_actors", []), body.get("stamp_counters", []))]
    def siblings(of): return {stamps[sibling.get("stamp", 0)]: sibling["value"] for sibling in of.get("siblings", [])}
    forms = {
        "register": siblings,
        "set": lambda state: [element["value"] for element in state.get("elements", [])],
        "counter": lambda state: sum(int(part.get("sum", 0)) for part in state.get("parts", [])),
        "map": lambda state: {entry["key"]: siblings(entry) for entry in state.get("entries", [])},
    }
    for record in body["records"]:
        sequence, pairs = sequence + int(record["sequence_delta"]), record.get("context", [])
        states = [(entry["field"], next((form, entry[form]) for form in forms if form in entry)) for entry in record.get("fields", [])]
        yield {"type": record["type"], "record": record["record"], "sequence": sequence,
               "context": {actors[int(i)]: int(n) for i, n in zip(pairs[::2], pairs[1::2])},
               "life": sorted({pair["mark"] for pair in record.get("life", [])}),
               "fields": {str(number): forms[form](state) for number, (form, state) in states}}


def sync(home):
    device = load(home)
    frames = exchange(device, request(device))
    keep(device, frames)
    save(home, device)
    return device, frames


def shown(device, key):
    """A record of base; a field is its value as it is in JSON, and in conflict a list of the values."""
    record = device["base"][key]
    name, kind = named(device["types"], record["type"])
    def values(siblings):
        found = [next(iter(value.values())) if "none" not in value else None for value in siblings.values()]
        return found[0] if len(found) == 1 else found
    fields = {}
    for number, state in record["fields"].items():
        field_name, field = named(kind["fields"], number)
        if field["kind"] == "map": state = {map_key: values(siblings) for map_key, siblings in state.items()}
        fields[field_name] = values(state) if field["kind"] not in ("set", "counter", "map") else state
    return {"type": name, "id": str(uuid.UUID(bytes=raw(key))), "life": record["life"], "fields": fields}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("verb", choices=["enrol", "new", "set", "sync", "show", "check"])
    parser.add_argument("words", nargs="*")
    parser.add_argument("--home", default="satchel-python")
    options = parser.parse_args()
    verb, words, home = options.verb, options.words, options.home
    if verb == "check":
        import scene
        return scene.play(*words)
    if verb == "enrol": return print(enrol(words[0], words[1], home)["actor"])
    if verb == "sync": return print("\n".join(json.dumps(frame, ensure_ascii=False) for frame in sync(home)[1][:2]))
    device = load(home)
    if verb == "show":
        for key in [key_of(words[0])] if words else sorted(device["base"], key=raw):
            print(json.dumps(shown(device, key), ensure_ascii=False))
        return
    key = b64(uuid.uuid4().bytes) if verb == "new" else key_of(words[0])
    kind = words[0] if verb == "new" else named(device["types"], device["base"][key]["type"])[0]
    edit(device, kind, key, words[1:], "CREATE" if verb == "new" else "NONE", verb)
    save(home, device)
    print(uuid.UUID(bytes=raw(key)))


if __name__ == "__main__":
    from client import Refused, main  # this module once, also for scene.py
    try: main()
    except Refused as refusal: sys.exit("client.py: %s" % refusal)
