/*
 * secretfiles.c - the file of --secrets: which texts are accepted, and what remains of a secret or key on
 * the stack after it was read, made or printed. The descriptor of a ticket file.
 */
#include "common/exit.h"
#include "key/keygen.h"
#include "key/psk.h"
#include "key/secretfile.h"
#include "key/secrets.h"
#include "key/ticketfile.h"
#include "stack.h"

#include "test.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define A "00112233445566778899aabbccddeeff00112233445566778899aabbccddee01"
#define B "00112233445566778899aabbccddeeff00112233445566778899aabbccddee02"

static char path[PATH_MAX], told[1024];

static const char *file_named(const char *name)
{
    const char *directory = getenv("TESTDIR");

    snprintf(path, sizeof path, "%s/%s", directory != NULL ? directory : ".", name);
    unlink(path);
    return path;
}

static void write_file(const char *text, size_t length)
{
    int fd = open(file_named("secrets"), O_WRONLY | O_CREAT | O_TRUNC, 0600);

    CHECK(fd >= 0);
    CHECK_EQ(write(fd, text, length), length);
    close(fd);
}

/* Runs load with stderr in a file, and keeps what it reported in told. */
static int reported(int (*load)(struct secrets *, const char *), struct secrets *secrets)
{
    int saved = dup(STDERR_FILENO);
    FILE *file = tmpfile();

    CHECK(file != NULL);
    fflush(stderr);
    dup2(fileno(file), STDERR_FILENO);
    int code = load(secrets, path);
    fflush(stderr);
    dup2(saved, STDERR_FILENO);
    close(saved);
    rewind(file);
    told[fread(told, 1, sizeof told - 1, file)] = '\0';
    fclose(file);
    return code;
}

