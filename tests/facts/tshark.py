"""What tshark shows of the datagrams of a capture."""
import re
import subprocess
import xml.etree.ElementTree

from events import CONTENT_TYPES, NAMED, NUMBERS, Datagram, Message, Record

FIELDS = {"dtls.handshake." + field: fact for field, fact in {
    "version": "version", "random": "random", "session_id_length": "session_id_length",
    "cookie_length": "cookie_length", "extensions.cookie_len": "cookie_length", "ciphersuite": "suite",
    "comp_method": "compression", "extension.type": "extension", "extensions_supported_group": "group",
    "extensions_key_share_group": "group", "extensions_key_share_selected_group": "group",
    "extensions_key_share_key_exchange_length": "key_exchange_length", "extensions.supported_version": "version",
    "extension.heartbeat.mode": "mode", "extensions_ec_point_format": "format", "sig_hash_alg": "scheme",
    "extensions.psk.identity.identity": "identity", "extensions.psk.identity.selected": "selected_identity",
    "extensions.psk.identity.obfuscated_ticket_age": "obfuscated_ticket_age", "identity": "identity", "hint": "hint",
    "session_ticket_lifetime_hint": "lifetime", "session_ticket_nonce_length": "nonce_length",
    "session_ticket_length": "ticket_length",
    "server_curve_type": "curve_type", "server_named_curve": "group", "server_point_len": "public_key_length",
    "client_point_len": "public_key_length", "key_update.request_update": "request_update"}.items()}
FIELDS |= {"dtls.extension.psk_ke_mode": "mode", "dtls.connection_id_length": "cid_length", "dtls.connection_id": "cid",
           "dtls.early_data.max_early_data_size": "max_early_data_size"}
BYTES = ("random", "identity", "hint", "cid")
KNOWN_TO_TSHARK = [number for name, number in CONTENT_TYPES.items() if name != "return_routability_check"]
UNNAMED = {"0x003d": "rrc"}  # extensions that are younger than tshark


def name_in(field):
    name, number = re.fullmatch(r"[^:]*: (.*?) ?\(?((?:0x)?[0-9a-f]+)\)?", field.get("showname")).groups()
    number = f"0x{int(number, 0):04x}"
    if name.startswith(("Unknown", "Reserved (GREASE")):
        return UNNAMED.get(number, number)
    return name


def fact_of_field(field):
    fact, value = FIELDS[field.get("name")], field.get("value", "")
    if fact in BYTES:
        return fact, value
    if fact == "scheme" and " " in name_in(field):  # of TLS 1.2: tshark has names of its own
        return fact, "?"
    if fact in NAMED.values():
        return fact, name_in(field)
    return fact, int(value, 16)


def number_in(element, name, default=None):
    field = element.find(f".//field[@name='{name}']")
    return default if field is None else int(field.get("show"), 0)


def message_in(element):
    def header(name):
        return number_in(element, "dtls.handshake." + name)
    facts = [fact_of_field(field) for field in element.iter("field") if field.get("name") in FIELDS]
    return Message(header("type"), header("message_seq"), header("length"), header("fragment_offset"),
                   header("fragment_length"), facts)


def record_in(element):
    bits = number_in(element, "dtls.unified_header.epoch_bits")
    if bits is None:
        record = Record(number_in(element, "dtls.record.epoch"), number_in(element, "dtls.record.sequence_number"),
                        number_in(element, "dtls.record.special_type", number_in(element, "dtls.record.content_type")))
    else:
        record = Record(bits, number_in(element, "dtls.record.sequence_suffix_dec"))
    for field in element.iter("field"):
        if field.get("name") == "dtls.handshake" and number_in(field, "dtls.handshake.type") is not None:
            record.messages.append(message_in(field))
        elif field.get("name") == "dtls.alert_message.level":
            record.others.append(("level", int(field.get("show"))))
        elif field.get("name") == "dtls.alert_message.desc":
            record.others.append(("alert", int(field.get("show"))))
        elif field.get("name") == "dtls.ack.record_numbers":
            record.others += [("ack", (number_in(one, "dtls.record.epoch"), number_in(one, "dtls.record.sequence_number")))
                              for one in field]
    return record


class Capture:
    """The datagrams of a capture, each with its ports of source and destination, and the version of tshark."""

    def __init__(self, path, ports, *options):
        command = ["tshark", "-r", path, "-T", "pdml", *options]
        for port in ports:
            command += ["-d", f"udp.port=={port},dtls"]
        text = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
        root = xml.etree.ElementTree.fromstring(text)
        self.tshark = tuple(int(part) for part in root.get("creator").split("/")[1].split(".")[:2])
        self.datagrams = [self.datagram(packet) for packet in root.iter("packet")]

    def datagram(self, packet):
        flags = number_in(packet, "frame.packet_flags_direction")
        datagram = Datagram(None, flags and flags == 2, number_in(packet, "udp.length") - 8)
        datagram.ports = number_in(packet, "udp.srcport"), number_in(packet, "udp.dstport")
        datagram.records = [record_in(field) for field in packet.iter("field") if field.get("name") == "dtls.record"]
        return datagram

    def decrypts(self, negotiated):
        """What the manual says of tshark, in the section on captures."""
        if negotiated is None:
            return False
        version, suite = negotiated
        if version == NUMBERS["DTLS 1.3"]:
            return self.tshark >= (4, 4)
        return "CHACHA20" not in suite and (self.tshark >= (4, 4) or "CBC" in suite or "ECDHE" not in suite)
