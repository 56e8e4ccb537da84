/*
 * common_runner.h - a runner for the shim: starts it, controls its clock, and is its peer by means
 * of the library.
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
    size_t packets, longest; /* number of datagrams of the shim; bytes of the longest */

    dtls_context_t *ctx;
    const uint16_t *groups; /* read by runner_make_peer(); NULL: all groups */
    size_t group_count;
    session_t address;
    const char *key, *identity;
    dtls_tick_t now;
    bool connected, ended;
    dtls_info_t info; /* when connected, and at the end */
    uint8_t message[64];
    size_t message_length, messages;
    uint64_t data_epoch; /* epoch of the latest application data */
    bool sessions;       /* read by runner_make_peer(): sessions may be resumed */
    uint8_t session[1024];
    size_t session_length; /* of a client; 0: none */
} runner_t;

extern runner_t runner;

/* The flags end with NULL. The function adds -port, -shim-id and -dtls. */
void runner_spawn(const char *const *flags, int family);
/* Accepts the connection of the shim. */
void runner_greet(void);
/* If the shim is a server, the peer is a client. */
void runner_make_peer(bool client, const char *identity);
/* runner_start(), runner_accept() and runner_make_peer(), for an empty identity. */
void runner_start(bool shim_is_server, const char *const *flags);

#define KEY "secret"
#define START_CLIENT(...) runner_start(false, (const char *const[]){"-psk", KEY, __VA_ARGS__, NULL})
#define START_SERVER(...)                                                                          \
    runner_start(true, (const char *const[]){"-server", "-psk", KEY, __VA_ARGS__, NULL})

/* Reads the next frame, which must be of this type. */
void runner_next_frame(frame_type_t type);
/* Reads the next frame, which must be a datagram, and passes it to the peer. */
void runner_deliver(void);
/* Lets the clock of the shim advance. */
void runner_step(uint64_t ms);
void runner_expect(uint64_t ns);
/* Returns when the shim has processed everything sent to it before. */
void runner_settle(void);

/* Makes the peer's pending ACK due. */
void runner_acknowledge(void);

void runner_shake_hands(void);
void runner_echo(void);

/* Ends the connection, and accepts the next one of the shim. The peer stays. */
void runner_next_connection(void);

/* Waits for the end of a shim that has not connected. Its stderr must contain these words. */
void runner_check_exit(int status, const char *words);
/* The same for a shim that has connected. */
void runner_end(int status, const char *words);
void runner_close_and_end(void);

#endif
