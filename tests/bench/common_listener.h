/*
 * common_listener.h - a dtlscat that listens in a process of its own, and what the kernel counts of it.
 */
#ifndef COMMON_LISTENER_H
#define COMMON_LISTENER_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

typedef struct {
    pid_t pid;
    int input, output; /* the other ends of its stdin and stdout */
    struct sockaddr_in address;
} listener_t;

/* The key of all listeners. They accept any identity. */
enum { LISTENER_KEY = 16 };
extern const unsigned char listener_key[LISTENER_KEY + 1];

/* Starts `dtlscat -lk` of this build, or $DTLSCAT, on a free port of 127.0.0.1. more: further arguments,
 * ended by NULL; may be NULL. */
void listener_start(listener_t *listener, const char *const more[]);
/* Reads this number of bytes from its stdout. */
void listener_read(const listener_t *listener, size_t length);
double listener_cpu_us(const listener_t *listener);         /* user and system time until now */
unsigned long listener_wakeups(const listener_t *listener); /* how often it has waited */
unsigned long listener_resident_kb(const listener_t *listener);
void listener_end(listener_t *listener);        /* at once */
void listener_stop(const listener_t *listener); /* lets it close its associations */
bool listener_ended(listener_t *listener);      /* after listener_stop() */

#endif
