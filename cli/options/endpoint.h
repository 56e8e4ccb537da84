/*
 * endpoint.h - host and port in one word: HOST:PORT, [ADDRESS]:PORT, coaps://HOST and coaps://HOST:PORT.
 */
#ifndef ENDPOINT_H
#define ENDPOINT_H

#define ENDPOINT_BYTES 1100 /* a host as getaddrinfo(3) takes it, a scheme and a port */

struct endpoint {
    char text[ENDPOINT_BYTES]; /* what the others point to */
    char *host;                /* not empty */
    const char *port;          /* NULL: the word has none; then */
    const char *default_port;  /* that of its scheme, NULL: it has none */
};

/* NULL, or what is wrong: the end of a sentence that begins with the word. */
const char *endpoint_split(struct endpoint *endpoint, const char *word);

#endif
