"""Two devices of the Python client against one server: what Protocol/sync.md promises, one line a check."""
import copy, os, re, sys, tempfile, uuid

from client import *
from typed import instant

# A value of each kind as it is typed and as it comes back.
SAMPLES = {
    "text": ("Grüße, 東京 \U0001f9f3", "Grüße, 東京 \U0001f9f3"),
    "int": ("-9007199254740993", "-9007199254740993"),
    "timestamp": ("2026-03-02T08:01:13.120Z", "1772438473120"),
    "reference": (None, None),
    "enum": ("b", "b"),
    "set": ("+y,+x,+ä", ["x", "y", "ä"]),
    "bool": ("false", False),
    "decimal": ("-12.5", {"units": "-1250", "scale": 2}),
    "date": ("1969-12-31", "-1"),
    "location": ('{"latitude": "-481371540", "longitude": "115761240", "accuracy_plus_one": "13"}',
                 {"latitude": "-481371540", "longitude": "115761240", "accuracy_plus_one": "13"}),
    "json": ('{"b": [1, 2.50, null], "a": "\\u00e4\\n"}', '{"a":"ä\\n","b":[1,2.5,null]}'),
    "counter": ("-3", -3),
    "map": ('{"size": 4, "colour": "rot", "new": true, "parts": [1], "old": null}',
            {"colour": "rot", "new": True, "parts": "[1]", "size": "4", "old": None}),
}


def check(sentence, holds, seen=""):
    if not holds: sys.exit("FAILED  %s  %s" % (sentence, seen))
    print("ok      %s" % sentence, flush=True)


def refusal(device, message):
    """The problem that the server answers with; empty where it takes the request."""
    try: exchange(device, message)
    except Refused as refused: return refused.problem
    return {}


def push(device, message=None):
    """Exchanges and keeps the reply; returns the verdicts."""
    frames = exchange(device, message or request(device))
    keep(device, frames)
    return [entry for frame in frames for entry in frame.get("verdicts", {}).get("verdicts", [])]


def example():
    """The change-set whose bytes and digests Protocol/sync.md shows."""
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../Protocol/sync.md"), encoding="utf-8") as file:
        page = file.read()
    block = re.search(r"(?s)An example:.*?```\n(.*?)digest ([0-9a-f]{64})\n```.*?`([0-9a-f]{64})`", page)
    shown_bytes = bytes.fromhex("".join(re.match(r"(?:[0-9a-f]{2}\s+|\s)*", line)[0] for line in block[1].splitlines()))
    made = {"label": "edit", "author": "bo", "time": instant("2026-03-02T08:01:13.120Z"), "schema_version": 3, "fixes": "",
            "changes": [{"type": 1, "record": key_of("018f0000-0000-7000-8000-000000000001"), "life": "LIFE_WRITE_NONE",
                         "context": {"000000000000000a0000000000000001": 300}, "writes": [
                             {"field": 3, "value": {"text": "Zoë"}},
                             {"field": 15, "set": {"add": ["a"], "remove": []}}]}]}
    first = digest(made, "")
    check("the example of Protocol/sync.md has the bytes that are shown", change_set(made) == shown_bytes, shown_bytes.hex())
    check("and its digests", [raw(first).hex(), raw(digest(made, first)).hex()] == [block[2], block[3]])


def play(url, code1, code2):
    example()
    with tempfile.TemporaryDirectory() as folder:
        devices = []
        for name, code in (("one", code1), ("two", code2)): devices.append(enrol(url, code, os.path.join(folder, name), name))
        one, two = devices
        check("two devices enrol, as two actors", one["actor"] != two["actor"])
        spent = "none"
        try: enrol(url, code1, os.path.join(folder, "three"))
        except Refused as refused: spent = refused.code
        check("a code is good for one device: invalid_code", spent == "invalid_code", spent)
        key = b64(uuid.uuid4().bytes)
        records(one, two, key)
        conflict(one, two, key)
        repeats(one, key)
        refusals(one, two, key)
        resumes(two)
        if "sample" in one["types"]: kinds(one, two)
    print("All checks passed.")


def records(one, two, key):
    edit(one, "account", key, ["name=Acme", "phone=1"], "CREATE")
    verdicts = push(one)
    check("a new record is applied", [v["verdict"] for v in verdicts] == ["VERDICT_KIND_APPLIED"], verdicts)
    check("the queue is empty, and base holds the record", not one["queue"] and key in one["base"])
    push(two)
    check("the other device sees it", two["base"][key]["fields"] == one["base"][key]["fields"], two["base"].get(key))
    check("and knows its author's name", two["actors"][one["actor"]]["user"] == one["user"], two["actors"])


