/*
 * hostport.h - splits an argument into host and port: HOST, HOST:PORT, [ADDRESS]:PORT, coaps://HOST,
 * coaps://HOST:PORT.
 */
#ifndef HOSTPORT_H
#define HOSTPORT_H

#define HOSTPORT_BYTES 1100 /* room for the longest host name (NI_MAXHOST), a scheme and a port */

struct hostport {
    char text[HOSTPORT_BYTES]; /* the storage that host and port point into */
    char *host;                /* not empty */
    const char *port;          /* NULL: the argument contains no port */
    const char *default_port;  /* the port of the scheme; NULL: no scheme */
};

/* Fills in hostport from an argument. Returns NULL, or the error as the end of a sentence that begins with the
 * argument. */
const char *hostport_split(struct hostport *hostport, const char *word);

#endif
