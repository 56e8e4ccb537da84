#include "key/tag.h"

#include <string.h>
#include <strings.h>

static const struct {
    const char *tag, *name;
} forms[KEY_FORM_COUNT] = {
    [KEY_HEX] = {"hex:", "hex"},
    [KEY_TEXT] = {"text:", "text"},
    [KEY_B64] = {"b64:", "base64"},
};

const char *key_form_name(enum key_form form)
{
    return forms[form].name;
}

size_t tag_length(enum key_form form)
{
    return strlen(forms[form].tag);
}

enum key_form tag_find(const char *text, size_t length)
{
    for (unsigned form = 0; form < KEY_FORM_COUNT; form++) {
        size_t tag = strlen(forms[form].tag);
        if (length >= tag && memcmp(text, forms[form].tag, tag) == 0)
            return (enum key_form)form;
    }
    return KEY_FORM_COUNT;
}

bool tag_skips(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool key_is_tagged(const char *text, size_t length)
{
    for (; length > 0 && tag_skips(text[0]); length--)
        text++;
    return tag_find(text, length) != KEY_FORM_COUNT;
}

bool tag_is_wrong(const char *text, size_t length)
{
    static const char *const tags[] = {"hex:", "text:", "b64:", "base64:"};

    if (key_is_tagged(text, length))
        return false;
    for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++)
        if (length >= strlen(tags[i]) && strncasecmp(text, tags[i], strlen(tags[i])) == 0)
            return true;
    return false;
}
