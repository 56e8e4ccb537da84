/*
 * options.c - what the options store, and the limits of their values. The test usage.sh checks the error lines.
 */
#include "options/optiontable.h"
#include "options/parse.h"

#include "common/exit.h"
#include "test.h"

#include <getopt.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS = 32 };

static struct options options;

/* Frees the paths, which the tool does not: a run has one command line. */
static void free_paths(void)
{
    const char **paths[] = {&options.dump_raw, &options.dump_hex, &options.keylog, &options.resume,
                            &options.secrets};

    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        free((void *)(uintptr_t)*paths[i]);
        *paths[i] = NULL;
    }
}

/* Parses a command line, whose words are separated by spaces. */
static int parse(const char *line)
{
    static char text[1024];
    char *argv[WORDS + 2] = {(char[]){"dtlscat"}};
    int argc = 1;

    CHECK(strlen(line) < sizeof text);
    strcpy(text, line);
    for (char *word = strtok(text, " "); word != NULL; word = strtok(NULL, " ")) {
        CHECK(argc <= WORDS);
        argv[argc++] = word;
    }
    free_paths();
    optind = 0; /* glibc begins anew */
    return options_parse(&options, argc, argv);
}

/* ---- values --------------------------------------------------------------------------------- */

static int64_t value_of(size_t field, size_t width)
{
    const char *at = (const char *)&options + field;
    int32_t four;
    int64_t eight;

    switch (width) {
    case 1: return *(const uint8_t *)at;
    case 2: return *(const uint16_t *)(const void *)at;
    case 4: memcpy(&four, at, sizeof four); return four;
    default: memcpy(&eight, at, sizeof eight); return eight;
    }
}

#define IS(name, number) offsetof(struct options, name), sizeof(options.name), number

