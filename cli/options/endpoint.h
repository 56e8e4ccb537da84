/*
 * endpoint.h - splits an argument into host and port: HOST, HOST:PORT, [ADDRESS]:PORT, coaps://HOST,
 * coaps://HOST:PORT.
 */
#ifndef ENDPOINT_H
#define ENDPOINT_H

#define ENDPOINT_BYTES 1100 /* room for the longest host name (NI_MAXHOST), a scheme and a port */

struct endpoint {
    char text[ENDPOINT_BYTES]; /* the storage that host and port point into */
    char *host;                /* not empty */
    const char *port;          /* NULL: the argument contains no port */
    const char *default_port;  /* the port of the scheme; NULL: no scheme */
};

/* Fills in endpoint from an argument. Returns NULL, or the error as the end of a sentence that begins with the
 * argument. */
const char *endpoint_split(struct endpoint *endpoint, const char *word);

#endif
