/*
 * replay_vectors.h - every file of tests/vectors that holds a handshake: the name of its test case,
 * and its own name.
 */
#ifndef UNIT_REPLAY_VECTORS_H
#define UNIT_REPLAY_VECTORS_H

#define VECTORS(X)                                                                                 \
    X(dual_openssl_client, "dual12-openssl-client-wolfssl-server")                                 \
    X(dual_wolfssl_client, "dual12-wolfssl-client-openssl-server")                                 \
    X(fixed_ecdhe_psk_aes128_gcm_p256, "fixed12-ecdhe-psk-aes128-gcm-p256-wolfssl")                \
    X(fixed_ecdhe_psk_chacha20_p256, "fixed12-ecdhe-psk-chacha20-p256")                            \
    X(fixed_ecdhe_psk_chacha20_x25519, "fixed12-ecdhe-psk-chacha20-x25519")                        \
    X(gnutls_fail_unknown_identity, "gnutls-fail-unknown-identity")                                \
    X(gnutls_fail_wrong_psk, "gnutls-fail-wrong-psk")                                              \
    X(gnutls_psk_aes128_ccm8_ems, "gnutls-psk-aes128-ccm8-ems")                                    \
    X(gnutls_psk_aes128_gcm_ems, "gnutls-psk-aes128-gcm-ems")                                      \
    X(gnutls_psk_aes128_gcm_hint, "gnutls-psk-aes128-gcm-hint")                                    \
    X(gnutls_psk_aes128_gcm_nocookie, "gnutls-psk-aes128-gcm-nocookie")                            \
    X(gnutls_psk_aes128_gcm_noems, "gnutls-psk-aes128-gcm-noems")                                  \
    X(gnutls_psk_aes128_gcm_resume_1full, "gnutls-psk-aes128-gcm-resume-1full")                    \
    X(gnutls_psk_aes128_gcm_resumed, "gnutls-psk-aes128-gcm-resume-2resumed")                      \
    X(gnutls_psk_aes256_gcm_ems, "gnutls-psk-aes256-gcm-ems")                                      \
    X(gnutls_psk_chacha20_ems, "gnutls-psk-chacha20-ems")                                          \
    X(openssl_fail_wrong_psk, "openssl-fail-wrong-psk")                                            \
    X(openssl_identity_mismatch_accepted, "openssl-identity-mismatch-accepted")                    \
    X(openssl_psk_aes128_cbc_sha_ems, "openssl-psk-aes128-cbc-sha-ems")                            \
    X(openssl_psk_aes128_cbc_sha256_ems, "openssl-psk-aes128-cbc-sha256-ems")                      \
    X(openssl_psk_aes128_ccm_ems, "openssl-psk-aes128-ccm-ems")                                    \
    X(openssl_psk_aes128_ccm8_ems, "openssl-psk-aes128-ccm8-ems")                                  \
    X(openssl_psk_aes128_ccm8_noems, "openssl-psk-aes128-ccm8-noems")                              \
    X(openssl_psk_aes128_gcm_ems, "openssl-psk-aes128-gcm-sha256-ems")                             \
    X(openssl_psk_aes128_gcm_hint, "openssl-psk-aes128-gcm-sha256-hint")                           \
    X(openssl_psk_aes128_gcm_noems, "openssl-psk-aes128-gcm-sha256-noems")                         \
    X(openssl_psk_aes128_gcm_exporter, "openssl-psk-aes128-gcm-sha256-noticket-exporter")          \
    X(openssl_psk_aes128_gcm_psk64_id128, "openssl-psk-aes128-gcm-sha256-psk64-id128")             \
    X(openssl_psk_aes128_gcm_ticket, "openssl-psk-aes128-gcm-sha256-ticket-resumption-1full")      \
    X(openssl_psk_aes128_gcm_resumed, "openssl-psk-aes128-gcm-sha256-ticket-resumption-2resumed")  \
    X(openssl_psk_aes256_ccm_ems, "openssl-psk-aes256-ccm-ems")                                    \
    X(openssl_psk_aes256_ccm8_ems, "openssl-psk-aes256-ccm8-ems")                                  \
    X(openssl_psk_aes256_gcm_ems, "openssl-psk-aes256-gcm-sha384-ems")                             \
    X(openssl_psk_aes256_gcm_noems, "openssl-psk-aes256-gcm-sha384-noems")                         \
    X(openssl_psk_chacha20_ems, "openssl-psk-chacha20-poly1305-ems")                               \
    X(openssl_psk_chacha20_noems, "openssl-psk-chacha20-poly1305-noems")

#endif
