/*
 * nss.c - the NSS peer; peer.h says what it does. NSS takes a PSK in DTLS 1.3 only, and its server then
 * gives no tickets. SUITE 0 means its default suites, of both versions.
 */
#include <cert.h>
#include <cryptohi.h>
#include <keyhi.h>
#include <nss.h>
#include <pk11pub.h>
#include <poll.h>
#include <private/pprio.h>
#include <ssl.h>
#include <sslexp.h>
#include <sslproto.h>

#include "peer.h"

enum { TICK_MS = 20 };

static void check(const char *what, bool good)
{
    if (!good)
        die(what, PR_GetError());
}

/* NSS 3.87 has the number of a draft for DTLS 1.3 on the wire, 3.110 that of RFC 9147. */
static bool has_suite(void)
{
    bool has_rfc9147 = NSS_VMAJOR > 3 || NSS_VMINOR >= 110, found = false;
    for (int i = 0; i < SSL_NumImplementedCiphers; i++)
        found = found || SSL_ImplementedCiphers[i] == peer.suite;
    return has_rfc9147 && (peer.suite == 0 || (found && peer.suite >> 8 == 0x13));
}

static void choose_suite(PRFileDesc *session)
{
    SSLVersionRange versions = {SSL_LIBRARY_VERSION_DTLS_1_3, SSL_LIBRARY_VERSION_DTLS_1_3};
    if (peer.suite == 0)
        versions.min = SSL_LIBRARY_VERSION_DTLS_1_2;
    for (int i = 0; i < SSL_NumImplementedCiphers && peer.suite != 0; i++)
        SSL_CipherPrefSet(session, SSL_ImplementedCiphers[i],
                          SSL_ImplementedCiphers[i] == peer.suite);
    check("version", SSL_VersionRangeSet(session, &versions) == SECSuccess);
}

/* With $MLKEM its first share is of ML-KEM, in a hello of 1.4 kB. */
static void choose_groups(PRFileDesc *session)
{
#if NSS_VMAJOR > 3 || NSS_VMINOR >= 110
    const SSLNamedGroup groups[] = {ssl_grp_kem_mlkem768x25519, ssl_grp_ec_curve25519};
    if (getenv("MLKEM"))
        check("groups", SSL_NamedGroupConfig(session, groups, 2) == SECSuccess);
#else
    (void)session;
#endif
}

static void give_key(PRFileDesc *session)
{
    SECItem bytes = {siBuffer, peer.key, (unsigned)peer.key_size};
    PK11SymKey *key = PK11_ImportSymKey(PK11_GetInternalSlot(), CKM_HKDF_KEY_GEN, PK11_OriginUnwrap,
                                        CKA_DERIVE, &bytes, NULL);
    SSLHashType hash = peer.suite == TLS_AES_256_GCM_SHA384 ? ssl_hash_sha384 : ssl_hash_sha256;
    check("key", key && SSL_AddExternalPsk(session, key, (const PRUint8 *)peer.identity,
                                           (unsigned)strlen(peer.identity), hash) == SECSuccess);
}

/* ---- a certificate, which a server must have although with a PSK it is never sent ---- */

static const SECOidTag ecdsa = SEC_OID_ANSIX962_ECDSA_SHA256_SIGNATURE;

static CERTCertificate *signed_by(SECKEYPrivateKey *key, SECKEYPublicKey *public_key)
{
    const PRTime day = (PRTime)24 * 3600 * PR_USEC_PER_SEC;
    CERTName *name = CERT_AsciiToName("CN=unused");
    CERTCertificate *content = CERT_CreateCertificate(
        1, name, CERT_CreateValidity(PR_Now() - day, PR_Now() + day),
        CERT_CreateCertificateRequest(name, SECKEY_CreateSubjectPublicKeyInfo(public_key), NULL));
    SECItem encoded = {siBuffer, NULL, 0}, whole = {siBuffer, NULL, 0};
    check("certificate", content && SECOID_SetAlgorithmID(content->arena, &content->signature,
                                                          ecdsa, NULL) == SECSuccess);
    check("encoding",
          SEC_ASN1EncodeItem(NULL, &encoded, content, SEC_ASN1_GET(CERT_CertificateTemplate)));
    check("signature", SEC_DerSignData(content->arena, &whole, encoded.data, (int)encoded.len, key,
                                       ecdsa) == SECSuccess);
    return CERT_NewTempCertificate(CERT_GetDefaultCertDB(), &whole, NULL, PR_FALSE, PR_TRUE);
}

static void give_certificate(PRFileDesc *session)
{
    unsigned char p256[] = {6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7}; /* an OID in DER */
    SECKEYECParams curve = {siBuffer, p256, sizeof p256};
    SECKEYPublicKey *public_key;
    SECKEYPrivateKey *key = PK11_GenerateKeyPairWithOpFlags(
        PK11_GetInternalSlot(), CKM_EC_KEY_PAIR_GEN, &curve, &public_key,
        PK11_ATTR_SESSION | PK11_ATTR_INSENSITIVE | PK11_ATTR_PUBLIC, CKF_SIGN, CKF_SIGN, NULL);
    check("key pair", key);
    check("server",
          SSL_ConfigServerCert(session, signed_by(key, public_key), key, NULL, 0) == SECSuccess);
}

/* ---- one session ---- */

