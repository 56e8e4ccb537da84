#include "options/optiontable.h"

#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>

#include "options/setters.h"

#define MAX_MS 1000000000 /* longest time in milliseconds: 11 days */

#define FIELD(name)                                                                                \
    .field = offsetof(struct options, name), .width = sizeof(((struct options *)0)->name)
#define FLAG(name) CONSTANT(name, 1)
#define CONSTANT(name, number) .kind = KIND_FLAG, FIELD(name), .value = (number)
#define TEXT(name) .kind = KIND_TEXT, FIELD(name)
#define FILE(name) .kind = KIND_FILE, FIELD(name)
#define NUMBER(name, low, high, what)                                                              \
    .kind = KIND_NUMBER, FIELD(name), .least = (low), .most = (high), .unit = (what)
#define SIZE(name, low) .kind = KIND_SIZE, FIELD(name), .least = (low)
#define SECONDS(name, low, what)                                                                   \
    .kind = KIND_SECONDS, FIELD(name), .least = (low), .most = MAX_MS, .unit = (what)
#define MS(name, low, high, what)                                                                  \
    .kind = KIND_MS, FIELD(name), .least = (low), .most = (high), .unit = (what)
#define CHOICE(name, list) .kind = KIND_CHOICE, FIELD(name), .choices = (list)
#define SET(function) .kind = KIND_SET, .set = (function)
#define READ(function, what) SET(function), .unit = (what)
#define OPTIONAL .optional = true
#define DEFAULT(text) .standard = (text)
#define MANY_DEFAULT(text) .many = (text)
#define NEEDS(what) .needs = (what)
#define EXCLUDES(labels) .excludes = (labels)
#define BRIEF .brief = true

static const struct choice versions[] = {{"1.2", DTLS12}, {"1.3", DTLS13}, {NULL, 0}};
static const struct choice colors[] = {
    {"auto", COLOR_AUTO}, {"always", COLOR_ALWAYS}, {"never", COLOR_NEVER}, {NULL, 0}};
static const struct choice cookies[] = {
    {"on", DTLS_COOKIE_ON}, {"off", DTLS_COOKIE_OFF}, {"auto", DTLS_COOKIE_AUTO}, {NULL, 0}};
static const struct choice moves[] = {{"newest", true}, {NULL, 0}};

const char *const section_names[SECTION_COUNT] = {
    [SECTION_PEERS] = "Addresses and clients",
    [SECTION_KEYS] = "Keys",
    [SECTION_DATA] = "Data",
    [SECTION_TIME] = "Time limits",
    [SECTION_HANDSHAKE] = "Handshake",
    [SECTION_RESUMPTION] = "Resumption",
    [SECTION_DATAGRAMS] = "Records and datagrams",
    [SECTION_OUTPUT] = "Reports",
    [SECTION_TESTS] = "Interoperability testing",
};

