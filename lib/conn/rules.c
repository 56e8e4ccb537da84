#include "conn/rules.h"

const rules_t rules_dtls12 = {
    .alert_levels = true,
    .renegotiation = true,
    .address_check = CHECK_NONE,
};

const rules_t rules_dtls13 = {
    .acks = true,
    .short_headers = true,
    .type_inside = true,
    .half_close = true,
    .parts_repeated = true,
    .early_data = true,
    .address_check = CHECK_FLIGHT,
};
