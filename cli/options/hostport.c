#include "options/hostport.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define SCHEME "coaps://"
#define SCHEME_PORT "5684" /* the port of coaps (RFC 7252 section 6.2) */

/* Cuts the path off a URI. Returns NULL, or the reason if more than "/" follows the host and
 * port. */
static const char *cut_path(char *rest)
{
    size_t length = strcspn(rest, "/?#");

    if (rest[length] != '\0' && strcmp(rest + length, "/") != 0)
        return "has a path: remove it (dtlscat makes no CoAP requests)";
    rest[length] = '\0';
    return NULL;
}

/* Splits at the colon. Several colons without brackets are an IPv6 address without a port. */
static void split_port(struct hostport *hostport)
{
    char *host = hostport->host;
    char *colon = host[0] == '[' ? strstr(host, "]:") : strchr(host, ':');

    if (colon == NULL)
        return;
    if (host[0] == '[')
        colon++; /* behind the bracket */
    if (strchr(colon + 1, ':') != NULL)
        return;
    *colon = '\0';
    hostport->port = colon + 1;
}

const char *hostport_split(struct hostport *hostport, const char *word)
{
    const char *wrong = NULL;
    size_t length = strlen(word);

    *hostport = (struct hostport){.host = hostport->text};
    if (length >= sizeof hostport->text)
        return "is too long: expected a host name and a port";
    memcpy(hostport->text, word, length);
    bool uri = strncasecmp(word, SCHEME, strlen(SCHEME)) == 0;
    if (!uri && strstr(word, "://") != NULL)
        return "has an unknown scheme: expected HOST PORT, HOST:PORT or coaps://HOST";
    if (uri) {
        hostport->host += strlen(SCHEME);
        hostport->default_port = SCHEME_PORT;
        wrong = cut_path(hostport->host);
    }
    split_port(hostport);
    /* An empty host may come from an empty shell variable. A listener must not take it as "all
     * addresses". */
    return wrong == NULL && hostport->host[0] == '\0'
               ? "has no host: expected HOST PORT, HOST:PORT or coaps://HOST"
               : wrong;
}
