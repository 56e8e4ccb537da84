"""Datagrams with their records and handshake messages, and what the events of --json say of them.

A fact is a name and a value, such as ("group", "x25519"). The facts of a message are in the order of the wire. A value
of question marks stands for any value of that length.
"""
import collections
import json
import re
import sys

Message = collections.namedtuple("Message", "type seq length offset part facts")
SERVER_HELLO, NEW_SESSION_TICKET, SERVER_KEY_EXCHANGE, CLIENT_KEY_EXCHANGE, KEY_UPDATE = 2, 4, 12, 16, 24


class Record:
    def __init__(self, epoch, sequence, kind=None):
        self.epoch, self.sequence, self.kind = epoch, sequence, kind
        self.messages = []
        self.others = []  # facts of alerts and the like
        self.dropped = False


class Datagram:
    def __init__(self, peer, outgoing, length):
        self.peer, self.outgoing, self.length = peer, outgoing, length
        self.records = []


CONTENT_TYPES = {"change_cipher_spec": 20, "alert": 21, "handshake": 22, "application_data": 23, "heartbeat": 24,
                 "tls12_cid": 25, "ack": 26, "return_routability_check": 27}
NUMBERS = {"DTLS 1.0": 0xfeff, "DTLS 1.2": 0xfefd, "DTLS 1.3": 0xfefc, "null": 0, "psk_ke": 0, "psk_dhe_ke": 1,
           "peer_allowed_to_send": 1, "peer_not_allowed_to_send": 2, "uncompressed": 0, "ansiX962_compressed_prime": 1,
           "ansiX962_compressed_char2": 2, "update_not_requested": 0, "update_requested": 1,
           "0x0003": 3}  # a curve type, which has no name
SAME_NAME = ("random", "session_id_length", "cookie_length", "key_exchange_length", "selected_identity", "lifetime",
             "obfuscated_ticket_age", "nonce_length", "max_early_data_size", "public_key_length")
NAMED = {"cipher_suites": "suite", "cipher_suite": "suite", "groups": "group", "group": "group",
         "selected_group": "group", "type": "extension", "schemes": "scheme"}
NUMBERED = {"version": "version", "server_version": "version", "versions": "version", "selected_version": "version",
            "compression_methods": "compression", "compression_method": "compression", "modes": "mode", "mode": "mode",
            "formats": "format", "request_update": "request_update", "curve_type": "curve_type"}
TEXTS = {"identity": "identity", "psk_identity": "identity", "psk_identity_hint": "hint"}


def facts_of_value(name, value):
    stem = re.sub("_(hex|length)$", "", name)
    if name in SAME_NAME:
        yield name, value
    elif name in NAMED:
        yield NAMED[name], value.replace("GREASE ", "")
    elif name in NUMBERED:
        yield NUMBERED[name], NUMBERS.get(value, value)
    elif stem in TEXTS:
        yield TEXTS[stem], value if name.endswith("_hex") else \
            "??" * value if name.endswith("_length") else value.encode().hex()
    elif name == "cid":
        yield "cid_length", len(value) // 2
        if value:
            yield "cid", value


def facts_of_fields(fields):
    for name, value in fields.items():
        if name == "ticket_length" and "lifetime" in fields:
            yield name, value
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, dict):
                yield from facts_of_fields(one)
            else:
                yield from facts_of_value(name, one)


class Events:
    """The datagrams of a file of --json, and what was negotiated with each peer."""

    def __init__(self, path):
        self.datagrams, self.ports, self.negotiated = [], set(), {}
        self.moved = set()  # new ports of peers
        self.sent = {}  # facts of each message, for its retransmissions
        with open(path, encoding="utf-8") as file:
            events = [json.loads(line) for line in file]
        for event in events:
            if event["event"] == "listening":
                self.ports = {event["port"]}
            elif event["event"] == "datagram":
                self.add(event)
            elif event["event"] == "moved":
                self.move(*(int(event[name].rsplit(":", 1)[1]) for name in ("peer", "to")))
            elif event["event"] == "omitted":
                sys.exit(f"{path}: events are missing")
        self.ports = self.ports or {datagram.peer for datagram in self.datagrams}

    def move(self, old, new):
        self.moved.add(new)
        self.negotiated[new] = self.negotiated[old]

    # The first datagram from a new address is that of a peer only when it is authenticated.
    def continued(self, peer, outgoing):
        for datagram in reversed(self.datagrams):
            if datagram.outgoing == outgoing and (datagram.peer == peer or not datagram.records):
                return datagram

    # An entry without a length that is not about a dropped record is more about a record of which an entry came before.
    def record(self, datagram, entry):
        record = Record(entry.get("epoch"), entry.get("sequence"), CONTENT_TYPES.get(entry.get("type")))
        if "length" in entry or any(one["kind"] == "drop" for one in entry["contents"]):
            datagram.records.append(record)
            return record
        for earlier in reversed(self.datagrams):
            for other in earlier.records:
                if (earlier.peer, earlier.outgoing, other.epoch, other.sequence) == \
                        (datagram.peer, datagram.outgoing, record.epoch, record.sequence):
                    return other

    def add(self, event):
        peer, outgoing = int(event["peer"].rsplit(":", 1)[1]), event["direction"] == "out"
        if event.get("continued"):
            datagram = self.continued(peer, outgoing)
        else:
            datagram = Datagram(peer, outgoing, event["length"])
            self.datagrams.append(datagram)
        for entry in event["records"]:
            record = self.record(datagram, entry)
            for content in entry.get("contents", []):
                self.add_content(datagram, record, content)

    def add_content(self, datagram, record, content):
        if content["kind"] == "message":
            self.add_message(datagram, record, content)
        elif content["kind"] == "alert":
            record.others += [("level", {"warning": 1, "fatal": 2}[content["level"]]), ("alert", content["number"])]
        elif content["kind"] == "ack":
            record.others += [("ack", (one["epoch"], one["sequence"])) for one in content["records"]]
        elif content["kind"] == "drop":
            record.dropped = True

    def add_message(self, datagram, record, content):
        kind, seq, length = content["msg_type"], content["msg_seq"], content["length"]
        key = datagram.peer, datagram.outgoing, kind, seq
        if "fields" in content:
            self.sent[key] = list(facts_of_fields(content["fields"]))
        whole = "fragment_offset" not in content
        shown = "fields" in content or whole and ("retransmit" in content or "duplicate" in content)
        message = Message(kind, seq, length, content.get("fragment_offset", 0),
                          content.get("fragment_length", length), self.sent.get(key) if shown else None)
        if "reassembled" in content:
            part = next(one for one in reversed(record.messages) if one.seq == seq)
            record.messages.remove(part)
            message = message._replace(offset=part.offset, part=part.part)
        record.messages.append(message)
        if kind == SERVER_HELLO and message.facts:
            facts = [value for name, value in message.facts if name == "version"]
            self.negotiated[datagram.peer] = facts[-1], dict(message.facts)["suite"]
