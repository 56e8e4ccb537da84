"""Compares the events of --json with another view of the same handshake messages.

    compare.py own JSON CAPTURE              tshark's view of the capture that the same run has written (--pcap)
    compare.py outside JSON CAPTURE KEYLOG   and of a capture of the network, which another program has written
    compare.py vector JSON VECTOR            a handshake of tests/vectors with the same features

Prints each difference, or "COUNT NAME" lines of what was compared. The exit status is 1 if there is a difference.
"""
import collections
import sys

from events import CLIENT_KEY_EXCHANGE, CONTENT_TYPES, KEY_UPDATE, NEW_SESSION_TICKET, NUMBERS, SERVER_KEY_EXCHANGE, \
    Events
from tshark import KNOWN_TO_TSHARK, Capture
from vector import messages_of


class Comparison:
    def __init__(self, path):
        self.path, self.differences, self.counts = path, [], collections.Counter()

    def differ(self, where, *what):
        self.differences.append(f"{self.path}: {where}: {' - '.join(str(one) for one in what)}")

    def same(self, where, own, other):
        if own != other:
            self.differ(where, own, other)
        return own == other

    def facts(self, where, own, other):
        def equal(one, two):
            return one == two or one[0] == two[0] and (
                two[1] == "?" or set(str(one[1])) == {"?"} and len(one[1]) == len(two[1]))
        if len(own) != len(other) or not all(map(equal, own, other)):
            few = [one for one in own if one not in other], [one for one in other if one not in own]
            self.differ(where, *(few if any(few) else (own, other)))
        self.counts.update(name for name, _ in own)

    def message(self, where, own, other, protected):
        where = f"{where}, message {own.type} {own.seq}"
        if not self.same(where, own[:5], other[:5]):
            return
        self.counts["messages"] += 1
        self.counts["protected messages"] += protected
        if own.facts is not None:
            self.facts(where, own.facts, other.facts)
        elif own.part == own.length:
            self.differ(where, "its fields are missing")

    def messages(self, where, own, other, protected=False):
        if self.same(where, [one[:5] for one in own], [one[:5] for one in other]):
            for one, two in zip(own, other):
                self.message(where, one, two, protected)

    def finish(self):
        for line in self.differences[:5]:
            print(line)
        if not self.differences:
            for name, count in self.counts.items():
                print(count, name)
        return bool(self.differences)


class Shown:
    """Compares events with tshark's view."""

    def __init__(self, events, capture, comparison):
        self.events, self.capture, self.comparison = events, capture, comparison

    # tshark 4.0 shows nothing of a key exchange with PSK and a group.
    def without_hidden(self, message, negotiated):
        if message.type in (SERVER_KEY_EXCHANGE, CLIENT_KEY_EXCHANGE) and message.facts and \
                self.capture.tshark < (4, 4) and not negotiated[1].startswith("TLS_PSK_"):
            return message._replace(facts=[])
        return message

    def record(self, where, own, other, peer):
        """Compares what tshark shows of a record. Returns False if tshark cannot parse what follows."""
        negotiated = self.events.negotiated.get(peer)
        modern = negotiated is not None and negotiated[0] == NUMBERS["DTLS 1.3"] and own.epoch > 0
        decrypted = own.epoch == 0 or self.capture.decrypts(negotiated) and peer not in self.events.moved
        if modern and not decrypted or own.kind not in KNOWN_TO_TSHARK:
            if other is not None and other.epoch == 0 and other.messages:
                self.comparison.differ(where, own.epoch, own.kind, "tshark shows plaintext")
            return False
        if other is None:
            self.comparison.differ(where, "tshark shows no record")
            return False
        if modern:
            self.comparison.same(where, (own.epoch & 3, own.sequence & 0xffff), (other.epoch, other.sequence))
        else:
            self.comparison.same(where, (own.epoch, own.sequence), (other.epoch, other.sequence))
            if other.kind != CONTENT_TYPES["tls12_cid"]:
                self.comparison.same(where, own.kind, other.kind)
        self.comparison.counts["records"] += 1
        if decrypted and not own.dropped:
            messages = [self.without_hidden(one, negotiated) for one in own.messages]
            self.comparison.messages(where, messages, other.messages, own.epoch > 0)
            self.comparison.facts(where, own.others, other.others)
        return True

    def datagram(self, number, own, other):
        where = f"datagram {number} {'out' if own.outgoing else 'in'}"
        if not self.comparison.same(where, own.length, other.length):
            return
        self.comparison.counts["datagrams"] += 1
        for index, record in enumerate(own.records):
            shown = other.records[index] if index < len(other.records) else None
            if record.epoch is None or not self.record(f"{where} record {index}", record, shown, own.peer):
                return
        self.comparison.same(where, len(own.records), len(other.records))

    def all(self, own, other):
        if self.comparison.same("datagrams", len(own), len(other)):
            for number, (one, two) in enumerate(zip(own, other), 1):
                self.datagram(number, one, two)


