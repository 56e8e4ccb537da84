/* tool.c - the parsers of the tool. The first byte selects the parser. */
#include "common/base64.h"
#include "common/hex.h"
#include "common/json.h"
#include "common/numbers.h"
#include "common/report.h"
#include "common/utf8.h"
#include "fuzz/common_input.h"
#include "fuzz/common_lines.h"
#include "key/keyfile.h"
#include "key/secrets.h"
#include "key/ticketfile.h"
#include "net/acl.h"
#include "net/response.h"
#include "options/hostport.h"
#include "report/trace.h"
#include "stream/frame.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The contents of a file are the input: secretfile_read() is replaced by the linker. */
static input_t contents;

ssize_t __wrap_secretfile_read(int fd, void *data, size_t size);

ssize_t __wrap_secretfile_read(int fd, void *data, size_t size)
{
    size_t length = input_left(&contents);

    (void)fd;
    if (length >= size) {
        return -1;
    }
    memcpy(data, contents.at, length);
    return (ssize_t)length;
}

/* An empty file with which the checks of owner and mode succeed. */
static const char *private_file(void)
{
    static char path[64];

    if (!*path) {
        (void)snprintf(path, sizeof(path), "%s/fuzz-XXXXXX",
                       getenv("TESTDIR") ? getenv("TESTDIR") : "/tmp");
        int fd = mkstemp(path);
        FUZZ_CHECK(fd >= 0 && fchmod(fd, 0600) == 0);
        close(fd);
    }
    return path;
}

static char *copy_text(const input_t *input)
{
    size_t length = input_left(input);
    char *text = malloc(length + 1);

    FUZZ_CHECK(text != NULL);
    memcpy(text, input->at, length);
    text[length] = '\0';
    return text;
}

/* ---- frames ---- */

/* A message that was read is written again, and must then be read as the same. */
static void check_again(const struct framing *framing, const struct message *message)
{
    static uint8_t out[FRAME_OUT_BYTES], copy[FRAME_MAX_MESSAGE];
    static struct frame_in in;
    const struct origin origin = {"127.0.0.1:5684", (const uint8_t *)"a\"\n", 3};
    struct message again;
    size_t room;
    ssize_t length;

    memcpy(copy, message->data, message->length);
    length = frame_put(framing, out, &origin, copy, message->length);
    FUZZ_CHECK(length >= 0 && length <= FRAME_OUT_BYTES);
    if (framing->mode == FRAME_RAW || framing->crlf) {
        return;
    }
    frame_in_init(&in, framing);
    uint8_t *space = frame_space(&in, &room);
    if ((size_t)length > room) {
        return;
    }
    memcpy(space, out, (size_t)length);
    frame_filled(&in, (size_t)length);
    FUZZ_CHECK(frame_next(&in, FRAME_MAX_MESSAGE, true, &again) == FRAME_MESSAGE);
    FUZZ_CHECK(again.length == message->length && memcmp(again.data, copy, again.length) == 0);
}

static void read_frames(input_t *input)
{
    static const char *const modes[] = {"raw",      "line",    "nul", "len16", "len32",
                                        "fixed:64", "fixed:3", "hex", "json"};
    static struct frame_in in;
    struct framing framing = {.crlf = false};
    size_t max = 1 + input_word(input) % FRAME_MAX_MESSAGE, chunk = 1 + input_byte(input);
    unsigned mode = input_byte(input);
    enum frame_result result;
    struct message message;

    FUZZ_CHECK(frame_parse(modes[mode % (sizeof(modes) / sizeof(*modes))], &framing));
    framing.crlf = mode & 128 && (framing.mode == FRAME_RAW || framing.mode == FRAME_LINE);
    frame_in_init(&in, &framing);
    for (;;) {
        size_t room;
        while ((result = frame_next(&in, max, input_left(input) == 0, &message)) != FRAME_MORE) {
            FUZZ_CHECK(result != FRAME_MESSAGE || message.length <= max);
            FUZZ_CHECK(result != FRAME_BAD || in.wrong != NULL);
            if (result == FRAME_MESSAGE && max == FRAME_MAX_MESSAGE) {
                check_again(&framing, &message);
            }
        }
        if (input_left(input) == 0) {
            break;
        }
        uint8_t *space = frame_space(&in, &room);
        FUZZ_CHECK(room > 0);
        input_t bytes = input_take(input, chunk < room ? chunk : room);
        memcpy(space, bytes.at, input_left(&bytes));
        frame_filled(&in, input_left(&bytes));
    }
}

static void read_json(input_t *input)
{
    size_t length = input_left(input);
    char *text = copy_text(input), *out = malloc(2 * length + 2);
    struct json_line line;

    FUZZ_CHECK(out != NULL);
    if (json_read(&line, text, length) == NULL) {
        FUZZ_CHECK((const char *)line.data >= text && line.length <= length);
        FUZZ_CHECK(!line.peer || strlen(line.peer) <= length);
    }
    free(text);
    free(out);
}

/* ---- keys ---- */

