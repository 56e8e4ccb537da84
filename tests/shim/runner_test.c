/*
 * runner_test.c - tests of the frames and the flags of the shim. The protocol is tested elsewhere.
 */
#include "common_runner.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TIMER_MS = 400 };
#define MS(n) ((uint64_t)(n)*1000000)
#define DTLS12 "65277"
#define DTLS13 "65276"
#define ONLY(version) "-min-version", version, "-max-version", version

static void whole_life(void)
{
    runner_shake_hands();
    runner_echo();
    runner_echo();
    runner_close_and_end();
}

TEST(client_dtls12)
{
    START_CLIENT(ONLY(DTLS12));
    whole_life();
    CHECK_EQ(runner.info.version, 0xfefd);
}

TEST(client_dtls13)
{
    START_CLIENT(ONLY(DTLS13), "-psk-identity", "me");
    whole_life();
    CHECK_EQ(runner.info.version, 0xfefc);
}

TEST(server_dtls12)
{
    START_SERVER("-no-tls13");
    whole_life();
    CHECK_EQ(runner.info.version, 0xfefd);
}

TEST(server_dtls13)
{
    runner_spawn((const char *const[]){"-server", "-psk", "736563726574", "-psk-is-hex",
                                       "-psk-identity", "me", "-no-tls12", NULL},
                 AF_INET);
    runner_greet();
    runner_make_peer(true, "me");
    whole_life();
    CHECK_EQ(runner.info.version, 0xfefc);
}

TEST(both_versions_and_flags_without_effect)
{
    START_CLIENT("-async", "-implicit-handshake", "-trust-cert", "x.pem", "-use-early-callback",
                 "-expect-no-hrr", "-no-tls1", "-no-tls11", "-no-ticket",
                 "-expect-early-data-reason", "x", "-psk-identity", "me");
    whole_life();
    CHECK_EQ(runner.info.version, 0xfefc);
}

TEST(ipv6)
{
    runner_spawn((const char *const[]){"-psk", KEY, "-ipv6", ONLY(DTLS12), NULL}, AF_INET6);
    runner_greet();
    runner_make_peer(false, "");
    whole_life();
}

static void lost_hellos(void)
{
    runner_next_frame(FRAME_PACKET);
    runner_expect(MS(TIMER_MS));
    runner_step(TIMER_MS);
    runner_next_frame(FRAME_PACKET);
    runner_expect(MS(2 * TIMER_MS));
    runner_step(TIMER_MS);
    runner_expect(MS(TIMER_MS));
    runner_step(TIMER_MS - 10); /* within the tolerance of the shim */
    runner_shake_hands();
    runner_settle();
    runner_expect(FRAME_NEVER);
    whole_life();
}

TEST(clock_dtls12)
{
    START_CLIENT(ONLY(DTLS12));
    lost_hellos();
}

TEST(clock_dtls13)
{
    START_CLIENT(ONLY(DTLS13), "-psk-identity", "me");
    lost_hellos();
}

TEST(first_timer)
{
    START_CLIENT("-initial-timeout-duration-ms", "250");
    runner_next_frame(FRAME_PACKET);
    runner_expect(MS(250));
    runner_step(250);
    runner_next_frame(FRAME_PACKET);
    runner_expect(MS(500));
    runner_expect(MS(250));
    runner_end(1, "dtls:next-timeout");
}

TEST(server_has_no_timer_before_a_hello)
{
    runner_spawn((const char *const[]){"-server", "-psk", KEY, "-no-tls13", NULL}, AF_INET);
    runner_greet();
    runner_expect(FRAME_NEVER);
    runner_make_peer(true, "");
    whole_life();
}

TEST(fractions_of_a_millisecond)
{
    START_CLIENT(ONLY(DTLS12));
    runner_next_frame(FRAME_PACKET);
    CHECK(frame_send(runner.fd, FRAME_STEP, MS(62) + MS(1) / 2));
    runner_next_frame(FRAME_STEPPED);
    runner_expect(MS(337) + MS(1) / 2);
    runner_expect(MS(336));
    runner_end(1, "dtls:next-timeout");
}

TEST(timer_expected_and_none)
{
    runner_spawn((const char *const[]){"-server", "-psk", KEY, "-no-tls13", NULL}, AF_INET);
    runner_greet();
    runner_expect(MS(TIMER_MS));
    runner_end(1, "dtls:next-timeout");
}

TEST(no_timer_expected_and_one)
{
    START_CLIENT(ONLY(DTLS12));
    runner_expect(FRAME_NEVER);
    runner_end(1, "dtls:next-timeout");
}

