/*
 * keygen.h - generates keys, for --keygen and for a listener without a key.
 */
#ifndef KEYGEN_H
#define KEYGEN_H

#include <stdbool.h>
#include <stdint.h>

#define KEYGEN_BYTES 16

/* Generates a random key. Returns false after reporting that the system returned no random bytes.
 * */
bool keygen_make(uint8_t key[KEYGEN_BYTES]);

/* --keygen: prints a new key on stdout, as a line IDENTITY:KEY of a key file. If identity is NULL,
 * prints the key alone. Returns 0, or an exit code after reporting the error. */
int keygen_print(const char *identity);

/* Reports a key, and the command to type on the client. */
void keygen_show(const uint8_t key[KEYGEN_BYTES], const char *host, uint16_t port);

#endif
