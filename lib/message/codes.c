#include "message/codes.h"

#include "base/iana.h"
#include "crypto/suite.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct {
    uint16_t number;
    const char *name;
} code_t;

/* The suites that this library does not support and that other stacks offer. The supported ones are
 * in crypto/suite.c. */
static const code_t suites[] = {
    {0x002f, "TLS_RSA_WITH_AES_128_CBC_SHA"},
    {0x0033, "TLS_DHE_RSA_WITH_AES_128_CBC_SHA"},
    {0x0035, "TLS_RSA_WITH_AES_256_CBC_SHA"},
    {0x0039, "TLS_DHE_RSA_WITH_AES_256_CBC_SHA"},
    {0x003c, "TLS_RSA_WITH_AES_128_CBC_SHA256"},
    {0x003d, "TLS_RSA_WITH_AES_256_CBC_SHA256"},
    {0x0067, "TLS_DHE_RSA_WITH_AES_128_CBC_SHA256"},
    {0x006b, "TLS_DHE_RSA_WITH_AES_256_CBC_SHA256"},
    {0x008d, "TLS_PSK_WITH_AES_256_CBC_SHA"},
    {0x0090, "TLS_DHE_PSK_WITH_AES_128_CBC_SHA"},
    {0x0091, "TLS_DHE_PSK_WITH_AES_256_CBC_SHA"},
    {0x0094, "TLS_RSA_PSK_WITH_AES_128_CBC_SHA"},
    {0x0095, "TLS_RSA_PSK_WITH_AES_256_CBC_SHA"},
    {0x009c, "TLS_RSA_WITH_AES_128_GCM_SHA256"},
    {0x009d, "TLS_RSA_WITH_AES_256_GCM_SHA384"},
    {0x009e, "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256"},
    {0x009f, "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384"},
    {0x00ac, "TLS_RSA_PSK_WITH_AES_128_GCM_SHA256"},
    {0x00ad, "TLS_RSA_PSK_WITH_AES_256_GCM_SHA384"},
    {0x00af, "TLS_PSK_WITH_AES_256_CBC_SHA384"},
    {0x00b0, "TLS_PSK_WITH_NULL_SHA256"},
    {0x00b1, "TLS_PSK_WITH_NULL_SHA384"},
    {0x00b2, "TLS_DHE_PSK_WITH_AES_128_CBC_SHA256"},
    {0x00b3, "TLS_DHE_PSK_WITH_AES_256_CBC_SHA384"},
    {0x00b6, "TLS_RSA_PSK_WITH_AES_128_CBC_SHA256"},
    {0x00b7, "TLS_RSA_PSK_WITH_AES_256_CBC_SHA384"},
    {SCSV_RENEGOTIATION, "TLS_EMPTY_RENEGOTIATION_INFO_SCSV"},
    {SCSV_FALLBACK, "TLS_FALLBACK_SCSV"},
    {0xc009, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA"},
    {0xc00a, "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA"},
    {0xc013, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"},
    {0xc014, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA"},
    {0xc023, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256"},
    {0xc024, "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384"},
    {0xc027, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256"},
    {0xc028, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384"},
    {0xc02b, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"},
    {0xc02c, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"},
    {0xc02f, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"},
    {0xc030, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"},
    {0xc036, "TLS_ECDHE_PSK_WITH_AES_256_CBC_SHA"},
    {0xc038, "TLS_ECDHE_PSK_WITH_AES_256_CBC_SHA384"},
    {0xc09c, "TLS_RSA_WITH_AES_128_CCM"},
    {0xc09d, "TLS_RSA_WITH_AES_256_CCM"},
    {0xc09e, "TLS_DHE_RSA_WITH_AES_128_CCM"},
    {0xc09f, "TLS_DHE_RSA_WITH_AES_256_CCM"},
    {0xc0a0, "TLS_RSA_WITH_AES_128_CCM_8"},
    {0xc0a1, "TLS_RSA_WITH_AES_256_CCM_8"},
    {0xc0a2, "TLS_DHE_RSA_WITH_AES_128_CCM_8"},
    {0xc0a3, "TLS_DHE_RSA_WITH_AES_256_CCM_8"},
    {0xc0a7, "TLS_DHE_PSK_WITH_AES_256_CCM"},
    {0xc0ab, "TLS_PSK_DHE_WITH_AES_256_CCM_8"},
    {0xc0ac, "TLS_ECDHE_ECDSA_WITH_AES_128_CCM"},
    {0xc0ad, "TLS_ECDHE_ECDSA_WITH_AES_256_CCM"},
    {0xc0ae, "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8"},
    {0xc0af, "TLS_ECDHE_ECDSA_WITH_AES_256_CCM_8"},
    {0xcca8, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"},
    {0xcca9, "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"},
    {0xccaa, "TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256"},
    {0xccae, "TLS_RSA_PSK_WITH_CHACHA20_POLY1305_SHA256"},
};

static const code_t groups[] = {
    {19, "secp192r1"},
    {21, "secp224r1"},
    {22, "secp256k1"},
    {GROUP_SECP256R1, "secp256r1"},
    {24, "secp384r1"},
    {25, "secp521r1"},
    {26, "brainpoolP256r1"},
    {27, "brainpoolP384r1"},
    {28, "brainpoolP512r1"},
    {GROUP_X25519, "x25519"},
    {30, "x448"},
    {GROUP_FFDHE2048, "ffdhe2048"},
    {GROUP_FFDHE3072, "ffdhe3072"},
    {258, "ffdhe4096"},
    {259, "ffdhe6144"},
    {260, "ffdhe8192"},
    {512, "MLKEM512"},
    {513, "MLKEM768"},
    {514, "MLKEM1024"},
    {4587, "SecP256r1MLKEM768"},
    {4588, "X25519MLKEM768"},
    {4589, "SecP384r1MLKEM1024"},
};

static const code_t extensions[] = {
    {0, "server_name"},
    {EXTENSION_MAX_FRAGMENT_LENGTH, "max_fragment_length"},
    {2, "client_certificate_url"},
    {3, "trusted_ca_keys"},
    {4, "truncated_hmac"},
    {5, "status_request"},
    {EXTENSION_SUPPORTED_GROUPS, "supported_groups"},
    {EXTENSION_EC_POINT_FORMATS, "ec_point_formats"},
    {12, "srp"},
    {13, "signature_algorithms"},
    {14, "use_srtp"},
    {EXTENSION_HEARTBEAT, "heartbeat"},
    {16, "application_layer_protocol_negotiation"},
    {17, "status_request_v2"},
    {18, "signed_certificate_timestamp"},
    {19, "client_certificate_type"},
    {20, "server_certificate_type"},
    {21, "padding"},
    {EXTENSION_ENCRYPT_THEN_MAC, "encrypt_then_mac"},
    {EXTENSION_EXTENDED_MASTER_SECRET, "extended_master_secret"},
    {24, "token_binding"},
    {25, "cached_info"},
    {27, "compress_certificate"},
    {EXTENSION_RECORD_SIZE_LIMIT, "record_size_limit"},
    {33, "tls_cert_with_extern_psk"},
    {34, "delegated_credential"},
    {EXTENSION_SESSION_TICKET, "session_ticket"},
    {EXTENSION_PRE_SHARED_KEY, "pre_shared_key"},
    {EXTENSION_EARLY_DATA, "early_data"},
    {EXTENSION_SUPPORTED_VERSIONS, "supported_versions"},
    {EXTENSION_COOKIE, "cookie"},
    {EXTENSION_PSK_KEY_EXCHANGE_MODES, "psk_key_exchange_modes"},
    {47, "certificate_authorities"},
    {48, "oid_filters"},
    {49, "post_handshake_auth"},
    {50, "signature_algorithms_cert"},
    {EXTENSION_KEY_SHARE, "key_share"},
    {52, "transparency_info"},
    {53, "connection_id_deprecated"}, /* the number of drafts of RFC 9146 */
    {EXTENSION_CONNECTION_ID, "connection_id"},
    {55, "external_id_hash"},
    {56, "external_session_id"},
    {57, "quic_transport_parameters"},
    {58, "ticket_request"},
    {59, "dnssec_chain"},
    {EXTENSION_RRC, "rrc"},
    {0xfe0d, "encrypted_client_hello"},
    {EXTENSION_RENEGOTIATION_INFO, "renegotiation_info"},
};

static const code_t signatures[] = {
    {0x0201, "rsa_pkcs1_sha1"},
    {0x0202, "dsa_sha1"},
    {0x0203, "ecdsa_sha1"},
    {0x0301, "rsa_pkcs1_sha224"},
    {0x0302, "dsa_sha224"},
    {0x0303, "ecdsa_sha224"},
    {0x0401, "rsa_pkcs1_sha256"},
    {0x0402, "dsa_sha256"},
    {0x0403, "ecdsa_secp256r1_sha256"},
    {0x0501, "rsa_pkcs1_sha384"},
    {0x0502, "dsa_sha384"},
    {0x0503, "ecdsa_secp384r1_sha384"},
    {0x0601, "rsa_pkcs1_sha512"},
    {0x0602, "dsa_sha512"},
    {0x0603, "ecdsa_secp521r1_sha512"},
    {0x0804, "rsa_pss_rsae_sha256"},
    {0x0805, "rsa_pss_rsae_sha384"},
    {0x0806, "rsa_pss_rsae_sha512"},
    {0x0807, "ed25519"},
    {0x0808, "ed448"},
    {0x0809, "rsa_pss_pss_sha256"},
    {0x080a, "rsa_pss_pss_sha384"},
    {0x080b, "rsa_pss_pss_sha512"},
    {0x081a, "ecdsa_brainpoolP256r1tls13_sha256"},
    {0x081b, "ecdsa_brainpoolP384r1tls13_sha384"},
    {0x081c, "ecdsa_brainpoolP512r1tls13_sha512"},
    {0x0904, "mldsa44"},
    {0x0905, "mldsa65"},
    {0x0906, "mldsa87"},
};

static const code_t versions[] = {
    {VERSION_DTLS10, "DTLS 1.0"}, {VERSION_DTLS12, "DTLS 1.2"}, {VERSION_DTLS13, "DTLS 1.3"},
    {0x0301, "TLS 1.0"},          {0x0302, "TLS 1.1"},          {0x0303, "TLS 1.2"},
    {0x0304, "TLS 1.3"},
};

static const code_t psk_modes[] = {{PSK_KE, "psk_ke"}, {PSK_DHE_KE, "psk_dhe_ke"}};

static const code_t point_formats[] = {
    {POINT_FORMAT_UNCOMPRESSED, "uncompressed"},
    {1, "ansiX962_compressed_prime"},
    {2, "ansiX962_compressed_char2"},
};

static const code_t certificate_types[] = {
    {0, "X509"}, {1, "OpenPGP"}, {2, "RawPublicKey"}, {3, "1609Dot2"}};

static const char *look_up(const code_t *table, size_t count, uint16_t number)
{
    for (size_t i = 0; i < count; i++)
        if (table[i].number == number)
            return table[i].name;
    return NULL;
}

#define LOOK_UP(table, number) look_up(table, sizeof table / sizeof *table, number)

/* Returns true for 0x0a0a, 0x1a1a ... 0xfafa (RFC 8701 section 2). */
static bool is_grease(uint16_t number)
{
    return (number & 0x0f0f) == 0x0a0a && number >> 8 == (number & 0xff);
}

static const char *or_grease(const char *name, uint16_t number)
{
    return !name && is_grease(number) ? "GREASE" : name;
}

const char *code_suite(uint16_t suite)
{
    const suite_t *supported = suite_by_id(suite);
    return supported ? supported->iana_name : or_grease(LOOK_UP(suites, suite), suite);
}

const char *code_group(uint16_t group)
{
    return or_grease(LOOK_UP(groups, group), group);
}

const char *code_extension(uint16_t type)
{
    return or_grease(LOOK_UP(extensions, type), type);
}

const char *code_signature(uint16_t scheme)
{
    return or_grease(LOOK_UP(signatures, scheme), scheme);
}

const char *code_version(uint16_t version)
{
    return or_grease(LOOK_UP(versions, version), version);
}

/* The registry reserves 0x0b, 0x2a, 0x49 ... 0xe4 for GREASE (RFC 8701 section 2). */
const char *code_psk_mode(uint16_t mode)
{
    const char *name = LOOK_UP(psk_modes, mode);
    return !name && mode <= 0xe4 && mode % 0x1f == 0x0b ? "GREASE" : name;
}

const char *code_point_format(uint16_t format)
{
    return LOOK_UP(point_formats, format);
}

const char *code_certificate_type(uint16_t type)
{
    return LOOK_UP(certificate_types, type);
}
