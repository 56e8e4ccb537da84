/*
 * common_runner.h - a runner for the shim. It starts the shim, controls its clock, and is its DTLS
 * peer by means of the library.
 */
#ifndef SHIM_COMMON_RUNNER_H
#define SHIM_COMMON_RUNNER_H

#include "common_frames.h"
#include "test.h"

#include <sys/types.h>

typedef struct {
    int listener, fd, err;
    pid_t shim;
    frame_t frame;
    size_t packets, longest; /* number of the shim's datagrams; bytes of the longest */

    dtls_context_t *ctx;
    const uint16_t *groups; /* read by runner_make_peer(); NULL: all groups */
    size_t group_count;
    session_t address;
    const char *key, *identity;
    dtls_tick_t now;
    bool connected, ended;
    dtls_info_t info; /* from CONNECTED or the end event */
    uint8_t message[64];
    size_t message_length, messages;
    uint64_t data_epoch; /* epoch of the latest application data */
    bool sessions;       /* read by runner_make_peer(): sessions may be resumed */
    uint8_t session[1024];
    size_t session_length; /* of the session of a client; 0: no session */
} runner_t;

extern runner_t runner;

/* Starts the shim with these flags, which end with NULL. Adds -port, -shim-id and -dtls. */
void runner_spawn(const char *const *flags, int family);
/* Accepts the connection of the shim. */
void runner_greet(void);
/* Makes the DTLS peer of the shim: a client if the shim is a server. */
void runner_make_peer(bool client, const char *identity);
/* Calls runner_spawn(), runner_greet() and runner_make_peer() with an empty identity. */
void runner_start(bool shim_is_server, const char *const *flags);

#define KEY "secret"
#define START_CLIENT(...) runner_start(false, (const char *const[]){"-psk", KEY, __VA_ARGS__, NULL})
#define START_SERVER(...)                                                                          \
    runner_start(true, (const char *const[]){"-server", "-psk", KEY, __VA_ARGS__, NULL})

/* Reads the next frame, which must be of this type. */
void runner_next_frame(frame_type_t type);
/* Reads the next frame, which must be a datagram, and passes it to the peer. */
void runner_deliver(void);
/* Advances the clock of the shim by ms. */
void runner_step(uint64_t ms);
void runner_expect(uint64_t ns);
/* Waits until the shim has processed everything that it was sent. */
void runner_settle(void);

/* Makes the peer send its delayed ACK. */
void runner_acknowledge(void);

void runner_shake_hands(void);
void runner_echo(void);

/* Ends the TCP connection, and accepts the next one. The DTLS peer stays. */
void runner_next_connection(void);

/* Waits until a shim that has not connected exits with this status. Its stderr must contain these
 * words. */
void runner_check_exit(int status, const char *words);
/* Does the same for a shim that has connected. */
void runner_end(int status, const char *words);
void runner_close_and_end(void);

#endif
