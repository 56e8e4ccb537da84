// BouncyCastle.java - the Bouncy Castle peer; peer.h says what it does.
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import org.bouncycastle.tls.*;
import org.bouncycastle.tls.crypto.TlsCrypto;
import org.bouncycastle.tls.crypto.impl.bc.BcTlsCrypto;
import org.bouncycastle.util.encoders.Hex;

public class BouncyCastle {
    static final int LIMIT = 150000;
    static final String LABEL = "EXPERIMENTAL interop";
    static final String feature = System.getenv().getOrDefault("FEATURE", "");
    static final boolean roams = feature.equals("cid");
    static final TlsCrypto crypto = new BcTlsCrypto(new SecureRandom());
    static byte[] identity, key;
    static int[] suites;

    /** Called by versions that support Connection IDs. */
    static byte[] newConnectionID() { return roams ? "peer".getBytes(StandardCharsets.UTF_8) : null; }

    static void exportKey(TlsContext context) {
        if (feature.equals("export"))
            System.err.println("PEER export " + Hex.toHexString(context.exportKeyingMaterial(LABEL, null, 32)));
    }

    static boolean supportsFeature() throws Exception {
        if (!roams) return feature.isEmpty() || feature.equals("export");
        for (java.lang.reflect.Field field : SecurityParameters.class.getDeclaredFields())
            if (field.getName().equals("connectionIDLocal")) return true;
        return false;
    }

    /** The address of the client is that of its latest datagram. */
    static class Roaming implements DatagramTransport {
        final DatagramSocket socket;
        SocketAddress client;
        Roaming(DatagramSocket socket, SocketAddress client) { this.socket = socket; this.client = client; }
        public int getReceiveLimit() { return 1472; }
        public int getSendLimit() { return 1472; }
        public int receive(byte[] data, int from, int room, int wait) throws IOException {
            DatagramPacket packet = new DatagramPacket(data, from, room);
            socket.setSoTimeout(wait);
            try {
                socket.receive(packet);
            } catch (SocketTimeoutException silence) {
                return -1;
            }
            client = packet.getSocketAddress();
            return packet.getLength();
        }
        public void send(byte[] data, int from, int size) throws IOException {
            socket.send(new DatagramPacket(data, from, size, client));
        }
        public void close() { socket.close(); }
    }

    static class Client extends PSKTlsClient {
        Client() { super(crypto, identity, key); }
        @Override protected int[] getSupportedCipherSuites() { return suites; }
        @Override protected ProtocolVersion[] getSupportedVersions() { return ProtocolVersion.DTLSv12.only(); }
        protected byte[] getNewConnectionID() { return newConnectionID(); }
        @Override public short getHeartbeatPolicy() {
            return roams ? HeartbeatMode.peer_allowed_to_send : HeartbeatMode.peer_not_allowed_to_send;
        }
        @Override public void notifyHandshakeComplete() throws IOException {
            super.notifyHandshakeComplete();
            exportKey(context);
        }
    }

    static class Server extends PSKTlsServer {
        Server() { super(crypto, new Keys()); }
        @Override protected int[] getSupportedCipherSuites() { return suites; }
        @Override protected ProtocolVersion[] getSupportedVersions() { return ProtocolVersion.DTLSv12.only(); }
        protected byte[] getNewConnectionID() { return newConnectionID(); }
        @Override public void notifyHandshakeComplete() throws IOException {
            super.notifyHandshakeComplete();
            exportKey(context);
        }
    }

    static class Keys implements TlsPSKIdentityManager {
        public byte[] getHint() { return null; }
        public byte[] getPSK(byte[] name) { return Arrays.equals(name, identity) ? key.clone() : null; }
    }

    /** The connection of the first whose ClientHello has come back with its cookie. */
    static DTLSTransport accept(DatagramSocket socket) throws Exception {
        DTLSVerifier verifier = new DTLSVerifier(crypto);
        byte[] datagram = new byte[2048];
        DTLSRequest request = null;
        SocketAddress client = null;
        while (request == null) {
            DatagramPacket packet = new DatagramPacket(datagram, datagram.length);
            socket.receive(packet);
            DatagramSender reply = new DatagramSender() {
                public int getSendLimit() { return 1400; }
                public void send(byte[] data, int from, int size) throws IOException {
                    socket.send(new DatagramPacket(data, from, size, packet.getSocketAddress()));
                }
            };
            byte[] address = packet.getAddress().getAddress();
            request = verifier.verifyRequest(address, datagram, 0, packet.getLength(), reply);
            client = packet.getSocketAddress();
        }
        if (!roams) socket.connect(client);
        DatagramTransport below = roams ? new Roaming(socket, client) : new UDPTransport(socket, 1500);
        return new DTLSServerProtocol().accept(new Server(), below, request);
    }

    static int messages() { return roams ? 2 : 1; }

    static void serve() throws Exception {
        DatagramSocket socket = new DatagramSocket(new InetSocketAddress("127.0.0.1", 0));
        System.out.println("port " + socket.getLocalPort());
        DTLSTransport transport = accept(socket);
        byte[] line = new byte[256];
        for (int i = 0; i < messages(); i++) {
            int got = transport.receive(line, 0, line.length, LIMIT);
            transport.send(line, 0, got);
        }
        try {
            while (transport.receive(line, 0, line.length, LIMIT) >= 0) { }
        } catch (SocketException closed) {
            return; // as it was by the alert
        }
    }

    static void call(int port) throws Exception {
        DatagramSocket socket = new DatagramSocket();
        socket.connect(InetAddress.getByName("127.0.0.1"), port);
        DTLSTransport transport =
            new DTLSClientProtocol().connect(new Client(), new UDPTransport(socket, 1500));
        byte[] greeting = "from client\n".getBytes(StandardCharsets.UTF_8);
        byte[] line = new byte[256];
        for (int i = 0; i < messages(); i++) {
            transport.send(greeting, 0, greeting.length);
            int got = transport.receive(line, 0, line.length, LIMIT);
            System.out.write(line, 0, got);
            System.out.flush();
        }
        transport.close();
    }

    public static void main(String[] arguments) throws Exception {
        identity = arguments[2].getBytes(StandardCharsets.UTF_8);
        key = Hex.decode(arguments[3]);
        suites = new int[] { Integer.parseInt(arguments[4], 16) };
        if (suites[0] >> 8 == 0x13 || !TlsUtils.isSupportedCipherSuite(crypto, suites[0])) {
            System.err.println("PEER has not suite " + arguments[4]);
            System.exit(3);
        }
        if (!supportsFeature()) {
            System.err.println("PEER has not feature " + feature);
            System.exit(3);
        }
        if (arguments[0].equals("server")) serve();
        else call(Integer.parseInt(arguments[1]));
    }
}
