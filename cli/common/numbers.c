#include "common/numbers.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_DIGITS 9 /* limit for an integer, which has to fit a long of 32 bits */
#define MAX_SIZE 1e12
#define MAX_SIZE_DIGITS 13
#define MAX_MS 1e9 /* longest time in milliseconds: 11 days */

bool parse_number(const char *text, unsigned long low, unsigned long high, unsigned long *number)
{
    size_t digits = strspn(text, "0123456789");

    if (digits == 0 || digits > MAX_DIGITS || text[digits] != '\0')
        return false;
    *number = strtoul(text, NULL, 10);
    return *number >= low && *number <= high;
}

/* Returns the length of a unit in milliseconds, or 0 if the unit is unknown. */
static double unit_ms(const char *unit, double bare_ms)
{
    static const struct {
        const char *name;
        double ms;
    } units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}};

    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (strcmp(unit, units[i].name) == 0)
            return units[i].ms;
    return unit[0] == '\0' ? bare_ms : 0;
}

bool parse_time(const char *text, unsigned bare_ms, int64_t *ms)
{
    size_t digits = strspn(text, "0123456789.");
    double unit = unit_ms(text + digits, bare_ms);
    char *end;

    if (strcspn(text, "0123456789") >= digits || unit == 0)
        return false;
    double exact = strtod(text, &end) * unit;
    if (end != text + digits || exact > MAX_MS)
        return false;
    *ms = (int64_t)exact;
    *ms += (double)*ms < exact;
    return true;
}

bool parse_size(const char *text, uint64_t *size)
{
    static const char units[] = "kMG";
    size_t digits = strspn(text, "0123456789.");
    const char *unit = text[digits] != '\0' ? strchr(units, text[digits]) : NULL;
    char *end;
    double factor = 1;

    if (strcspn(text, "0123456789") >= digits || digits > MAX_SIZE_DIGITS ||
        (text[digits] != '\0' && (unit == NULL || text[digits + 1] != '\0')))
        return false;
    for (const char *step = units; unit != NULL && step <= unit; step++)
        factor *= 1000;
    double exact = strtod(text, &end) * factor;
    if (end != text + digits || exact > MAX_SIZE)
        return false;
    *size = (uint64_t)exact;
    return true;
}

bool parse_percent(const char *text, double *percent)
{
    size_t digits = strspn(text, "0123456789.");
    char *end;

    if (strcspn(text, "0123456789") >= digits || strcmp(text + digits, "%") != 0)
        return false;
    *percent = strtod(text, &end);
    return end == text + digits && *percent <= 100;
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

const char *show_amount(char text[AMOUNT_MAX], uint64_t bytes)
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
    double amount = (double)bytes;
    size_t unit = 0;

    for (; amount >= 999.95 && unit + 1 < sizeof units / sizeof units[0]; unit++)
        amount /= 1000;
    snprintf(text, AMOUNT_MAX, unit == 0 ? "%.0f %s" : "%.1f %s", amount, units[unit]);
    return text;
}