static int count_descriptors(void)
{
    int count = 0;

    for (int fd = 0; fd < 64; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

/* ---- parsing -------------------------------------------------------------------------------- */

#define TEXT(string) string, sizeof(string) - 1

TEST(lines_of_secrets)
{
    static const struct {
        const char *text;
        size_t length, count;
    } rows[] = {
        {TEXT(A), 1},
        {TEXT(A "\n"), 1},
        {TEXT(A "\r\n"), 1},
        {TEXT(A "\r\n" B "\r\n"), 2},
        {TEXT("\n\r\n" A "\n\n"), 1},
        {TEXT("# a comment\n#\n" A "\n# " B "\n"), 1},
        {TEXT(A "\n" B "\n" A "\n" B), 4},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct secrets secrets = {.count = 9};
        NOTE("row %zu", i);
        write_file(rows[i].text, rows[i].length);
        int before = count_descriptors();
        CHECK_EQ(secrets_load(&secrets, path), EXIT_DONE);
        CHECK_EQ(count_descriptors(), before);
        CHECK_EQ(secrets.count, rows[i].count);
        CHECK_EQ(secrets.bytes[DTLS_SECRET - 1], 1);
        if (rows[i].count > 1)
            CHECK_EQ(secrets.bytes[2 * DTLS_SECRET - 1], 2);
    }
}

/* A file that is rejected leaves the secrets that are in use. */
TEST(rejected_secrets)
{
    static const struct {
        const char *text;
        size_t length;
        const char *reason;
    } rows[] = {
        {TEXT(""), "has no secret"},
        {TEXT("# " A), "has no secret"},
        {TEXT(A "0"), "line 1: invalid secret of 65 characters: expected 64 hex digits"},
        {TEXT(A "\n\n" A "\r\r\n"), "line 3: invalid secret of 65 characters"},
        {TEXT("g" A), "line 1: invalid secret of 65 characters"},
        {TEXT("\r" A), "line 1: invalid secret of 65 characters"},
        {TEXT(A "\n0"), "line 2: invalid secret of 1 characters"},
        {TEXT(A "\n" A "\n" A "\n" A "\n" A), "has more than 4 secrets"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct secrets secrets = {.bytes = {7}, .count = 1};
        NOTE("row %zu", i);
        write_file(rows[i].text, rows[i].length);
        CHECK_EQ(reported(secrets_load, &secrets), EXIT_USAGE);
        CHECK(strstr(told, rows[i].reason) != NULL);
        CHECK_EQ(secrets.count, 1);
        CHECK_EQ(secrets.bytes[0], 7);
    }
}

/* A pipe brings the text in parts. */
TEST(a_file_in_parts)
{
    char text[8];
    int ends[2];

    CHECK_EQ(pipe2(ends, O_DIRECT), 0); /* one read returns what one write has written */
    CHECK_EQ(write(ends[1], "abc", 3), 3);
    CHECK_EQ(write(ends[1], "de", 2), 2);
    close(ends[1]);
    CHECK_EQ(secretfile_read(ends[0], text, sizeof text), 5);
    CHECK_MEM(text, "abcde", 5);
    close(ends[0]);
}

TEST(files_that_cannot_be_read)
{
    struct secrets secrets = {.count = 0};
    char *large = calloc(1, 5000);

    CHECK(large != NULL);
    memset(large, '\n', 5000);
    write_file(large, 5000);
    free(large);
    CHECK_EQ(reported(secrets_load, &secrets), EXIT_USAGE);
    CHECK(strstr(told, "cannot read secrets from ") != NULL);
    CHECK_EQ(mkfifo(file_named("pipe"), 0600), 0);
    CHECK_EQ(reported(secrets_load, &secrets), EXIT_USAGE);
    CHECK(strstr(told, "expected a regular file") != NULL);
    file_named("none");
    CHECK_EQ(reported(secrets_load, &secrets), EXIT_USAGE);
    CHECK(strstr(told, "cannot open ") != NULL);
}

/* ---- creating ------------------------------------------------------------------------------- */

TEST(a_secret_is_made_and_cleared)
{
    static const struct secrets none;
    struct secrets secrets, other;

    memset(&secrets, 0, sizeof secrets);
    CHECK_EQ(secrets_make(&secrets), EXIT_DONE);
    CHECK_EQ(secrets_make(&other), EXIT_DONE);
    CHECK_EQ(secrets.count, 1);
    CHECK(memcmp(secrets.bytes, other.bytes, DTLS_SECRET) != 0);
    CHECK(memcmp(secrets.bytes + DTLS_SECRET - 8, none.bytes, 8) != 0);
    CHECK_MEM(secrets.bytes + DTLS_SECRET, none.bytes, DTLS_SECRET);
    secrets_clear(&secrets);
    CHECK_MEM(&secrets, &none, sizeof none);
}

TEST(a_new_file_is_complete_and_private)
{
    struct secrets created, loaded;
    struct stat status;

    int before = count_descriptors();
    file_named("new");
    CHECK_EQ(reported(secrets_create, &created), EXIT_DONE);
    CHECK_EQ(count_descriptors(), before);
    CHECK(strstr(told, "created ") != NULL);
    CHECK_EQ(stat(path, &status), 0);
    CHECK_EQ(status.st_size, 2 * DTLS_SECRET + 1);
    CHECK_EQ(status.st_mode & 0777, 0600);
    CHECK_EQ(status.st_nlink, 1);
    CHECK_EQ(reported(secrets_create, &loaded), EXIT_DONE);
    CHECK_STR(told, "");
    CHECK_EQ(loaded.count, 1);
    CHECK_MEM(loaded.bytes, created.bytes, DTLS_SECRET);
}

TEST(a_file_that_cannot_be_created)
{
    struct secrets secrets;

    file_named("none/secrets");
    CHECK_EQ(reported(secrets_create, &secrets), EXIT_IO);
    CHECK(strstr(told, "cannot create ") != NULL);
    CHECK(strstr(told, ": No such file or directory") != NULL);
    memset(path, '/',
           PATH_MAX - 3); /* valid, but one byte too long with the suffix of the new file */
    memcpy(path + PATH_MAX - 8, "none", 5);
    CHECK_EQ(reported(secrets_create, &secrets), EXIT_IO);
    CHECK(strstr(told, ": File name too long") != NULL);
}

/* ---- the stack ------------------------------------------------------------------------------ */

static struct secrets held;
static int result;

static void load(void *unused)
{
    (void)unused;
    result = secrets_load(&held, path);
}

static void create(void *unused)
{
    (void)unused;
    result = secrets_create(&held, path);
}

static void check_nothing_left(const uint8_t *bytes, size_t length)
{
    char hex[2 * DTLS_SECRET + 1];

    for (size_t i = 0; i < length; i++)
        snprintf(hex + 2 * i, 3, "%02x", bytes[i]);
    CHECK_EQ(result, EXIT_DONE);
    CHECK(!stack_holds(bytes, length));
    CHECK(!stack_holds(hex, 2 * length));
}

TEST(secrets_that_were_read_are_not_on_the_stack)
{
    stack_need();
    write_file(TEXT(A "\n"));
    stack_run(load, NULL);
    check_nothing_left(held.bytes, DTLS_SECRET);
}

TEST(secrets_that_were_created_are_not_on_the_stack)
{
    stack_need();
    file_named("wiped");
    stack_run(create, NULL);
    check_nothing_left(held.bytes, DTLS_SECRET);
}

static struct psk psk;
static struct options options;

static void load_key(void *unused)
{
    (void)unused;
    result = psk_load(&psk, &options);
}

/* Loads the key A of a SPEC from each kind of source. */
TEST(keys_that_were_read_are_not_on_the_stack)
{
    char spec[PATH_MAX + 8], inline_spec[] = "hex:" A;

    stack_need();
    write_file(TEXT("name:" A "\n"));
    setenv("KEY", A, 1);
    snprintf(spec, sizeof spec, "file:%s", path);
    static char variable[] = "env:KEY";
    char *const specs[] = {spec, variable, inline_spec};
    for (size_t i = 0; i < sizeof specs / sizeof specs[0]; i++) {
        NOTE("%s", specs[i]);
        options = (struct options){.psk = specs[i], .net.host = "localhost"};
        stack_run(load_key, NULL);
        CHECK_EQ(psk.ring.entries[0].key.length, DTLS_SECRET);
        check_nothing_left(psk.ring.entries[0].key.data, DTLS_SECRET);
        keyring_clear(&psk.ring);
    }
}

static void print_key(void *unused)
{
    (void)unused;
    result = keygen_print("name");
}

TEST(a_key_that_was_printed_is_not_on_the_stack)
{
    char line[64];
    uint8_t key[KEYGEN_BYTES];

    stack_need();
    int saved = dup(STDOUT_FILENO);
    fflush(stdout);
    int fd = open(file_named("printed"), O_RDWR | O_CREAT, 0644);
    CHECK_EQ(dup2(fd, STDOUT_FILENO), STDOUT_FILENO);
    stack_run(print_key, NULL);
    dup2(saved, STDOUT_FILENO);
    close(saved);
    CHECK_EQ(pread(fd, line, sizeof line, 0), 5 + 2 * KEYGEN_BYTES + 1);
    close(fd);
    line[5 + 2 * KEYGEN_BYTES] = '\0';
    UNHEX(line + 5, key);
    check_nothing_left(key, sizeof key);
}

static void show_key(void *key)
{
    keygen_show(key, "localhost", 5684);
    result = EXIT_DONE;
}

TEST(a_key_that_was_shown_is_not_on_the_stack)
{
    uint8_t key[KEYGEN_BYTES] = "0123456789abcde";

    stack_need();
    stack_run(show_key, key);
    check_nothing_left(key, sizeof key);
}

/* ---- ticket files --------------------------------------------------------------------------- */

TEST(a_ticket_file_is_closed)
{
    static struct ticketfile file;
    static const uint8_t ticket[] = "a ticket and its secrets";
    int before = count_descriptors();

    file_named("ticket");
    file.fd = -1;
    CHECK_EQ(ticketfile_load(&file, path, (const uint8_t *)"me", 2), EXIT_DONE);
    ticketfile_store(&file, ticket, sizeof ticket);
    CHECK_EQ(count_descriptors(), before);
    CHECK_EQ(ticketfile_load(&file, path, (const uint8_t *)"me", 2), EXIT_DONE);
    CHECK_EQ(file.length, sizeof ticket);
    CHECK_MEM(file.state, ticket, sizeof ticket);
    CHECK_EQ(count_descriptors(), before + 1);
    ticketfile_clear(&file);
    CHECK_EQ(file.fd, -1);
    CHECK_EQ(count_descriptors(), before);
}
