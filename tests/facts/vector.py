"""The messages of a recorded DTLS 1.3 handshake: tests/vectors has the files, and their format is in its README.

Written without the decoder of the library, so that the two check each other.
"""
from events import KEY_UPDATE, NEW_SESSION_TICKET, SERVER_HELLO

CLIENT_HELLO, ENCRYPTED_EXTENSIONS = 1, 8
RETRY = "cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c"
SUITES = {0x1301: "TLS_AES_128_GCM_SHA256", 0x1302: "TLS_AES_256_GCM_SHA384", 0x1303: "TLS_CHACHA20_POLY1305_SHA256",
          0x1304: "TLS_AES_128_CCM_SHA256", 0x1305: "TLS_AES_128_CCM_8_SHA256", 0xa8: "TLS_PSK_WITH_AES_128_GCM_SHA256",
          0xa9: "TLS_PSK_WITH_AES_256_GCM_SHA384", 0xccab: "TLS_PSK_WITH_CHACHA20_POLY1305_SHA256",
          0xc0a4: "TLS_PSK_WITH_AES_128_CCM", 0xc0a5: "TLS_PSK_WITH_AES_256_CCM", 0xc0a8: "TLS_PSK_WITH_AES_128_CCM_8",
          0xc0a9: "TLS_PSK_WITH_AES_256_CCM_8", 0xff: "TLS_EMPTY_RENEGOTIATION_INFO_SCSV"}
GROUPS = {0x17: "secp256r1", 0x1d: "x25519"}
EXTENSIONS = {10: "supported_groups", 23: "extended_master_secret", 41: "pre_shared_key", 42: "early_data",
              43: "supported_versions", 44: "cookie", 45: "psk_key_exchange_modes", 51: "key_share",
              54: "connection_id", 61: "rrc"}


class Reader:
    def __init__(self, data):
        self.data = data

    def bytes(self, length):
        part, self.data = self.data[:length], self.data[length:]
        return part

    def number(self, width):
        return int.from_bytes(self.bytes(width), "big")

    def block(self, width):
        return Reader(self.bytes(self.number(width)))

    def numbers(self, width):
        while self.data:
            yield self.number(width)


def identities(body):
    part = body.block(2)
    while part.data:
        yield "identity", part.block(2).data.hex()
        part.number(4)  # the age


def shares(body):
    while body.data:
        yield "group", GROUPS[body.number(2)]
        yield "key_exchange_length", len(body.block(2).data)


def facts_of_extension(kind, body, message, retry):
    hello = message == CLIENT_HELLO
    if kind == "supported_groups":
        yield from (("group", GROUPS[one]) for one in body.block(2).numbers(2))
    elif kind == "supported_versions":
        yield from (("version", one) for one in (body.block(1) if hello else body).numbers(2))
    elif kind == "psk_key_exchange_modes":
        yield from (("mode", one) for one in body.block(1).numbers(1))
    elif kind == "key_share" and retry:
        yield "group", GROUPS[body.number(2)]
    elif kind == "key_share":
        yield from shares(body.block(2) if hello else body)
    elif kind == "pre_shared_key":
        yield from identities(body) if hello else [("selected_identity", body.number(2))]
    elif kind == "early_data" and message == NEW_SESSION_TICKET:
        yield "max_early_data_size", body.number(4)


def facts_of_extensions(body, message, retry=False):
    while body.data:
        kind = EXTENSIONS[body.number(2)]
        yield "extension", kind
        yield from facts_of_extension(kind, body.block(2), message, retry)


def facts_of_message(kind, body):
    retry = False
    if kind in (CLIENT_HELLO, SERVER_HELLO):
        yield "version", body.number(2)
        retry = body.bytes(32).hex() == RETRY
        body.block(1)  # the session ID
    if kind == CLIENT_HELLO:
        body.block(1)  # the cookie of DTLS 1.2
        yield from (("suite", SUITES[one]) for one in body.block(2).numbers(2))
        body.block(1)
    elif kind == SERVER_HELLO:
        yield "suite", SUITES[body.number(2)]
        body.number(1)
    elif kind == NEW_SESSION_TICKET:
        yield "lifetime", body.number(4)
        body.number(4)
        body.block(1)
        body.block(2)
    elif kind == KEY_UPDATE:
        yield "request_update", body.number(1)
    if kind in (CLIENT_HELLO, SERVER_HELLO, ENCRYPTED_EXTENSIONS, NEW_SESSION_TICKET):
        yield from facts_of_extensions(body.block(2), kind, retry)


def messages_of(path):
    """Returns a tuple for each message: whether it is the client's, its epoch, type, message_seq and facts."""
    with open(path, encoding="ascii") as file:
        lines = [line.split() for line in file if line.startswith("message ")]
    messages = []
    for _, direction, _, epoch, data in lines:
        reader = Reader(bytes.fromhex(data))
        kind, _, seq = (reader.number(width) for width in (1, 3, 2))
        reader.bytes(6)  # the fragment
        messages.append((direction == "c", int(epoch), kind, seq, list(facts_of_message(kind, reader))))
    return messages
