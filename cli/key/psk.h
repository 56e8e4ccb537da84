/*
 * psk.h - where keys come from: --psk, the environment, the terminal.
 */
#ifndef PSK_H
#define PSK_H

#include <limits.h>

#include "key/keyring.h"
#include "options/options.h"

struct psk {
    const struct options *options;
    struct keyring ring;
    char source[128];    /* "file dev.psk", for messages */
    bool chosen;         /* one identity alone, by --identity */
    bool fresh;          /* made by us: the other side does not know it yet */
    char path[PATH_MAX]; /* of the file that they are from; empty: none */
};

/* Fills psk and, for a client, leaves the one credential to use. 0, or an exit code after having
 * said what is wrong. Nothing has touched the network until then. */
int psk_load(struct psk *psk, const struct options *options);

/* Whether the keys of a listener can be read again; and does so: what is wrong with them is said, and leaves
 * them as they were. */
bool psk_can_reload(const struct psk *psk, const struct options *options);
void psk_reload(struct psk *psk, const struct options *options);

/* Says with -v how the keys were read. */
void psk_describe(const struct psk *psk);

#endif
