/*
 * common_runner.h - a runner for the shim: starts it, moves its clock, and is its peer by means of the
 * library.
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
    size_t packets, longest; /* of the shim */

    dtls_context_t *ctx;
    const uint16_t *groups; /* read by runner_make_peer(); NULL: all */
    size_t group_count;
    session_t address;
    const char *key, *identity;
    dtls_tick_t now;
    bool connected, ended;
    dtls_info_t info; /* when connected, and at the end */
    uint8_t message[64];
    size_t message_length, messages;
    uint64_t data_epoch; /* of the latest application data */
    bool sessions;       /* read by runner_make_peer(): they may be resumed */
    uint8_t session[1024];
    size_t session_length; /* of a client; 0: none */
} runner_t;

extern runner_t runner;

/* The flags end with NULL; -port, -shim-id and -dtls come by themselves. */
void runner_spawn(const char *const *flags, int family);
/* Takes the connection of the shim. */
void runner_greet(void);
/* With the shim as a server the peer is a client. */
void runner_make_peer(bool client, const char *identity);
/* All three, for an empty identity. */
void runner_start(bool shim_is_server, const char *const *flags);

#define KEY "secret"
#define START_CLIENT(...) runner_start(false, (const char *const[]){"-psk", KEY, __VA_ARGS__, NULL})
#define START_SERVER(...)                                                                          \
    runner_start(true, (const char *const[]){"-server", "-psk", KEY, __VA_ARGS__, NULL})

/* The next frame is one of these. */
void runner_next_frame(frame_type_t type);
/* The next frame is a packet, for the peer. */
void runner_deliver(void);
/* Lets the clock of the shim go on. */
void runner_step(uint64_t ms);
void runner_expect(uint64_t ns);
/* When it returns, all has been answered that was sent before it. */
void runner_settle(void);

/* The peer's ACK of what has come falls due. */
void runner_acknowledge(void);

void runner_shake_hands(void);
void runner_echo(void);

/* Ends the connection, and takes the next one of the shim; the peer stays. */
void runner_next_connection(void);

/* Waits for the end of a shim that has not connected, and for these words on its stderr. */
void runner_check_exit(int status, const char *words);
/* The same for one that has. */
void runner_end(int status, const char *words);
void runner_close_and_end(void);

#endif