TEST(gives_up_after_twelve_retransmissions)
{
    uint64_t timer_ms = TIMER_MS;
    START_CLIENT(ONLY(DTLS12));
    runner_next_frame(FRAME_PACKET);
    for (int i = 0; i < 12; i++) {
        runner_expect(MS(timer_ms));
        runner_step(timer_ms);
        runner_next_frame(FRAME_PACKET);
        timer_ms = timer_ms > 30000 ? 60000 : 2 * timer_ms;
    }
    runner_step(timer_ms);
    CHECK_EQ(frame_receive(runner.fd, &runner.frame), 0);
    runner_end(1, ":READ_TIMEOUT_EXPIRED:");
}

TEST(first_timer_changes)
{
    runner_spawn((const char *const[]){"-server", "-psk", KEY, "-no-tls13", NULL}, AF_INET);
    runner_greet();
    CHECK(frame_send(runner.fd, FRAME_TIMER, 100));
    runner_make_peer(true, "");
    /* the flight from ServerHello to ServerHelloDone, to which we do not respond */
    runner_next_frame(FRAME_PACKET);
    runner_expect(MS(100));
    runner_step(100);
    runner_next_frame(FRAME_PACKET);
    runner_expect(MS(200));
    runner_end(1, "");
}

static void exports(const char *version)
{
    uint8_t expected[64];
    START_CLIENT(version, "-psk-identity", "me", "-export-keying-material", "64", "-export-label",
                 "EXPERIMENTAL", "-export-context", "ctx", "-use-export-context");
    runner_shake_hands();
    while (runner.messages == 0)
        runner_deliver();
    CHECK_EQ(dtls_export(runner.ctx, &runner.address, "EXPERIMENTAL", (const uint8_t *)"ctx", 3,
                         expected, sizeof expected),
             0);
    CHECK_EQ(runner.message_length, sizeof expected);
    CHECK_MEM(runner.message, expected, sizeof expected);
    whole_life();
}

TEST(exports_dtls12)
{
    exports("-no-tls13");
}

TEST(exports_dtls13)
{
    exports("-no-tls12");
}

TEST(wrong_key_dtls12)
{
    START_SERVER("-no-tls13");
    runner.key = "another";
    while (frame_receive(runner.fd, &runner.frame) == 1)
        dtls_handle_message(runner.ctx, &runner.address, runner.frame.data,
                            (int)runner.frame.number);
    runner_end(1, ":DIGEST_CHECK_FAILED: dtls:wrong-psk");
}

TEST(alert_of_the_peer)
{
    START_CLIENT(ONLY(DTLS12));
    runner_shake_hands();
    CHECK_EQ(dtls_abort(runner.ctx, &runner.address, DTLS_ALERT_HANDSHAKE_FAILURE), 0);
    runner_end(1, ":SSLV3_ALERT_HANDSHAKE_FAILURE: dtls:alert");
}

TEST(unknown_identity)
{
    START_SERVER("-no-tls13", "-psk-identity", "somebody");
    while (!runner.ended)
        runner_deliver();
    runner_end(1, ":PSK_IDENTITY_NOT_FOUND: dtls:unknown-identity");
}

TEST(mtu)
{
    char identity[501];
    memset(identity, 'i', 500);
    identity[500] = '\0';
    START_CLIENT(ONLY(DTLS12), "-mtu", "300", "-psk-identity", identity);
    whole_life();
    CHECK(runner.longest <= 300 && runner.longest > 280);
}

TEST(mtu_changes)
{
    char identity[501];
    memset(identity, 'i', 500);
    identity[500] = '\0';
    START_CLIENT(ONLY(DTLS12), "-psk-identity", identity);
    CHECK(frame_send(runner.fd, FRAME_MTU, 301));
    whole_life();
    CHECK(runner.longest <= 301 && runner.longest > 281);
}

TEST(mtu_before_there_is_a_peer)
{
    START_SERVER("-no-tls13");
    CHECK(frame_send(runner.fd, FRAME_MTU, 256));
    whole_life();
    CHECK(runner.longest <= 256);
}

static void key_updates(const char *flag, uint16_t first_epoch)
{
    START_CLIENT(ONLY(DTLS13), "-psk-identity", "me", flag);
    runner_shake_hands();
    for (uint16_t i = 0; i < 3; i++) {
        runner_acknowledge();
        runner_echo();
        CHECK_EQ(runner.data_epoch, first_epoch + i);
        runner_settle();
    }
    runner_close_and_end();
}

