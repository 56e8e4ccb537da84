/* write.h - the update of keys by the calls that send application data. */
#ifndef WRITE_H
#define WRITE_H

#include "conn/state.h"

/* Returns true if the keys with which we send must be updated now, so that the new keys are in use
 * before the old keys reach their limit. */
bool write_keys_are_old(const conn_t *conn);
/* Updates the keys with which we send, if write_keys_are_old() and no update is in progress. */
void write_renew_keys(conn_t *conn);

#endif
