// BouncyCastle.java - the Bouncy Castle peer; peer.h says what it does.
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import org.bouncycastle.tls.*;
import org.bouncycastle.tls.crypto.TlsCrypto;
import org.bouncycastle.tls.crypto.impl.bc.BcTlsCrypto;
import org.bouncycastle.util.encoders.Hex;

public class BouncyCastle {
    static final int LIMIT = 20000;
    static final TlsCrypto crypto = new BcTlsCrypto(new SecureRandom());
    static byte[] identity, key;
    static int[] suites;

    static class Client extends PSKTlsClient {
        Client() { super(crypto, identity, key); }
        @Override protected int[] getSupportedCipherSuites() { return suites; }
        @Override protected ProtocolVersion[] getSupportedVersions() { return ProtocolVersion.DTLSv12.only(); }
    }

    static class Server extends PSKTlsServer {
        Server() { super(crypto, new Keys()); }
        @Override protected int[] getSupportedCipherSuites() { return suites; }
        @Override protected ProtocolVersion[] getSupportedVersions() { return ProtocolVersion.DTLSv12.only(); }
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
        while (request == null) {
            DatagramPacket packet = new DatagramPacket(datagram, datagram.length);
            socket.receive(packet);
            DatagramSender reply = new DatagramSender() {
                public int getSendLimit() { return 1400; }
                public void send(byte[] data, int from, int size) throws java.io.IOException {
                    socket.send(new DatagramPacket(data, from, size, packet.getSocketAddress()));
                }
            };
            byte[] address = packet.getAddress().getAddress();
            request = verifier.verifyRequest(address, datagram, 0, packet.getLength(), reply);
            if (request != null) socket.connect(packet.getSocketAddress());
        }
        return new DTLSServerProtocol().accept(new Server(), new UDPTransport(socket, 1500), request);
    }

    static void serve() throws Exception {
        DatagramSocket socket = new DatagramSocket(new InetSocketAddress("127.0.0.1", 0));
        System.out.println("port " + socket.getLocalPort());
        DTLSTransport transport = accept(socket);
        byte[] line = new byte[256];
        int got = transport.receive(line, 0, line.length, LIMIT);
        transport.send(line, 0, got);
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
        byte[] line = "from client\n".getBytes(StandardCharsets.UTF_8);
        transport.send(line, 0, line.length);
        line = new byte[256];
        int got = transport.receive(line, 0, line.length, LIMIT);
        System.out.write(line, 0, got);
        System.out.flush();
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
        if (arguments[0].equals("server")) serve();
        else call(Integer.parseInt(arguments[1]));
    }
}
