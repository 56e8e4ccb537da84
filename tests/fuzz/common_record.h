/* common_record.h - protected records for an AEAD that is the identity. */
#ifndef FUZZ_RECORD_H
#define FUZZ_RECORD_H

#include "fuzz/common_world.h"

/* Sends an end a record from the other end. The input has: the end, the content type, the epoch,
 * the step of the sequence number, the content. */
void record_send(world_t *world, input_t *input);
/* Sends an end a handshake message from the other end. The input has: the end, the type of the
 * message, the epoch, the step of message_seq, the body. */
void send_handshake(world_t *world, input_t *input);

#endif