TEST(key_update)
{
    key_updates("-key-update", 3);
}

TEST(key_update_before_read)
{
    key_updates("-key-update-before-read", 4);
}

TEST(shim_writes_first)
{
    START_CLIENT("-shim-writes-first", "-psk-identity", "me");
    runner_shake_hands();
    while (runner.messages == 0)
        runner_deliver();
    CHECK_EQ(runner.message_length, 5);
    CHECK_MEM(runner.message, "hello", 5);
    whole_life();
}

TEST(shim_shuts_down)
{
    START_SERVER("-no-tls13", "-shim-shuts-down");
    while (!runner.ended)
        runner_deliver();
    CHECK_EQ(runner.info.error, DTLS_ERR_NONE);
    runner_end(0, "");
}

TEST(send_alert)
{
    START_SERVER("-no-tls13", "-send-alert", "30");
    while (!runner.ended)
        runner_deliver();
    CHECK_EQ(runner.info.error, DTLS_ERR_ALERT);
    CHECK_EQ(runner.info.alert, DTLS_ALERT_DECOMPRESSION_FAILURE);
    runner_end(0, "");
}

/* Starts a shim as client, which sends a share of x25519 only. */
static void start_with_groups(const uint16_t *groups, size_t count)
{
    runner_spawn((const char *const[]){"-psk", KEY, "-psk-identity", "me", "-expect-hrr", "-curves",
                                       "29", "-curves", "23", ONLY(DTLS13), NULL},
                 AF_INET);
    runner_greet();
    runner.groups = groups;
    runner.group_count = count;
    runner_make_peer(false, "");
}

TEST(retry_expected)
{
    const uint16_t p256 = 23;
    start_with_groups(&p256, 1);
    whole_life();
}

TEST(retry_expected_in_vain)
{
    start_with_groups(NULL, 0);
    while (frame_receive(runner.fd, &runner.frame) == 1)
        dtls_handle_message(runner.ctx, &runner.address, runner.frame.data,
                            (int)runner.frame.number);
    runner_end(1, "no HelloRetryRequest");
}

/* ---- sessions that are resumed ---- */

static void resume(bool shim_is_server, const char *no_version, const char *flag, bool resumed)
{
    const char *const flags[] = {"-psk", KEY,        "-psk-identity",
                                 "me",   no_version, "-resume-count",
                                 "1",    flag,       shim_is_server ? "-server" : NULL,
                                 NULL};
    NOTE("%s, %s, %s", shim_is_server ? "server" : "client", no_version, flag);
    runner_spawn(flags, AF_INET);
    runner_greet();
    runner.sessions = true;
    runner_make_peer(shim_is_server, "me");
    runner_shake_hands();
    runner_acknowledge();
    CHECK(!runner.info.resumed);
    CHECK_EQ(dtls_close(runner.ctx, &runner.address), 0);
    runner_next_connection();
    runner_shake_hands();
    CHECK_EQ(runner.info.resumed, resumed);
    whole_life();
}

TEST(sessions_are_resumed)
{
    static const char *const no_versions[] = {"-no-tls12", "-no-tls13"};
    for (unsigned i = 0; i < 4; i++)
        resume(i / 2, no_versions[i % 2], "-async", true);
    resume(true, "-no-tls13", "-no-ticket", true); /* resumed by session ID */
}

TEST(flags_of_one_connection)
{
    START_CLIENT("-psk-identity", "me", "-on-resume-shim-writes-first", "-on-initial-psk-identity",
                 "me", "-on-resume-psk-identity", "somebody else");
    whole_life();
}

static void session_in_vain(const char *flag, const char *why)
{
    runner_spawn((const char *const[]){"-psk", KEY, "-no-tls13", "-resume-count", "1", flag, NULL},
                 AF_INET);
    runner_greet();
    runner.sessions = true;
    runner_make_peer(false, "");
    runner_shake_hands();
    CHECK_EQ(dtls_close(runner.ctx, &runner.address), 0);
    if (!strcmp(flag, "-async")) /* a new server does not have the session */
        dtls_free_context(runner.ctx), runner_make_peer(false, "");
    runner_next_connection();
    while (frame_receive(runner.fd, &runner.frame) == 1)
        dtls_handle_message(runner.ctx, &runner.address, runner.frame.data,
                            (int)runner.frame.number);
    runner_end(1, why);
}