def conflict(one, two, key):
    edit(one, "account", key, ["phone=2"])
    edit(two, "account", key, ["phone=3"])
    verdicts = [push(device)[0]["verdict"] for device in (one, two)]
    check("the second of two concurrent edits is applied with conflicts",
          verdicts == ["VERDICT_KIND_APPLIED", "VERDICT_KIND_APPLIED_WITH_CONFLICTS"], verdicts)
    push(one)
    values = [sorted(shown(device, key)["fields"]["phone"]) for device in (one, two)]
    check("both devices see both siblings", values == [["2", "3"]] * 2, values)
    made = edit(two, "account", key, ["phone=4"])
    check("the context of the next edit covers the other's, and leaves the line out",
          made["changes"][0]["context"] == {one["actor"]: 2}, made)
    verdicts = [push(two)[0]["verdict"], push(one)]
    check("it resolves the conflict for both", verdicts[0] == "VERDICT_KIND_APPLIED"
          and [shown(device, key)["fields"]["phone"] for device in (one, two)] == ["4", "4"], verdicts)
    edit(one, "account", key, ["phone=5"])
    edit(one, "account", key, ["phone=6"])
    push(one)
    check("nobody conflicts with himself", shown(one, key)["fields"]["phone"] == "6", shown(one, key))


def repeats(one, key):
    edit(one, "account", key, ["phone=7"])
    message, before = request(one), copy.deepcopy(one)
    lost = exchange(one, message)
    again = exchange(one, message)
    def part(frames, name): return [frame[name] for frame in frames if name in frame]
    check("the request of a lost reply gets the same verdicts again", part(lost, "verdicts") == part(again, "verdicts"))
    check("the same fork token", part(lost, "opening")[0]["fork_token"] == part(again, "opening")[0]["fork_token"])
    check("the same records and checkpoint: nothing entered twice",
          [part(lost, name) for name in ("records", "closing")] == [part(again, name) for name in ("records", "closing")])
    keep(one, again)
    check("a push that brings something new changes the token", one["fork_token"] != before["fork_token"])
    token, made = one["fork_token"], message["change_sets"]
    repeated = exchange(one, dict(request(one), change_sets=made, actors=message["actors"]))
    check("change-sets offered again under the new token get the same verdicts",
          part(repeated, "verdicts") == part(again, "verdicts"), repeated)
    check("and change no token", part(repeated, "opening")[0]["fork_token"] == token)
    check("the token before tells a copy once the new one was used: a fork from the last verdict on",
          fork(before, request(before, [])) == int(before["confirmed"]["counter"]))
    cut = copy.deepcopy(one)
    edit(cut, "account", key, ["name=Acme 2"])
    frames = exchange(cut, request(cut))
    keep(cut, frames[:-1])
    check("a reply without its closing leaves base as it was", shown(cut, key)["fields"]["name"] == "Acme" and cut["queue"])
    check("the exchange after it ends it", push(cut) == [] and shown(cut, key)["fields"]["name"] == "Acme 2"
          and not cut["queue"] and not cut["staged"])
    one.update(cut)


def fork(device, message):
    """The counter from which the device is told to go on as another actor; nothing where it is not."""
    last = exchange(device, message)[-1]
    return int(last["fork"].get("counter", 0)) if "fork" in last else None


