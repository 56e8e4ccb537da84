/* protected.h - receiving records that are protected by keys. */
#ifndef PROTECTED_H
#define PROTECTED_H

#include "api/source.h"

/* Finds the association of a record, decrypts the record, and calls the function that handles its
 * content. */
void receive_protected(source_t *from, record_t *record);

#endif
