#include "conn/rules.h"

static const rules_t dtls12 = {
    .alert_levels = true,
    .renegotiation = true,
    .address_check = CHECK_NONE,
};

static const rules_t dtls13 = {
    .acks = true,
    .short_headers = true,
    .type_inside = true,
    .half_close = true,
    .parts_repeated = true,
    .early_data = true,
    .address_check = CHECK_FLIGHT,
};

const rules_t *rules_of(const conn_t *conn)
{
    return conn->v13 ? &dtls13 : &dtls12;
}
