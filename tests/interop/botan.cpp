/* botan.cpp - the Botan peer; peer.h says what it does. */
#include <botan/auto_rng.h>
#include <botan/credentials_manager.h>
#include <botan/tls_callbacks.h>
#include <botan/tls_ciphersuite.h>
#include <botan/tls_client.h>
#include <botan/tls_policy.h>
#include <botan/tls_server.h>
#include <botan/tls_session_manager.h>
#include <botan/version.h>
#if BOTAN_VERSION_MAJOR >= 3
#include <botan/tls_session_manager_noop.h>
#endif

#include <exception>
#include <memory>
#include <poll.h>

#include "peer.h"

using namespace Botan;

class One_Suite : public TLS::Policy {
public:
    bool allow_dtls12() const override { return true; }
#if BOTAN_VERSION_MAJOR >= 3
    std::vector<uint16_t> ciphersuite_list(TLS::Protocol_Version) const override
#else
    std::vector<uint16_t> ciphersuite_list(TLS::Protocol_Version, bool) const override
#endif
    {
        return {static_cast<uint16_t>(peer.suite)};
    }
};

class One_Key : public Credentials_Manager {
public:
    SymmetricKey psk(const std::string &, const std::string &, const std::string &) override
    {
        return SymmetricKey(peer.key, peer.key_size);
    }
    std::string psk_identity(const std::string &, const std::string &, const std::string &) override
    {
        return peer.identity;
    }
};

class Wire : public TLS::Callbacks {
public:
    std::string heard;
    bool closed = false;

    void tls_alert(TLS::Alert alert) override { closed = alert.type_string() == "close_notify"; }
#if BOTAN_VERSION_MAJOR >= 3
    void tls_emit_data(std::span<const uint8_t> data) override { emit(data.data(), data.size()); }
    void tls_record_received(uint64_t, std::span<const uint8_t> data) override
    {
        append(data.data(), data.size());
    }
    std::string tls_peer_network_identity() override { return "peer"; }
#else
    void tls_emit_data(const uint8_t data[], size_t size) override { emit(data, size); }
    void tls_record_received(uint64_t, const uint8_t data[], size_t size) override
    {
        append(data, size);
    }
    bool tls_session_established(const TLS::Session &) override { return false; }
#endif

private:
    void emit(const uint8_t data[], size_t size)
    {
        if (send(peer.socket, data, size, 0) < 0) die("send", 0);
    }
    void append(const uint8_t data[], size_t size)
    {
        heard.append(reinterpret_cast<const char *>(data), size);
    }
};

#if BOTAN_VERSION_MAJOR >= 3
template <typename T> using Part = const std::shared_ptr<T> &;
#else
template <typename T> using Part = T &;
#endif

static std::unique_ptr<TLS::Channel> open_channel(Part<Wire> wire, Part<TLS::Session_Manager_Noop> sessions,
                                                  Part<One_Key> key, Part<One_Suite> policy,
                                                  Part<AutoSeeded_RNG> random)
{
    if (peer.server)
        return std::make_unique<TLS::Server>(wire, sessions, key, policy, random, true);
    return std::make_unique<TLS::Client>(wire, sessions, key, policy, random,
                                         TLS::Server_Information("localhost"),
                                         TLS::Protocol_Version::DTLS_V12);
}

static std::unique_ptr<TLS::Channel> open_channel(std::shared_ptr<Wire> wire)
{
    static auto sessions = std::make_shared<TLS::Session_Manager_Noop>();
    static auto key = std::make_shared<One_Key>();
    static auto policy = std::make_shared<One_Suite>();
    static auto random = std::make_shared<AutoSeeded_RNG>();
#if BOTAN_VERSION_MAJOR >= 3
    return open_channel(wire, sessions, key, policy, random);
#else
    return open_channel(*wire, *sessions, *key, *policy, *random);
#endif
}

static void export_key(TLS::Channel &channel)
{
    SymmetricKey exported = channel.key_material_export(export_label, "", EXPORT_SIZE);
    print_exported(exported.begin());
}

static void run(char **argv)
{
    open_socket(argv[2]);
    auto shared = std::make_shared<Wire>();
    Wire &wire = *shared;
    auto channel = open_channel(shared);
    bool greeted = peer.server, echoed = !peer.server, exported = !wants("export");
    while (!wire.closed && (peer.server || wire.heard.empty())) {
        uint8_t datagram[65536];
        pollfd ready = {peer.socket, POLLIN, 0};
        if (poll(&ready, 1, 500) == 0) channel->timeout_check();
        if (ready.revents == 0) continue;
        ssize_t got = recv(peer.socket, datagram, sizeof datagram, 0);
        if (got < 0) die("recv", 0);
        channel->received_data(datagram, static_cast<size_t>(got));
        if (!exported && channel->is_active()) export_key(*channel), exported = true;
        if (!greeted && channel->is_active()) channel->send(greeting), greeted = true;
        if (!echoed && !wire.heard.empty()) channel->send(wire.heard), echoed = true;
    }
    if (!peer.server) fwrite(wire.heard.data(), 1, wire.heard.size(), stdout);
    channel->close();
}

static bool has_suite()
{
    if (is_dtls13()) return false; // version 3 knows the suites of TLS 1.3, but not DTLS 1.3
    auto suite = TLS::Ciphersuite::by_id(static_cast<uint16_t>(peer.suite));
#if BOTAN_VERSION_MAJOR >= 3
    return suite.has_value();
#else
    return suite.valid();
#endif
}

int main(int argc, char **argv)
{
    take_arguments(argc, argv);
    supports("export ");
    if (!has_suite()) has_not();
    try {
        run(argv);
    } catch (const std::exception &fault) {
        die(fault.what(), 0);
    }
    return 0;
}
