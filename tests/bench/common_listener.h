/*
 * common_listener.h - starts a dtlscat that listens in a process of its own, and reads the kernel's counters
 * of that process.
 */
#ifndef COMMON_LISTENER_H
#define COMMON_LISTENER_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

typedef struct {
    pid_t pid;
    int input, output; /* our ends of the pipes that are its stdin and stdout */
    struct sockaddr_in address;
} listener_t;

/* The key of all listeners, for any identity. */
enum { LISTENER_KEY = 16 };
extern const unsigned char listener_key[LISTENER_KEY + 1];

/* Starts `dtlscat -lk` on a free port of 127.0.0.1: $DTLSCAT, or the program of this build. more: further arguments,
 * ended by NULL; NULL: none. */
void listener_start(listener_t *listener, const char *const more[]);
/* Reads this number of bytes from the stdout of the listener. */
void listener_read(const listener_t *listener, size_t length);
double listener_cpu_us(const listener_t *listener);         /* user and system time so far */
unsigned long listener_wakeups(const listener_t *listener); /* how often the process has waited */
unsigned long listener_resident_kb(const listener_t *listener);
void listener_end(listener_t *listener);        /* kills the process */
void listener_stop(const listener_t *listener); /* makes it close its associations */
bool listener_ended(listener_t *listener);      /* call it after listener_stop() */

#endif