TEST(sessions_that_should_and_should_not_be_resumed)
{
    session_in_vain("-async", "the session was not resumed");
    session_in_vain("-on-resume-expect-session-miss", "a session was resumed");
}

TEST(question_for_a_handshaker)
{
    char command[512], answer[16] = "";
    const char *build = getenv("BUILD");
    snprintf(command, sizeof command, "%s/tests/shim/shim -is-handshaker-supported",
             build ? build : "build");
    FILE *shim = popen(command, "r");
    CHECK(shim && fgets(answer, sizeof answer, shim));
    CHECK_STR(answer, "No\n");
    CHECK_EQ(pclose(shim), 0);
}

TEST(first_timer_changes_while_it_runs)
{
    START_CLIENT(ONLY(DTLS12));
    runner_next_frame(FRAME_PACKET);
    runner_step(100);
    CHECK(frame_send(runner.fd, FRAME_TIMER, 2 * TIMER_MS));
    runner_expect(MS(2 * TIMER_MS - 100));
    runner_step(2 * TIMER_MS - 100);
    runner_next_frame(FRAME_PACKET);
    runner_expect(MS(4 * TIMER_MS));
    CHECK(frame_send(runner.fd, FRAME_TIMER, TIMER_MS / 2));
    runner_expect(MS(TIMER_MS));
    runner_end(1, "");
}

TEST(what_the_shim_cannot_do)
{
    static const char *const flags[][5] = {
        {"-no-such-flag"},           {"-psk"},
        {"-curves", "4588"},         {"-mtu", "many"},
        {"-max-version", "65279"},   {"-no-tls12", "-no-tls13"},
        {"-min-version", "unknown"}, {"-psk-is-hex", "-psk", "0g"},
        {"-on-resume-no-such-flag"}, {"-on-resume-no-tls13"},
    };
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        runner_spawn(flags[i], AF_INET);
        runner_check_exit(89, "");
    }
}

TEST(runner_goes_away)
{
    START_CLIENT(ONLY(DTLS12));
    runner_next_frame(FRAME_PACKET);
    runner_end(1, "the runner has gone");
}

TEST(not_a_frame)
{
    START_CLIENT(ONLY(DTLS12));
    CHECK_EQ(send(runner.fd, "?", 1, 0), 1);
    runner_end(1, "not a frame");
}

/* Returns whether a pattern of config.json excludes this test. */
static bool is_disabled(const char *test)
{
    char line[512], pattern[128];
    bool in_list = false, found = false;
    FILE *config = fopen("tests/shim/config.json", "r");
    CHECK(config);
    while (fgets(line, sizeof line, config)) {
        in_list = (in_list || strstr(line, "DisabledTests")) && !strchr(line, '}');
        if (in_list && sscanf(line, " \"%127[^\"]\": \"", pattern) == 1)
            found |= fnmatch(pattern, test, 0) == 0;
    }
    fclose(config);
    return found;
}

TEST(disabled_tests_are_no_more_than_those_with_the_reason)
{
    static const char *const kinds[] = {"Basic", "FinishedTimeout", "NoImplictACKFinished",
                                        "ACKPostHandshake"};
    char name[128];
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        snprintf(name, sizeof name, "DTLS-Retransmit-Client-%s-TLS13", kinds[i]);
        NOTE("%s", name);
        CHECK(!is_disabled(name));
    }
    CHECK(is_disabled("DTLS-Retransmit-Client-TLS13"));
    CHECK(is_disabled("DTLS-Retransmit-Client-TLS13-Short"));
    CHECK(!is_disabled("DTLS-Retransmit-Server-ACKEverything-TLS13"));
}

/* A name in config.json that the library no longer has would match nothing. */
static bool is_name(const char *name)
{
    bool found = false;
    for (int i = 0; i < DTLS_ERR_COUNT; i++)
        found |= strcmp(dtls_error_name((dtls_error_t)i), name) == 0;
    return found || strcmp(name, dtls_drop_name(DTLS_DROP_BAD_HELLO)) == 0;
}

TEST(config_maps_to_names_of_the_library)
{
    char line[512], name[64];
    size_t count = 0;
    FILE *config = fopen("tests/shim/config.json", "r");
    CHECK(config);
    while (fgets(line, sizeof line, config))
        for (const char *at = line; (at = strstr(at, "\"dtls:")) != NULL; at++) {
            CHECK_EQ(sscanf(at, "\"dtls:%63[a-z-]", name), 1);
            NOTE("%s", name);
            CHECK(is_name(name));
            count++;
        }
    fclose(config);
    CHECK(count > 0);
}
