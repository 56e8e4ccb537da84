/*
 * psk.h - loads the keys from the source that --psk names. Without --psk the source is the
 * environment or the terminal.
 */
#ifndef PSK_H
#define PSK_H

#include <limits.h>

#include "key/keyring.h"
#include "options/options.h"

struct psk {
    const struct options *options;
    struct keyring ring;
    char source[128]; /* where the keys are from, for error lines: for example "file dev.psk" */
    /* the keyring has only one credential: that of --identity, or of the default identity */
    bool chosen;
    bool fresh;          /* the key was generated in this run, so the peer does not have it yet */
    char path[PATH_MAX]; /* path of the key file; empty if the keys are not from a file */
};

/* Loads the keys. For a client, keeps only the credential that it uses. Call this before the
 * network is used. Returns 0, or an exit code after reporting the error. */
int psk_load(struct psk *psk, const struct options *options);

/* Returns true for a listener with -k and a key file. */
bool psk_can_reload(const struct psk *psk, const struct options *options);
/* Loads the key file again. If that fails, reports the error and returns false, and the old keys
 * remain in use. */
bool psk_reload(struct psk *psk, const struct options *options);

/* Reports where the keys are from and how they were decoded, for -v. */
void psk_describe(const struct psk *psk);

#endif