TEST(options_store_their_values)
{
    static const struct {
        const char *line;
        size_t field, width;
        int64_t value;
    } rows[] = {
        {"h 1", IS(listen, false)},
        {"-l 1", IS(listen, true)},
        {"-l 1", IS(keep, false)},
        {"-lk 1", IS(keep, true)},
        {"-l 1", IS(max_clients, 1)},
        {"-lk 1", IS(max_clients, 1024)},
        {"-lk -m 7 1", IS(max_clients, 7)},
        {"-lk -m 1 1", IS(max_clients, 1)},
        {"-lk -e prog --workers 3 -m 7 1", IS(max_clients, 3)},
        {"-lk -e prog --workers 4 1", IS(workers, 4)},
        {"-lk -e prog --workers 4 --sessions 9 1", IS(sessions, 3)},
        {"-lk 1", IS(sessions, 1024)},
        {"-lk --sessions 0 1", IS(sessions, 0)},
        {"-l 1", IS(sessions, 0)},
        {"-l 0", IS(net.port, 0)},
        {"-l 5684", IS(net.port, 5684)},
        {"-l -p 5684", IS(net.port, 5684)},
        {"h 65535", IS(net.port, 65535)},
        {"h:77", IS(net.port, 77)},
        {"[::1]:77", IS(net.port, 77)},
        {"coaps://h", IS(net.port, 5684)},
        {"coaps://h:77/", IS(net.port, 77)},
        {"-p 99 h 1", IS(net.source_port, 99)},
        {"h 1", IS(net.source_port, 0)},
        {"h 1", IS(net.family, AF_UNSPEC)},
        {"-4 h 1", IS(net.family, AF_INET)},
        {"-6 h 1", IS(net.family, AF_INET6)},
        {"h 1", IS(net.numeric, false)},
        {"-n h 1", IS(net.numeric, true)},
        {"h 1", IS(verbose, 0)},
        {"-v h 1", IS(verbose, 1)},
        {"-vv h 1", IS(verbose, 2)},
        {"-vvvv h 1", IS(verbose, 3)},
        {"h 1", IS(reports, false)}, /* stderr is not a terminal */
        {"-v h 1", IS(reports, true)},
        {"h 1", IS(wait_ms, 0)},
        {"-w 2 h 1", IS(wait_ms, 2000)},
        {"-w 5ms h 1", IS(wait_ms, 5)},
        {"h 1", IS(handshake_ms, 20000)},
        {"-w 2 h 1", IS(handshake_ms, 2000)},
        {"-w 1ms h 1", IS(handshake_ms, 1)},
        {"h 1", IS(idle_ms, 0)},
        {"-w 2 h 1", IS(idle_ms, 2000)},
        {"-lk 1", IS(idle_ms, 300000)},
        {"-lk -w 2 1", IS(idle_ms, 2000)},
        {"-lk --idle 0 1", IS(idle_ms, 0)},
        {"--idle 3 h 1", IS(idle_ms, 3000)},
        {"h 1", IS(linger_ms, 500)},
        {"h 1", IS(linger_given, false)},
        {"-q 0.5 h 1", IS(linger_given, true)},
        {"-q 2 h 1", IS(linger_ms, 2000)},
        {"-q -1 h 1", IS(linger_ms, -1)},
        {"h 1", IS(close_at_eof, false)},
        {"-N h 1", IS(close_at_eof, true)},
        {"--send-only h 1", IS(close_at_eof, true)},
        {"--send-only h 1", IS(send_only, true)},
        {"--recv-only h 1", IS(recv_only, true)},
        {"--recv-only h 1", IS(close_at_eof, false)},
        {"-W 9 h 1", IS(message_limit, 9)},
        {"-c cmd h 1", IS(by_shell, true)},
        {"-e prog h 1", IS(by_shell, false)},
        {"h 1", IS(framing.mode, FRAME_RAW)},
        {"--frame=hex h 1", IS(framing.mode, FRAME_HEX)},
        {"--frame=fixed:64 h 1", IS(framing.fixed, 64)},
        {"-C h 1", IS(framing.crlf, true)},
        {"--delay 2 h 1", IS(delay_ms, 2000)},
        {"--keepalive 3 h 1", IS(keepalive_ms, 3000)},
        {"h 1", IS(lost_ms, 30000)},
        {"--lost-after 4 h 1", IS(lost_ms, 4000)},
        {"h 1", IS(rate, -1)},
        {"--rate 100k h 1", IS(rate, 100000)},
        {"h 1", IS(window, 65536)},
        {"h 1", IS(window_given, false)},
        {"--window 65536 h 1", IS(window_given, true)},
        {"--window 0 h 1", IS(window, 0)},
        {"-lk 1", IS(broker, false)},
        {"-lk --broker 1", IS(broker, true)},
        {"-lk --broker 1", IS(chat, false)},
        {"-lk --chat 1", IS(broker, true)},
        {"-lk --chat 1", IS(chat, true)},
        {"-z h 1", IS(probe_key, true)},
        {"--keygen", IS(keygen, true)},
        {"--fail-on-loss h 1", IS(fail_on_loss, true)},
        {"--progress h 1", IS(progress, true)},
        {"--stats h 1", IS(stats, true)},
        {"--no-sandbox h 1", IS(no_sandbox, true)},
        {"h 1", IS(suite_count, 0)},
        {"--suite AES128-GCM-SHA256,1303,AES128-GCM-SHA256 h 1", IS(suite_count, 2)},
        {"--suite AES128-GCM-SHA256,1303 h 1", IS(suites[0], 0x1301)},
        {"--suite AES128-GCM-SHA256:1303 h 1", IS(suites[1], 0x1303)},
        {"--suite 1301 --suite 1303 h 1", IS(suite_count, 1)},
        {"--group x25519,P-256,prime256v1 h 1", IS(group_count, 2)},
        {"--group x25519,P-256 h 1", IS(groups[1], 23)},
        {"--group x25519 h 1", IS(no_group, false)},
        {"--group none h 1", IS(no_group, true)},
        {"--group none --group x25519 h 1", IS(no_group, false)},
        {"--mtu 1000 h 1", IS(mtu, 1000)},
        {"--timer 250 h 1", IS(timer_ms, 250)},
        {"--timer 2s h 1", IS(timer_ms, 2000)},
        {"-l 1", IS(cookie, DTLS_COOKIE_ON)},
        {"-l --cookie off 1", IS(cookie, DTLS_COOKIE_OFF)},
        {"-l --cookie auto 1", IS(cookie, DTLS_COOKIE_AUTO)},
        {"h 1", IS(version, 0)},
        {"--dtls 1.2 h 1", IS(version, DTLS12)},
        {"--dtls 1.3 h 1", IS(version, DTLS13)},
        {"--rekey-after 5 h 1", IS(rekey_after, 5)},
        {"--export label h 1", IS(export_length, 32)},
        {"--export label:48 h 1", IS(export_length, 48)},
        {"--export a:b:48 h 1", IS(export_label[2], 'b')},
        {"--export label h 1", IS(export_label[5], '\0')},
        {"--import-psk h 1", IS(import_psk, true)},
        {"--import-psk=ctx h 1", IS(import_psk, true)},
        {"h 1", IS(use_cid, false)},
        {"--cid h 1", IS(use_cid, true)},
        {"--cid h 1", IS(cid_given, false)},
        {"--cid=0102 h 1", IS(cid_given, true)},
        {"--cid=0102 h 1", IS(cid_length, 2)},
        {"--cid=0102 h 1", IS(cid[1], 2)},
        {"--cid= h 1", IS(cid_length, 0)},
        {"h 1", IS(cid_move_newest, false)},
        {"--cid-move newest h 1", IS(cid_move_newest, true)},
        {"--cid-move newest h 1", IS(use_cid, true)},
        {"--session-id 0a0b0c h 1", IS(session_id_length, 3)},
        {"--session-id 0a0b0c h 1", IS(session_id[2], 12)},
        {"--record-size 100 h 1", IS(record_size, 100)},
        {"--no-ems h 1", IS(no_ems, true)},
        {"-l --no-tickets 1", IS(no_tickets, true)},
        {"-l --early-data 1", IS(early_data, true)},
        {"h 1", IS(bare_psk, false)},
        {"--user 1 h 1", IS(uid, 1)},
        {"--user 1:2 h 1", IS(uid, 1)},
        {"--user 1:2 h 1", IS(gid, 2)},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        NOTE("%s (row %zu)", rows[i].line, i);
        CHECK_EQ(parse(rows[i].line), OPTIONS_RUN);
        CHECK_EQ(value_of(rows[i].field, rows[i].width), rows[i].value);
    }
}

