/* codes.h - the IANA names of the numbers in handshake messages, for the display of messages. The
 * tables have more than this library supports, because a trace also shows what a peer offers. */
#ifndef CODES_H
#define CODES_H

#include <stdint.h>

/* Each function returns NULL for a number without a name in the table. A GREASE number (RFC 8701)
 * has the name "GREASE" where the registry reserves such numbers. */
const char *code_suite(uint16_t suite);
const char *code_group(uint16_t group);
const char *code_extension(uint16_t type);
const char *code_signature(uint16_t scheme);
const char *code_version(uint16_t version);
const char *code_psk_mode(uint16_t mode);
const char *code_point_format(uint16_t format);
const char *code_certificate_type(uint16_t type);

#endif