static SSLHelloRetryRequestAction PR_CALLBACK ask_for_cookie(PRBool first, const PRUint8 *token,
                                                             unsigned size, PRUint8 *ours,
                                                             unsigned *our_size, unsigned room,
                                                             void *unused)
{
    (void)token, (void)size, (void)ours, (void)room, (void)unused;
    *our_size = 0;
    return first ? ssl_hello_retry_request : ssl_hello_retry_accept;
}

/* The session cache of a client is in its process. */
static void set_feature(PRFileDesc *session)
{
    const SSLNamedGroup groups[] = {ssl_grp_ec_secp256r1, ssl_grp_ec_curve25519};
    const SSLNamedGroup client_groups[] = {ssl_grp_ec_curve25519, ssl_grp_ec_secp256r1};
    if (wants("group") && peer.server)
        check("group", SSL_NamedGroupConfig(session, groups, 1) == SECSuccess);
    /* For early data the hello is in one datagram, so without the share of ML-KEM. */
    if ((wants("group") || wants("early")) && !peer.server)
        check("groups", SSL_NamedGroupConfig(session, client_groups, 2) == SECSuccess);
    if (wants("cookie") && peer.server)
        check("cookie", SSL_HelloRetryRequestCallback(session, ask_for_cookie, NULL) == SECSuccess);
    if (peer.ticket)
        check("tickets", SSL_OptionSet(session, SSL_ENABLE_SESSION_TICKETS, PR_TRUE) == SECSuccess);
    if (wants("early"))
        check("early data", SSL_OptionSet(session, SSL_ENABLE_0RTT_DATA, PR_TRUE) == SECSuccess);
}

static PRFileDesc *open_session(bool resumes)
{
    const PRSocketOptionData at_once = {.option = PR_SockOpt_Nonblocking,
                                        .value.non_blocking = PR_TRUE};
    PRFileDesc *session = DTLS_ImportFD(NULL, PR_ImportUDPSocket(peer.socket));
    check("socket", session && PR_SetSocketOption(session, &at_once) == PR_SUCCESS);
    if (peer.server) /* without a cache a client leaves out psk_key_exchange_modes */
        SSL_OptionSet(session, SSL_NO_CACHE, PR_TRUE);
    SSL_OptionSet(session, SSL_REQUIRE_CERTIFICATE, SSL_REQUIRE_NEVER);
    choose_suite(session);
    choose_groups(session);
    if (!resumes)
        give_key(session);
    if (peer.server)
        give_certificate(session);
    set_feature(session);
    check("reset", SSL_ResetHandshake(session, peer.server) == SECSuccess);
    if (!peer.server)
        check("name", SSL_SetURL(session, "peer") == SECSuccess);
    return session;
}

/* NSS runs its timers when it is called. */
static void wait_a_tick(const char *what)
{
    check(what, PR_GetError() == PR_WOULD_BLOCK_ERROR);
    struct pollfd socket = {.fd = peer.socket, .events = POLLIN};
    poll(&socket, 1, TICK_MS);
}

static int receive(PRFileDesc *session, char *line)
{
    int got;
    while ((got = PR_Recv(session, line, LINE, 0, PR_INTERVAL_NO_WAIT)) < 0)
        wait_a_tick("receive");
    return got;
}

static void send_line(PRFileDesc *session, const char *line, int size)
{
    check("send", PR_Send(session, line, size, 0, PR_INTERVAL_NO_WAIT) == size);
}

static void export_key(PRFileDesc *session)
{
    unsigned char exported[EXPORT_SIZE];
    check("export",
          SSL_ExportKeyingMaterial(session, export_label, (unsigned)strlen(export_label), PR_FALSE,
                                   NULL, 0, exported, sizeof exported) == SECSuccess);
    print_exported(exported);
}

static void exchange(PRFileDesc *session, bool sent)
{
    char line[LINE];
    if (!peer.server && !sent)
        send_line(session, greeting, (int)strlen(greeting));
    int got = receive(session, line);
    if (peer.server)
        send_line(session, line, got);
    else
        fwrite(line, 1, (size_t)got, stdout);
}

static void talk(PRFileDesc *session, bool early)
{
    char line[LINE];
    if (early) { /* the first call sends the ClientHello */
        SSL_ForceHandshake(session);
        send_line(session, greeting, (int)strlen(greeting));
    }
    while (SSL_ForceHandshake(session) != SECSuccess)
        wait_a_tick("handshake");
    if (wants("export"))
        export_key(session);
    for (int i = 0; i < peer.messages; i++) {
        if (i == 1 && wants("update"))
            check("update", SSL_KeyUpdate(session, PR_FALSE) == SECSuccess);
        exchange(session, early);
    }
    if (peer.server)
        receive(session, line);
    PR_Close(session);
}

int main(int argc, char **argv)
{
    take_arguments(argc, argv);
    if (!has_suite())
        has_not();
    supports(peer.server ? "group cookie rekey update export "
                         : "group cookie rekey update export ticket early ");
    check("start", NSS_NoDB_Init(NULL) == SECSuccess && NSS_SetDomesticPolicy() == SECSuccess);
    for (int i = 0; i < peer.sessions; i++) {
        if (i == 0)
            open_socket(argv[2]);
        else
            open_next_socket();
        talk(open_session(i > 0), i > 0 && wants("early"));
    }
    return 0;
}
