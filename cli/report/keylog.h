/*
 * keylog.h - the key log for decoders such as Wireshark (--keylog, $SSLKEYLOGFILE).
 */
#ifndef KEYLOG_H
#define KEYLOG_H

#include "options/options.h"

struct keylog {
    int fd; /* -1: no key log */
    bool is_file;
    bool failed; /* an error of writing was reported already */
};

/* Opens the key log of --keylog or $SSLKEYLOGFILE, if one is given. Returns 0, or an exit code
 * after reporting that the file of --keylog cannot be written. */
int keylog_open(struct keylog *log, const struct options *options);
void keylog_close(struct keylog *log);

/* Appends a secret, in the format of SSLKEYLOGFILE. */
void keylog_write(struct keylog *log, const char *label, const uint8_t *client_random,
                  const uint8_t *secret, size_t secret_length);

#endif
