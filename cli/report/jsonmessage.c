#include "report/jsonmessage.h"

#include <string.h>

#include "common/utf8.h"

#define DEPTH_MAX 32 /* the decoder opens fewer lists and objects inside each other */

struct fields {
    struct json_writer *writer;
    bool list[DEPTH_MAX]; /* for each open list or object: it is a list */
    size_t depth;
};

static void put_code(struct json_writer *writer, const dtls_field_t *field)
{
    if (field->text == NULL)
        json_code(writer, field->name, "", field->number);
    else if (strcmp(field->text, "GREASE") == 0)
        json_code(writer, field->name, "GREASE ", field->number);
    else
        json_string(writer, field->name, field->text);
}

/* Writes the length in place of the bytes. */
static void put_length(struct json_writer *writer, const dtls_field_t *field)
{
    if (field->name != NULL) {
        json_number_of(writer, field->name, "_length", field->length);
        return;
    }
    json_begin_object(writer, NULL);
    json_number(writer, "length", field->length);
    json_end_object(writer);
}

/* The identity in pre_shared_key may be a ticket, which is not shown. */
static void put_text(struct json_writer *writer, const dtls_field_t *field)
{
    bool hidden = field->name == NULL || strcmp(field->name, "identity") == 0;

    if (hidden && !utf8_is_valid(field->data, field->length))
        put_length(writer, field);
    else if (field->name != NULL)
        json_text(writer, field->name, field->data, field->length);
    else
        json_bytes(writer, NULL, field->data, field->length);
}

static void begin(struct fields *fields, const dtls_field_t *field)
{
    bool list = field->kind == DTLS_FIELD_LIST;

    if (fields->depth < DEPTH_MAX)
        fields->list[fields->depth] = list;
    fields->depth++;
    if (list)
        json_begin_array(fields->writer, field->name);
    else
        json_begin_object(fields->writer, field->name);
}

static void end(struct fields *fields)
{
    fields->depth--;
    if (fields->depth < DEPTH_MAX && fields->list[fields->depth])
        json_end_array(fields->writer);
    else
        json_end_object(fields->writer);
}

/* In a list, what has a name is an object of its own. */
static void put_malformed(struct fields *fields, const dtls_field_t *field)
{
    bool in_list = fields->depth > 0 && fields->list[fields->depth - 1];

    if (in_list)
        json_begin_object(fields->writer, NULL);
    json_number(fields->writer, "malformed_at", field->number);
    if (in_list)
        json_end_object(fields->writer);
}

static void on_field(void *arg, const dtls_field_t *field)
{
    struct fields *fields = arg;

    switch (field->kind) {
    case DTLS_FIELD_NUMBER: json_number(fields->writer, field->name, field->number); break;
    case DTLS_FIELD_CODE: put_code(fields->writer, field); break;
    case DTLS_FIELD_TEXT: put_text(fields->writer, field); break;
    case DTLS_FIELD_BYTES: json_hex(fields->writer, field->name, field->data, field->length); break;
    case DTLS_FIELD_OPAQUE: put_length(fields->writer, field); break;
    case DTLS_FIELD_LIST:
    case DTLS_FIELD_OBJECT: begin(fields, field); break;
    case DTLS_FIELD_END: end(fields); break;
    case DTLS_FIELD_MALFORMED: put_malformed(fields, field); break;
    }
}

void jsonmessage_fields(struct json_writer *writer, const dtls_trace_t *event)
{
    struct fields fields = {.writer = writer};
    const dtls_message_t message = {.msg_type = event->msg_type,
                                    .version = event->version,
                                    .suite = event->suite,
                                    .body = event->message,
                                    .length = event->msg_length};

    json_begin_object(writer, "fields");
    dtls_decode_message(&message, on_field, &fields);
    json_end_object(writer);
}
