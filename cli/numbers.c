#include "numbers.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#define MAX_DIGITS 9 /* never more than a long holds */
#define MAX_SECONDS 1000000

bool parse_number(const char *text, unsigned long low, unsigned long high, unsigned long *number)
{
    size_t digits = strspn(text, "0123456789");

    if (digits == 0 || digits > MAX_DIGITS || text[digits] != '\0')
        return false;
    *number = strtoul(text, NULL, 10);
    return *number >= low && *number <= high;
}

bool parse_seconds(const char *text, int64_t *ms)
{
    char *end;

    if (strspn(text, "0123456789.") != strlen(text) || strpbrk(text, "0123456789") == NULL)
        return false;
    double seconds = strtod(text, &end);
    if (*end != '\0' || seconds > MAX_SECONDS)
        return false;
    *ms = (int64_t)(seconds * 1000);
    *ms += (double)*ms < seconds * 1000;
    return true;
}

bool parse_port(const char *text, unsigned long least, bool names, uint16_t *port)
{
    unsigned long number;

    if (parse_number(text, least, 65535, &number)) {
        *port = (uint16_t)number;
        return true;
    }
    if (!names || strspn(text, "0123456789") == strlen(text))
        return false;
    const struct servent *service = getservbyname(text, "udp");
    if (service == NULL)
        return false;
    *port = ntohs((uint16_t)service->s_port);
    return true;
}
