/*
 * capture.h - writes a pcapng capture of all datagrams with their secrets (--pcap).
 *
 * A datagram is written when the next one follows, or when the loop waits, since what happened to
 * it is added as comments. If the capture is a pipe whose reader has stopped, the loop does not wait
 * for it: the capture is queued in memory, and what does not fit is lost.
 */
#ifndef CAPTURE_H
#define CAPTURE_H

#include "net/datagram.h"
#include "options/options.h"

struct capture;

/* Opens the file of --pcap, if the option is given; otherwise sets *capture to NULL. The socket of
 * `net` may be opened later. Returns 0, or an exit code after reporting the error. */
int capture_open(struct capture **capture, const struct options *options, const struct net *net);
/* Writes what is left, and waits a moment for the reader of a pipe. capture may be NULL here and in
 * capture_flush(), capture_fd() and capture_has_failed(). */
void capture_close(struct capture *capture);

/* Handles an event of the library's trace. */
void capture_event(struct capture *capture, const dtls_trace_t *event);
/* Adds a line of a key log. It is stored before the current datagram, which may need the secret. */
void capture_secret(struct capture *capture, const char *line, size_t length);

/* Writes the current datagram. Call this before every wait. */
void capture_flush(struct capture *capture);
/* Returns the descriptor that has to accept more before capture_flush() can write on, or -1. */
int capture_fd(const struct capture *capture);
/* Returns true if the file could not be written. */
bool capture_has_failed(const struct capture *capture);

#endif