def compare_own(path, capture_path):
    events = Events(path)
    capture = Capture(capture_path, events.ports)
    comparison = Comparison(path)
    comparison.same("directions", [one.outgoing for one in events.datagrams], [one.outgoing for one in capture.datagrams])
    comparison.same("peers", [one.peer for one in events.datagrams],
                    [one.ports[one.outgoing] for one in capture.datagrams])
    Shown(events, capture, comparison).all(events.datagrams, capture.datagrams)
    return comparison.finish()


# On its way through the kernel, a batch of datagrams may be one packet (UDP_SEGMENT).
def in_batches(datagrams, packets):
    rest = list(datagrams)
    for packet in packets:
        if not rest:
            return
        batch = rest.pop(0)
        while rest and batch.length < packet.length:
            batch.length += rest[0].length
            batch.records += rest.pop(0).records
        yield batch
    yield from rest


def compare_outside(path, capture_path, keylog):
    """The network may deliver datagrams after the client has ended, and the client reads them when it has time."""
    events = Events(path)
    capture = Capture(capture_path, events.ports, "-o", f"tls.keylog_file:{keylog}")
    comparison = Comparison(path)
    for outgoing in (True, False):
        other = [one for one in capture.datagrams if one.ports[outgoing] in events.ports]
        own = list(in_batches([one for one in events.datagrams if one.outgoing == outgoing], other))
        Shown(events, capture, comparison).all(own, other if outgoing else other[:len(own)])
    return comparison.finish()


# Extensions that are younger than the recordings, and facts that differ from run to run.
NOT_RECORDED = ("heartbeat",)
OF_A_RUN = ("random", "session_id_length", "cookie_length", "compression", "obfuscated_ticket_age", "nonce_length",
            "ticket_length", "cid", "cid_length")


def is_text(value):
    try:
        return "?" not in value and bytes.fromhex(value).decode().isprintable()
    except UnicodeDecodeError:
        return False


# Identities that are no text are tickets.
def comparable(name, value):
    return name, "ticket" if name == "identity" and not is_text(value) else value


# Returns the facts before the extensions, and those of each extension. Extensions may be in any order (RFC 8446 section
# 4.2).
def essence(facts):
    parts = [[]]
    for name, value in facts:
        if name == "extension":
            parts.append([])
        if name not in OF_A_RUN:
            parts[-1].append(comparable(name, value))
    extensions = [part for part in parts[1:] if part[0][1] not in NOT_RECORDED]
    return parts[0], sorted(extensions, key=str)


def compare_vector(path, vector_path):
    events = Events(path)
    comparison = Comparison(path)
    client = events.datagrams[0].outgoing
    own = [(one.outgoing == client, record.epoch, message.type, message.seq, essence(message.facts))
           for one in events.datagrams for record in one.records for message in record.messages]
    recorded = [(*one[:4], essence(one[4])) for one in messages_of(vector_path)]
    after = NEW_SESSION_TICKET, KEY_UPDATE  # each run has as many as it needs
    handshakes = [[one for one in messages if one[2] not in after] for messages in (own, recorded)]
    comparison.same("messages", *([one[:4] for one in messages] for messages in handshakes))
    for one, other in zip(*handshakes):
        comparison.same(f"message {one[2]} {one[3]}", one[4], other[4])
    comparison.same("after the handshake", *(
        sorted({str((one[0], one[2], one[4])) for one in messages if one[2] in after}) for messages in (own, recorded)))
    comparison.counts.update({"messages": len(own), "protected messages": sum(one[1] > 0 for one in own)})
    return comparison.finish()


def main(kind, *paths):
    return {"own": compare_own, "outside": compare_outside, "vector": compare_vector}[kind](*paths)


sys.exit(main(*sys.argv[1:]))
