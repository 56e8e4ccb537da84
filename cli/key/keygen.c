#include "key/keygen.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/exit.h"
#include "common/hex.h"
#include "common/report.h"
#include "key/secretfile.h"
#include "key/tag.h"

bool keygen_make(uint8_t key[KEYGEN_BYTES])
{
    bool good = getrandom(key, KEYGEN_BYTES, 0) == KEYGEN_BYTES;

    if (!good)
        report("cannot generate a key: %s", strerror(errno));
    return good;
}

/* An empty file on stdout has just been created by the shell for the key: make it private. */
static void make_private(int fd)
{
    struct stat status;

    if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size == 0)
        fchmod(fd, 0600);
}

/* Returns false if a key file must have this identity as #HEX. As plain text, the line could be
 * parsed as a comment or as a key with a tag, or be split at another colon. */
static bool is_plain(const char *identity)
{
    char tag[16];

    snprintf(tag, sizeof tag, "%s:", identity);
    for (const char *p = identity; *p != '\0'; p++)
        if (!isgraph((unsigned char)*p) || strchr(":\"'", *p) != NULL)
            return false;
    return identity[0] != '#' && !key_is_tagged(tag, strlen(tag)) &&
           !tag_is_wrong(tag, strlen(tag));
}

static void print_identity(const char *identity)
{
    if (is_plain(identity)) {
        printf("%s:", identity);
        return;
    }
    putchar('#');
    for (const char *p = identity; *p != '\0'; p++)
        printf("%02x", (unsigned char)*p);
    putchar(':');
}

int keygen_print(const char *identity)
{
    uint8_t key[KEYGEN_BYTES];
    char hex[2 * KEYGEN_BYTES + 1];

    if (!keygen_make(key))
        return EXIT_IO;
    make_private(STDOUT_FILENO);
    if (identity != NULL)
        print_identity(identity);
    fputs(hex_encode(hex, key, sizeof key), stdout); /* printf(3) may leave a copy on the stack */
    putchar('\n');
    explicit_bzero(key, sizeof key);
    explicit_bzero(hex, sizeof hex);
    if (fflush(stdout) != 0) {
        report("cannot write to stdout: %s", strerror(errno));
        return EXIT_IO;
    }
    secretfile_is_private_or("the file on stdout", STDOUT_FILENO, "change its mode to 600");
    return EXIT_DONE;
}

void keygen_show(const uint8_t key[KEYGEN_BYTES], const char *host, uint16_t port)
{
    char hex[2 * KEYGEN_BYTES + 1];

    report_secret("new key, shown only once: %s", hex_encode(hex, key, KEYGEN_BYTES));
    report_note("on the other side type: dtlscat %s %u --psk   (prompts for the key)", host, port);
    explicit_bzero(hex, sizeof hex);
}
