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

#define KEYLOG_LINE_MAX 512
/* Writes a secret as a line in the format of SSLKEYLOGFILE. Returns its length, or 0 if the secret
 * is too long. */
size_t keylog_line(char line[KEYLOG_LINE_MAX], const char *label, const uint8_t *client_random,
                   const uint8_t *secret, size_t secret_length);
/* Appends a line to the key log. */
void keylog_write(struct keylog *log, const char *line, size_t length);

#endif
