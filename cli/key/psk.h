/*
 * psk.h - loads keys from --psk, from the environment or from the terminal.
 */
#ifndef PSK_H
#define PSK_H

#include <limits.h>

#include "key/keyring.h"
#include "options/options.h"

struct psk {
    const struct options *options;
    struct keyring ring;
    char source[128];    /* for error lines, for example "file dev.psk" */
    bool chosen;         /* the keyring has only the identity of --identity or the default one */
    bool fresh;          /* we have generated the key: the peer does not have it yet */
    char path[PATH_MAX]; /* of the key file; empty if the keys are not from a file */
};

/* Loads the keys. For a client, removes all credentials but the one to use. Call it before any use
 * of the network. Returns 0, or an exit code after reporting the error. */
int psk_load(struct psk *psk, const struct options *options);

/* True for a listener with -k and a key file. */
bool psk_can_reload(const struct psk *psk, const struct options *options);
/* Loads the key file again. After an error, which is reported, the old keys remain in use. */
void psk_reload(struct psk *psk, const struct options *options);

/* Reports the source and the form of the keys, for -v. */
void psk_describe(const struct psk *psk);

#endif