#define POINTS_TO(name, text) offsetof(struct options, name), text

TEST(options_store_their_texts)
{
    static const struct {
        const char *line;
        size_t field;
        const char *text;
    } rows[] = {
        {"host 1", POINTS_TO(net.host, "host")},
        {"host:1", POINTS_TO(net.host, "host")},
        {"[::1]:1", POINTS_TO(net.host, "[::1]")},
        {"::1 1", POINTS_TO(net.host, "::1")},
        {"coaps://host:1/", POINTS_TO(net.host, "host")},
        {"-l 1", POINTS_TO(net.host, NULL)},
        {"-l addr 1", POINTS_TO(net.host, "addr")},
        {"-l addr:1", POINTS_TO(net.host, "addr")},
        {"-l -p 1 addr", POINTS_TO(net.host, "addr")},
        {"-l -s addr 1", POINTS_TO(net.host, "addr")},
        {"-s addr h 1", POINTS_TO(net.source, "addr")},
        {"-p 7 h 1", POINTS_TO(local_port, "7")},
        {"-e prog h 1", POINTS_TO(program, "prog")},
        {"-c cmd h 1", POINTS_TO(program, "cmd")},
        {"-o /raw h 1", POINTS_TO(dump_raw, "/raw")},
        {"-x /hex h 1", POINTS_TO(dump_hex, "/hex")},
        {"--psk=text:x h 1", POINTS_TO(psk, "text:x")},
        {"--psk=a --psk=b h 1", POINTS_TO(psk, "b")},
        {"--identity me h 1", POINTS_TO(identity, "me")},
        {"-l --hint you 1", POINTS_TO(hint, "you")},
        {"--keylog /log h 1", POINTS_TO(keylog, "/log")},
        {"--resume /ticket h 1", POINTS_TO(resume, "/ticket")},
        {"-l --secrets /secrets 1", POINTS_TO(secrets, "/secrets")},
        {"--import-psk h 1", POINTS_TO(import_context, NULL)},
        {"--import-psk=ctx h 1", POINTS_TO(import_context, "ctx")},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *text;

        NOTE("%s", rows[i].line);
        CHECK_EQ(parse(rows[i].line), OPTIONS_RUN);
        memcpy(&text, (const char *)&options + rows[i].field, sizeof text);
        CHECK((text == NULL) == (rows[i].text == NULL));
        if (text != NULL)
            CHECK_STR(text, rows[i].text);
    }
    free_paths();
}

