/*
 * endpoint.h - host and port in one word: HOST:PORT, [ADDRESS]:PORT, coaps://HOST and coaps://HOST:PORT.
 */
#ifndef ENDPOINT_H
#define ENDPOINT_H

struct endpoint {
    char *host;               /* empty before a leading colon; stays allocated */
    const char *port;         /* NULL: the word has none; then */
    const char *default_port; /* that of its scheme, NULL: it has none */
};

/* NULL, or what is wrong: the end of a sentence that begins with the word. */
const char *endpoint_split(struct endpoint *endpoint, const char *word);

#endif