def refusals(one, two, key):
    two_edit = copy.deepcopy(two)
    edit(two_edit, "account", key, ["phone=8"])
    offered = request(two_edit)
    gap = copy.deepcopy(offered)
    gap["highest_counter"] = gap["change_sets"][0]["counter"] = str(two_edit["counter"] + 1)
    problem = refusal(two, gap)
    check("a gap is refused: dot_gap, with the next counter", problem.get("code") == "dot_gap"
          and problem.get("next_counter") == str(two_edit["counter"]), problem)
    altered = copy.deepcopy(offered)
    altered["change_sets"][0]["changes"][0]["writes"][0]["value"]["text"] = "9"
    problem = refusal(two, altered)
    check("a digest that does not fit is refused: malformed_body", problem.get("code") == "malformed_body", problem)
    stranger = copy.deepcopy(offered)
    stranger["change_sets"][0]["author"] = "somebody"
    problem = refusal(two, stranger)
    check("another author is refused: actor_mismatch", problem.get("code") == "actor_mismatch", problem)
    unknown = dict(copy.deepcopy(offered), colour=1)
    problem = refusal(two, unknown)
    check("a field that nobody knows is refused: malformed_body", problem.get("code") == "malformed_body", problem)
    check("another protocol is refused: protocol_mismatch",
          refusal(two, dict(unknown, protocol_version=2)).get("code") == "protocol_mismatch")
    forged = copy.deepcopy(offered)
    forged["checkpoint"]["sequence"] = str(int(forged["checkpoint"]["sequence"]) + 1)
    problem = refusal(two, forged)
    check("a checkpoint that nobody issued is refused: invalid_checkpoint", problem.get("code") == "invalid_checkpoint", problem)
    check("no token is unauthorized", refusal(dict(two, token="none"), offered).get("code") == "unauthorized")
    check("after all these the same change-set is applied", len(push(two_edit)) == 1 and not two_edit["parked"])
    two.update(two_edit)
    clone = copy.deepcopy(two)
    edit(two, "account", key, ["phone=9"])
    push(two)
    edit(clone, "account", key, ["phone=10"])
    clone["fork_token"] = two["fork_token"]
    check("another change-set under a known dot is a fork from the one before it", fork(clone, request(clone)) == clone["counter"] - 1)
    behind = dict(request(two), highest_counter=str(two["counter"] - 1))
    del behind["confirmed"]
    check("a counter behind the frontier is a fork", fork(two, behind) == 0)
    liar = edit(two, "account", key, ["phone=11"])
    liar["changes"][0]["context"][one["actor"]] = 1000
    liar["digest"] = two["digest"] = digest(liar, two["confirmed"]["digest"])
    edit(two, "account", key, ["name=Acme 3"])
    verdicts = push(two)
    check("a context that claims too much is rejected alone: context_overclaim",
          [v["verdict"] for v in verdicts] == ["VERDICT_KIND_REJECTED", "VERDICT_KIND_APPLIED"]
          and verdicts[0]["rejection"]["code"] == "context_overclaim", verdicts)
    check("a rejected dot is spent, and the line goes on from its digest", two["counter"] == int(two["confirmed"]["counter"]))
    push(one)
    check("what was rejected nobody sees", shown(one, key)["fields"] == shown(two, key)["fields"]
          and shown(one, key)["fields"]["phone"] == "9", shown(one, key))


def resumes(two):
    fresh = dict(copy.deepcopy(two), checkpoint=None, base={})
    push(fresh)
    check("without a checkpoint everything comes", fresh["base"].keys() == two["base"].keys())
    last = max(record["sequence"] for record in fresh["base"].values())
    frames = exchange(fresh, dict(request(fresh), resume_after=str(last)))
    check("after the last staged record nothing comes again", not any("records" in frame for frame in frames), frames)
    frames = exchange(two, dict(request(two), wants_records=False))
    check("who wants no records gets the closing with the checkpoint that was sent", [list(frame)[0] for frame in frames]
          == ["opening", "closing"] and frames[1]["closing"]["checkpoint"] == two["checkpoint"], frames)


def kinds(one, two):
    key, account = b64(uuid.uuid4().bytes), next(iter(one["base"]))
    fields = one["types"]["sample"]["fields"]
    typed = {name: SAMPLES[field["kind"]][0] or str(uuid.UUID(bytes=raw(account))) for name, field in fields.items()}
    edit(one, "sample", key, ["%s=%s" % item for item in typed.items()], "CREATE")
    verdicts = push(one)
    check("a record with a field of each kind is applied", verdicts[0]["verdict"] == "VERDICT_KIND_APPLIED", verdicts)
    push(two)
    back = shown(two, key)["fields"]
    for name, field in fields.items():
        wanted = SAMPLES[field["kind"]][1] if field["kind"] != "reference" else account
        check("kind %s comes back as it went" % field["kind"], back[name] == wanted, back[name])
    if "counter_value" in fields:
        for device in (one, two): edit(device, "sample", key, ["counter_value=10"])
        for device in (one, two, one): push(device)
        sums = [shown(device, key)["fields"]["counter_value"] for device in (one, two)]
        check("increments of both are added up", sums == [17, 17], sums)
    if "map_value" in fields:
        edit(one, "sample", key, ['map_value={"size": 5}'])
        edit(two, "sample", key, ['map_value={"size": 6, "form": "rund"}'])
        for device in (one, two, one): push(device)
        value = shown(one, key)["fields"]["map_value"]
        check("each key of a map is a register", sorted(value["size"]) == ["5", "6"] and value["form"] == "rund", value)
    edit(one, "sample", key, [], "DELETE")
    push(one)
    check("a delete is a mark beside the values", one["base"][key]["life"] == ["LIFE_MARK_DELETED"], one["base"][key])