static void read_keyfile(input_t *input)
{
    struct keyring ring = {.count = 0};
    bool one = input_byte(input) & 1;
    char *text = copy_text(input);
    size_t length = input_left(input);

    if (one ? keyfile_read_key(&ring, "source", text, length)
            : keyfile_read(&ring, "source", text, length)) {
        FUZZ_CHECK(ring.count > 0);
        for (size_t i = 0; i < ring.count; i++) {
            const struct credential *entry = &ring.entries[i];
            FUZZ_CHECK(entry->key.length > 0 && entry->key.length <= DTLS_MAX_PSK);
            FUZZ_CHECK(!entry->identity ||
                       keyring_find(&ring, entry->identity, entry->identity_length) == &entry->key);
        }
        (void)keyring_select(&ring, (const uint8_t *)"alice", 5);
    }
    keyring_clear(&ring);
    free(text);
}

static void read_ticketfile(input_t *input)
{
    static struct ticketfile file;
    static const uint8_t identity[] = {'#', 0, 'x'};
    size_t length = input_byte(input) % 4U;

    contents = *input;
    file = (struct ticketfile){.fd = -1};
    (void)ticketfile_load(&file, private_file(), identity, length);
    FUZZ_CHECK(file.length <= input_left(input));
    ticketfile_clear(&file);
}

static void read_secrets(input_t *input)
{
    struct secrets secrets = {.count = 0};

    contents = *input;
    if (secrets_load(&secrets, private_file()) == 0) {
        FUZZ_CHECK(secrets.count > 0 && secrets.count <= DTLS_MAX_SECRETS);
    }
    secrets_clear(&secrets);
}

/* ---- words of the command line ---- */

static void read_words(input_t *input)
{
    char *text = copy_text(input);
    static struct hostport hostport;
    struct framing framing;
    unsigned long number;
    int64_t ms;
    uint64_t size;
    uint16_t port;
    struct acl_list *list = calloc(1, sizeof(*list));

    (void)parse_number(text, 1, 100000, &number);
    (void)parse_time(text, SECONDS, &ms);
    (void)parse_size(text, &size);
    (void)parse_port(text, 0, false, &port);
    (void)frame_parse(text, &framing);
    if (hostport_split(&hostport, text) == NULL) {
        FUZZ_CHECK(*hostport.host != '\0');
    }
    FUZZ_CHECK(list != NULL);
    (void)acl_add(list, text);
    FUZZ_CHECK(list->count <= ACL_RULES);
    free(list);
    free(text);
}

static void read_encodings(input_t *input)
{
    size_t length = input_left(input);
    const char *text = (const char *)input->at;
    uint8_t *out = malloc(length + 1);
    char shown[SHOWN_MAX];
    uint32_t code;
    int decoded;

    FUZZ_CHECK(out != NULL);
    decoded = base64_decode(out, length, text, length);
    FUZZ_CHECK(decoded <= (int)length);
    decoded = hex_decode(out, length, text, length);
    FUZZ_CHECK(decoded <= (int)length);
    FUZZ_CHECK(length == 0 || utf8_decode(&code, input->at, length) <= length);
    report("%s", show_bytes(shown, input->at, length));
    free(out);
}

/* ---- what a peer sends ---- */

static void read_response(input_t *input)
{
    struct response response = {.watching = true};
    session_t from;

    dtls_session_init(&from);
    from.addr.sin.sin_family = AF_INET;
    response_note_request(&response, input->at, input_left(input) / 2);
    response_note(&response, &from, input->at, input_left(input));
    response_report(&response);
}

static void read_trace(input_t *input)
{
    session_t from;
    struct trace trace = {
        .verbose = 2, .text = {.records = input_byte(input) & 1}, .keylog = {.fd = -1}};

    dtls_session_init(&from);
    from.addr.sin.sin_family = AF_INET;
    trace.text.name_peers = input_byte(input) & 1;
    for (unsigned i = 0; i < 32 && input_left(input) > 0; i++) {
        dtls_trace_t event = {.kind = (dtls_trace_kind_t)(input_byte(input) % 9U),
                              .session = &from,
                              .content_type = input_byte(input),
                              .epoch = input_byte(input),
                              .sequence = input_word(input),
                              .msg_type = input_byte(input),
                              .msg_length = input_word(input),
                              .frag_length = input_word(input),
                              .retransmit = input_byte(input),
                              .alert = input_byte(input),
                              .alert_level = input_byte(input),
                              .repeat = (dtls_repeat_t)(input_byte(input) % 5U),
                              .drop = (dtls_drop_t)(input_byte(input) % DTLS_DROP_COUNT)};
        input_t bytes = input_take(input, input_byte(input));
        uint8_t *copy = input_copy(&bytes);
        event.outgoing = event.alert & 1;
        event.data = copy;
        event.version = event.alert & 2 ? 0xfefc : 0xfefd;
        event.suite = dtls_suite_at(event.alert % 32);
        if (event.frag_length & 1) {
            event.message = copy;
            event.msg_length = (uint32_t)input_left(&bytes);
        }
        /* The library shows whole record numbers: see dtls.h. */
        event.length = input_left(&bytes) & (event.kind == DTLS_TRACE_ACK ? ~15UL : ~0UL);
        trace_show(&trace, &event);
        free(copy);
    }
}

static void (*const readers[])(input_t *input) = {read_frames,     read_json,     read_keyfile,
                                                  read_ticketfile, read_secrets,  read_words,
                                                  read_encodings,  read_response, read_trace};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    input_t input = {data, data + size};
    unsigned which = input_byte(&input);

    readers[which % (sizeof(readers) / sizeof(*readers))](&input);
    return 0;
}
