/*
 * mismatch.h - what both sides offer, for the error line of a handshake that found nothing in common.
 */
#ifndef MISMATCH_H
#define MISMATCH_H

#include "options/options.h"

#define MISMATCH_MAX 800

/* Writes what the peer offers and what this side allows, as a part of a sentence that begins with ": ". hello is the
 * ClientHello of the peer; NULL for a client, which knows only its own offer. Writes an empty text if nothing in it
 * explains the error. Returns text. */
const char *mismatch_text(char text[MISMATCH_MAX], const struct options *options,
                          const dtls_info_t *info, const dtls_message_t *hello);

#endif
