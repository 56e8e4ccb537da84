/* decode_ext.h - shows the extensions of a message. */
#ifndef DECODE_EXT_H
#define DECODE_EXT_H

#include "message/decoder.h"
#include "message/ext.h"

/* Shows the list of extensions, which must be the rest of the message. */
void decode_extensions(decoder_t *d, reader_t *r, ext_place_t place);

#endif