const struct row option_rows[OPTION_ROWS] = {
    {'l', "listen", NULL, SECTION_PEERS, "listen; end when the first authenticated session ends",
     FLAG(listen), BRIEF},
    {'k', NULL, NULL, SECTION_PEERS, "with -l: serve many clients until a signal arrives",
     FLAG(keep), NEEDS(NEEDS_LISTENER), BRIEF},
    {'m', NULL, "N", SECTION_PEERS, "with -k: serve at most N clients at once",
     NUMBER(max_clients, 1, 100000, "a number of clients"), DEFAULT("1"), MANY_DEFAULT("1024"),
     NEEDS(NEEDS_MANY)},
    {0, "workers", "N", SECTION_PEERS, "with -k and -e or -c: serve with N processes",
     NUMBER(workers, 1, 64, "a number of processes"), NEEDS(NEEDS_MANY),
     EXCLUDES("-W -o -x --progress --early-data --broker --chat")},
    {0, "allow", "LIST", SECTION_PEERS, "with -l: accept only these addresses and networks",
     SET(set_allow), NEEDS(NEEDS_LISTENER)},
    {0, "deny", "LIST", SECTION_PEERS, "with -l: ignore these addresses and networks",
     SET(set_deny), NEEDS(NEEDS_LISTENER)},
    {0, "broker", NULL, SECTION_PEERS, "with -k: relay what each client sends to the others",
     FLAG(broker), NEEDS(NEEDS_MANY), EXCLUDES("-e -c")},
    {0, "chat", NULL, SECTION_PEERS, "like --broker, and show the name of each sender", FLAG(chat),
     NEEDS(NEEDS_MANY), EXCLUDES("-e -c")},
    {0, "user", "NAME", SECTION_PEERS, "as root: change to this user (or NAME:GROUP) once bound",
     SET(set_user)},
    {0, "no-sandbox", NULL, SECTION_PEERS, "do not give up files and sockets after the start",
     FLAG(no_sandbox)},
    {'p', NULL, "PORT", SECTION_PEERS, "local port", TEXT(local_port), BRIEF},
    {0, "ready-fd", "N", SECTION_PEERS, "with -l: write the port to descriptor N, then close it",
     READ(set_ready_fd,
          "the number of a descriptor above 2 that is open for writing, as in 3>port"),
     NEEDS(NEEDS_LISTENER)},
    {'s', NULL, "ADDR", SECTION_PEERS, "local address", TEXT(net.source)},
    {'4', NULL, NULL, SECTION_PEERS, "IPv4 only", CONSTANT(net.family, AF_INET), EXCLUDES("-6"),
     BRIEF},
    {'6', NULL, NULL, SECTION_PEERS, "IPv6 only", CONSTANT(net.family, AF_INET6), BRIEF},
    {'n', NULL, NULL, SECTION_PEERS, "numeric addresses and ports only, no name lookup",
     FLAG(net.numeric)},
    {'z', NULL, NULL, SECTION_PEERS, "client: only perform the handshake, to check the key",
     FLAG(probe_key), NEEDS(NEEDS_CLIENT), EXCLUDES("-e -c --early-data --resume"), BRIEF},
    {'u', NULL, NULL, SECTION_PEERS, "ignored, for nc compatibility", SET(set_nothing)},
    {0, "psk", "SPEC", SECTION_KEYS, "the key: file:PATH, env:VAR, fd:N, prompt, new ...",
     SET(set_psk), OPTIONAL, BRIEF},
    {0, "identity", "NAME", SECTION_KEYS, "client: identity to send; -l: the only one to accept",
     SET(set_identity), BRIEF},
    {0, "hint", "TEXT", SECTION_KEYS, "with -l: identity hint to send to clients", TEXT(hint),
     NEEDS(NEEDS_LISTENER)},
    {0, "keygen", NULL, SECTION_KEYS, "print a new key and exit", FLAG(keygen), BRIEF},
    {0, "import-psk", "CTX", SECTION_KEYS,
     "DTLS 1.3, both sides: derive the key from --psk and CTX",
     READ(set_import, "a context of at most 255 bytes"), OPTIONAL, NEEDS(NEEDS_13)},
    {0, "export", "LABEL", SECTION_KEYS, "print 32 bytes of keying material; LABEL:N for N bytes",
     READ(set_export,
          "LABEL or LABEL:BYTES, with a printable LABEL of 1-248 bytes and BYTES in 1-1024"),
     NEEDS(NEEDS_EMS)},
    {0, "keylog", "FILE", SECTION_KEYS, "append session secrets to FILE; also $SSLKEYLOGFILE",
     FILE(keylog)},
    {'N', NULL, NULL, SECTION_DATA, "close as soon as stdin ends", FLAG(close_at_eof)},
    {'W', NULL, "N", SECTION_DATA, "end after N received messages",
     NUMBER(message_limit, 1, 999999999, "a number of messages")},
    {0, "send-only", NULL, SECTION_DATA, "discard received data, close as soon as stdin ends",
     FLAG(send_only), EXCLUDES("--recv-only")},
    {0, "recv-only", NULL, SECTION_DATA, "do not read stdin", FLAG(recv_only)},
    {'e', NULL, "PROG", SECTION_DATA, "run PROG for each client, instead of stdin and stdout",
     SET(set_program), BRIEF},
    {'c', NULL, "CMD", SECTION_DATA, "like -e, but CMD is a command for sh", SET(set_command),
     BRIEF},
    {0, "frame", "MODE", SECTION_DATA, "framing on stdin and stdout: line, len16, json ...",
     READ(set_frame, "raw, line, nul, len16, len32, fixed:N (1-16384), hex, json or packet"),
     BRIEF},
    {'C', NULL, NULL, SECTION_DATA, "end lines of stdin with CR LF instead of LF",
     FLAG(framing.crlf)},
    {0, "delay", "TIME", SECTION_DATA, "pause between sent messages",
     SECONDS(delay_ms, 0, "a time, as in 2 or 500ms")},
    {0, "rate", "BYTES", SECTION_DATA, "send at most BYTES per second, as in 100k or 20M",
     SIZE(rate, 1)},
    {0, "window", "BYTES", SECTION_DATA, "limit of unconfirmed bytes; 0: no limit",
     SIZE(window, 4000), DEFAULT("65536")},
    {0, "early-data", NULL, SECTION_DATA, "send or accept early (0-RTT) data: see the manual",
     FLAG(early_data), NEEDS(NEEDS_TICKET | NEEDS_13), EXCLUDES("--no-tickets")},
    {'w', NULL, "TIME", SECTION_TIME, "limit for the handshake (default 20 s), then for silence",
     READ(set_wait, "a time above 0, as in 2 or 500ms"), BRIEF},
    {'q', NULL, "TIME", SECTION_TIME, "client: silence after EOF before closing",
     READ(set_linger, "a time, as in 2 or 500ms, or -1 for no limit"), DEFAULT("0.5"), BRIEF},
    {0, "idle", "TIME", SECTION_TIME, "close after TIME of silence; 0: never",
     SECONDS(idle_ms, 0, "a time, as in 2 or 500ms"), MANY_DEFAULT("5m")},
    {0, "keepalive", "TIME", SECTION_TIME, "probe a peer that is silent for TIME",
     SECONDS(keepalive_ms, 1, "a time above 0, as in 2 or 500ms")},
    {0, "lost-after", "TIME", SECTION_TIME, "close if the peer does not answer for TIME",
     SECONDS(lost_ms, 0, "a time, as in 2 or 500ms"), DEFAULT("30")},
    {0, "dtls", "VERSION", SECTION_HANDSHAKE,
     "only 1.2 or 1.3; default: the newest both sides support", CHOICE(version, versions), BRIEF},
    {0, "suite", "LIST", SECTION_HANDSHAKE, "cipher suites by name or hex, best first",
     SET(set_suites)},
    {0, "group", "LIST", SECTION_HANDSHAKE, "groups for (EC)DHE, as in x25519,secp256r1; or none",
     SET(set_groups)},
    {0, "cookie", "WHEN", SECTION_HANDSHAKE, "with -l: require a cookie: on, off, auto",
     CHOICE(cookie, cookies), DEFAULT("on")},
    {0, "no-ems", NULL, SECTION_HANDSHAKE, "neither offer nor accept extended_master_secret",
     FLAG(no_ems)},
    {0, "rekey-after", "N", SECTION_HANDSHAKE, "DTLS 1.3: change the keys after N sent records",
     NUMBER(rekey_after, 1, 999999999, "a number of records"), NEEDS(NEEDS_13)},
    {0, "timer", "MS", SECTION_HANDSHAKE, "first retransmission timer (default 400 ms)",
     MS(timer_ms, 1, 60000, "milliseconds, 1-60000, or a time as in 2s")},
    {0, "resume", "FILE", SECTION_RESUMPTION, "client: store a ticket in FILE, and resume from it",
     FILE(resume), NEEDS(NEEDS_CLIENT)},
    {0, "no-tickets", NULL, SECTION_RESUMPTION, "with -l: issue no tickets", FLAG(no_tickets),
     NEEDS(NEEDS_LISTENER)},
    {0, "sessions", "N", SECTION_RESUMPTION, "with -k, DTLS 1.2: cache N sessions",
     NUMBER(sessions, 0, 65536, "a number of sessions"), DEFAULT("0"), MANY_DEFAULT("1024"),
     NEEDS(NEEDS_MANY | NEEDS_12), EXCLUDES("--no-ems")},
    {0, "secrets", "FILE", SECTION_RESUMPTION,
     "with -l: share cookies and tickets with other listeners", FILE(secrets),
     NEEDS(NEEDS_LISTENER), EXCLUDES("--early-data")},
    {0, "session-id", "HEX", SECTION_RESUMPTION, "client, DTLS 1.2: offer this session ID",
     READ(set_session_id, "1-32 bytes in hex"), NEEDS(NEEDS_CLIENT | NEEDS_12)},
    {0, "cid", "HEX", SECTION_DATAGRAMS, "connection IDs: keep the session if an address changes",
     READ(set_cid, "0-20 bytes in hex"), OPTIONAL},
    {0, "cid-move", "HOW", SECTION_DATAGRAMS, "newest: send to a new address without a check",
     CHOICE(cid_move_newest, moves)},
    {0, "mtu", "BYTES", SECTION_DATAGRAMS, "largest UDP payload to send, 256-65507",
     NUMBER(mtu, 256, 65507, "the largest UDP payload in bytes")},
    {0, "record-size", "SIZE", SECTION_DATAGRAMS, "largest record content to accept, 64-16384",
     NUMBER(record_size, 64, 16384, "bytes")},
    {'v', "verbose", NULL, SECTION_OUTPUT, "report events; -vv: each message; -vvv: each record",
     SET(set_verbose), BRIEF},
    {0, "color", "WHEN", SECTION_OUTPUT, "colors of -vv: auto, always, never",
     CHOICE(color, colors), DEFAULT("auto")},
    {'o', NULL, "FILE", SECTION_OUTPUT, "copy all data, in both directions, to FILE",
     FILE(dump_raw)},
    {'x', NULL, "FILE", SECTION_OUTPUT, "like -o, as a hex dump", FILE(dump_hex)},
    {0, "pcap", "FILE", SECTION_OUTPUT, "write a pcapng capture with the session secrets to FILE",
     FILE(pcap), EXCLUDES("--workers")},
    {0, "progress", NULL, SECTION_OUTPUT, "on a terminal: show bytes, rate and loss so far",
     FLAG(progress)},
    {0, "stats", NULL, SECTION_OUTPUT, "at the end, print counters as key=value on stderr",
     FLAG(stats)},
    {0, "json", "FILE", SECTION_OUTPUT, "write events as JSON lines to stderr, or to FILE",
     FLAG(json), OPTIONAL},
    {0, "json-data", NULL, SECTION_OUTPUT, "with --json: also the data, in base64", FLAG(json_data),
     NEEDS(NEEDS_JSON)},
    {0, "fail-on-loss", NULL, SECTION_OUTPUT, "exit with 10 if anything was lost",
     FLAG(fail_on_loss)},
    {'h', "help", NULL, SECTION_OUTPUT, "show the common options; --help: all of them", SET(NULL),
     BRIEF},
    {'V', "version", NULL, SECTION_OUTPUT, "show the version", SET(NULL)},
    {0, "sim", "SPEC", SECTION_TESTS, "simulate a bad network: loss=5%,delay=20ms,drop=in:3 ...",
     SET(set_sim)},
    {0, "fragment", "N", SECTION_TESTS, "send handshake messages in fragments of at most N bytes",
     NUMBER(fragment, 1, 16384, "bytes")},
    {0, "repeat-flight", NULL, SECTION_TESTS, "send each handshake flight twice",
     FLAG(repeat_flight)},
    {0, "grease", NULL, SECTION_TESTS, "send values that the peer must ignore (RFC 8701)",
     FLAG(grease)},
    {0, "client-hello-padding", "N", SECTION_TESTS, "pad the ClientHello to at least N bytes",
     NUMBER(client_hello_padding, 1, 16384, "bytes"), NEEDS(NEEDS_CLIENT)},
    {0, "record-per-datagram", NULL, SECTION_TESTS, "send each record in its own datagram",
     FLAG(record_per_datagram)},
};

const char *option_label(char text[LABEL_MAX], const struct row *row)
{
    if (row->letter != 0)
        snprintf(text, LABEL_MAX, "-%c", row->letter);
    else
        snprintf(text, LABEL_MAX, "--%s", row->name);
    return text;
}
