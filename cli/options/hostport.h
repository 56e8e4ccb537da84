/*
 * hostport.h - splits an argument into host and port. The forms are HOST, HOST:PORT,
 * [ADDRESS]:PORT, coaps://HOST and coaps://HOST:PORT.
 */
#ifndef HOSTPORT_H
#define HOSTPORT_H

#define HOSTPORT_BYTES 1100 /* fits the longest host name (NI_MAXHOST), a scheme and a port */

struct hostport {
    char text[HOSTPORT_BYTES]; /* a copy of the argument; host and port point into it */
    char *host;                /* the host name or address; never an empty string */
    const char *port;          /* NULL: the argument has no port */
    const char *default_port;  /* the port of coaps://; NULL: the argument has no scheme */
};

/* Splits an argument. Returns NULL on success. Otherwise returns the reason, as in "has no host":
 * the error line is the argument and this reason. */
const char *hostport_split(struct hostport *hostport, const char *word);

#endif
