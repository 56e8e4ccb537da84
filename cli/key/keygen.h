/*
 * keygen.h - generates keys for --keygen, and for a listener that is given no key.
 */
#ifndef KEYGEN_H
#define KEYGEN_H

#include <stdbool.h>
#include <stdint.h>

#define KEYGEN_BYTES 16

/* Generates a random key. Returns false after reporting that the system has no random bytes. */
bool keygen_make(uint8_t key[KEYGEN_BYTES]);

/* Prints a new key on stdout, for --keygen. If identity is not NULL, prints a line IDENTITY:KEY of
 * a key file. Returns 0, or an exit code after reporting the error. */
int keygen_print(const char *identity);

/* Shows a new key on stderr, and the command to type on the client. */
void keygen_show(const uint8_t key[KEYGEN_BYTES], const char *host, uint16_t port);

#endif