/* ---- limits --------------------------------------------------------------------------------- */

/* What an option needs so that only its value can be wrong. */
static const char *company_of(const struct row *row)
{
    if (row->name != NULL && strcmp(row->name, "workers") == 0)
        return "-lk -e prog 1";
    if (row->needs & NEEDS_MANY)
        return "-lk 1";
    return row->needs & NEEDS_LISTENER ? "-l 1" : "h 1";
}

static void check_value(const struct row *row, int64_t value, const char *unit, bool good)
{
    char line[256], label[LABEL_MAX];

    snprintf(line, sizeof line, "%s %" PRId64 "%s %s", option_label(label, row), value, unit,
             company_of(row));
    NOTE("%s", line);
    CHECK_EQ(parse(line), good ? OPTIONS_RUN : EXIT_USAGE);
}

TEST(limits_of_numbers)
{
    size_t checked = 0;

    for (size_t i = 0; i < OPTION_ROWS; i++) {
        const struct row *row = &option_rows[i];
        bool is_time = row->kind == KIND_SECONDS || row->kind == KIND_MS;

        if (row->kind != KIND_NUMBER && row->kind != KIND_SIZE && !is_time)
            continue;
        if (row->least > 0 && (row->kind != KIND_SIZE || row->least > 1))
            check_value(row, row->least - 1, is_time ? "ms" : "", false);
        check_value(row, row->least, is_time ? "ms" : "", true);
        if (row->kind != KIND_SIZE) {
            check_value(row, row->most, is_time ? "ms" : "", true);
            check_value(row, row->most + 1, is_time ? "ms" : "", false);
        }
        checked++;
    }
    CHECK(checked > 12);
}

TEST(limits_of_texts)
{
    static const struct {
        const char *before;
        size_t least, most; /* the number of characters */
        const char *after;
    } rows[] = {
        {"--export ", 1, 248, " h 1"},    {"--import-psk=", 0, 255, " h 1"},
        {"--session-id ", 2, 64, " h 1"}, {"--cid=", 0, 40, " h 1"},
        {"--session-id 0", 1, 1, " h 1"}, {"--export label:", 1, 3, " h 1"},
        {"-w 1", 0, 5, " h 1"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (size_t count = 0; count <= rows[i].most + 1 && count < 300; count++) {
            char line[512];
            bool hex = strncmp(rows[i].before, "--session-id", 12) == 0 ||
                       strncmp(rows[i].before, "--cid", 5) == 0;
            size_t digits = count + (rows[i].before[strlen(rows[i].before) - 1] == '0');
            bool good =
                count >= rows[i].least && count <= rows[i].most && (!hex || digits % 2 == 0);
            int used = sprintf(line, "%s", rows[i].before);

            memset(line + used, '1', count);
            strcpy(line + used + count, rows[i].after);
            NOTE("%zu characters: %s", count, line);
            CHECK_EQ(parse(line), good ? OPTIONS_RUN : EXIT_USAGE);
        }
    }
}
