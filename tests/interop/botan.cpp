/* botan.cpp - the Botan peer; peer.h says what it does. */
#include <botan/auto_rng.h>
#include <botan/credentials_manager.h>
#include <botan/tls_callbacks.h>
#include <botan/tls_ciphersuite.h>
#include <botan/tls_client.h>
#include <botan/tls_policy.h>
#include <botan/tls_server.h>
#include <botan/tls_session_manager.h>

#include <exception>
#include <memory>
#include <poll.h>

#include "peer.h"

using namespace Botan;

class One_Suite : public TLS::Policy {
public:
    bool allow_dtls12() const override { return true; }
    std::vector<uint16_t> ciphersuite_list(TLS::Protocol_Version, bool) const override
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

    void tls_emit_data(const uint8_t data[], size_t size) override
    {
        if (send(peer.socket, data, size, 0) < 0) die("send", 0);
    }
    void tls_record_received(uint64_t, const uint8_t data[], size_t size) override
    {
        heard.append(reinterpret_cast<const char *>(data), size);
    }
    void tls_alert(TLS::Alert alert) override { closed = alert.type() == TLS::Alert::CLOSE_NOTIFY; }
    bool tls_session_established(const TLS::Session &) override { return false; }
};

static void run(char **argv)
{
    Wire wire;
    AutoSeeded_RNG random;
    One_Suite policy;
    One_Key key;
    TLS::Session_Manager_Noop sessions;
    std::unique_ptr<TLS::Channel> channel;
    open_socket(argv[2]);
    if (peer.server) {
        channel.reset(new TLS::Server(wire, sessions, key, policy, random, true));
    } else {
        channel.reset(new TLS::Client(wire, sessions, key, policy, random,
                                      TLS::Server_Information("localhost"),
                                      TLS::Protocol_Version::DTLS_V12));
    }
    bool greeted = peer.server, echoed = !peer.server;
    while (!wire.closed && (peer.server || wire.heard.empty())) {
        uint8_t datagram[65536];
        pollfd ready = {peer.socket, POLLIN, 0};
        if (poll(&ready, 1, 500) == 0) channel->timeout_check();
        if (ready.revents == 0) continue;
        ssize_t got = recv(peer.socket, datagram, sizeof datagram, 0);
        if (got < 0) die("recv", 0);
        channel->received_data(datagram, static_cast<size_t>(got));
        if (!greeted && channel->is_active()) channel->send(greeting), greeted = true;
        if (!echoed && !wire.heard.empty()) channel->send(wire.heard), echoed = true;
    }
    if (!peer.server) fwrite(wire.heard.data(), 1, wire.heard.size(), stdout);
    channel->close();
}

int main(int argc, char **argv)
{
    take_arguments(argc, argv);
    if (!TLS::Ciphersuite::by_id(static_cast<uint16_t>(peer.suite)).valid()) has_not();
    try {
        run(argv);
    } catch (const std::exception &fault) {
        die(fault.what(), 0);
    }
    return 0;
}
