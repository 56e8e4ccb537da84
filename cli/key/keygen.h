/*
 * keygen.h - new keys: made, printed by --keygen, shown by a listener.
 */
#ifndef KEYGEN_H
#define KEYGEN_H

#include <stdbool.h>
#include <stdint.h>

#define KEYGEN_BYTES 16

/* False: the system gave no random bytes, which is reported. */
bool keygen_make(uint8_t key[KEYGEN_BYTES]);

/* --keygen: prints a new key on stdout, as a line of a key file. identity NULL: the key alone. Returns 0, or an
 * exit code. */
int keygen_print(const char *identity);

/* Shows a key on stderr, and what to type on the other side. */
void keygen_show(const uint8_t key[KEYGEN_BYTES], const char *host, uint16_t port);

#endif
