/*
 * psk.h - where keys come from: --psk, the environment, the terminal.
 */
#ifndef PSK_H
#define PSK_H

#include "keyring.h"
#include "options.h"

struct psk {
    struct keyring ring;
    char source[128]; /* "file dev.psk", for messages */
    bool fresh;       /* made by us: the other side does not know it yet */
};

/* Fills psk and, for a client, leaves the one credential to use. 0, or an exit code after having
 * said what is wrong. Nothing has touched the network until then. */
int psk_load(struct psk *psk, const struct options *options);

/* Shows a fresh key, and what to type on the other side. */
void psk_show_fresh(const struct psk *psk, const char *host, uint16_t port);

/* Says with -v how the keys were read. */
void psk_describe(const struct psk *psk);

#endif
