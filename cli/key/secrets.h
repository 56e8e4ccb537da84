/*
 * secrets.h - the secrets from which a listener derives the keys of its cookies and tickets. With
 * the file of --secrets several listeners share them: each accepts the cookies and tickets of the
 * others. The file has one secret per line, as 64 hex digits. New cookies and tickets are made
 * with the first secret.
 */
#ifndef SECRETS_FILE_H
#define SECRETS_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dtls.h"

struct secrets {
    uint8_t bytes[DTLS_MAX_SECRETS * DTLS_SECRET];
    size_t count; /* number of secrets; 0: the library makes its own */
};

/* Makes one random secret. Returns 0, or an exit code after reporting the error. */
int secrets_make(struct secrets *secrets);
/* Creates the file with a random secret if it does not exist, and reports that. Then loads it as
 * secrets_load() does. */
int secrets_create(struct secrets *secrets, const char *path);
/* Loads the file. Returns 0, or an exit code after reporting the error; then *secrets is
 * unchanged. */
int secrets_load(struct secrets *secrets, const char *path);
/* Reports how many secrets the file has. */
void secrets_describe(const struct secrets *secrets, const char *path);
/* Wipes the secrets: afterwards there are none. */
void secrets_clear(struct secrets *secrets);

#endif
