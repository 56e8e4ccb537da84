#!/usr/bin/env node
// node-dtls-client.js - the peer of that name, a client; peer.h says what it does.
const suites = {
    '008c': 'TLS_PSK_WITH_AES_128_CBC_SHA',
    '00a8': 'TLS_PSK_WITH_AES_128_GCM_SHA256',
    '00a9': 'TLS_PSK_WITH_AES_256_GCM_SHA384',
    '00ae': 'TLS_PSK_WITH_AES_128_CBC_SHA256',
    c0a4: 'TLS_PSK_WITH_AES_128_CCM',
    c0a5: 'TLS_PSK_WITH_AES_256_CCM',
    c0a8: 'TLS_PSK_WITH_AES_128_CCM_8',
    c0a9: 'TLS_PSK_WITH_AES_256_CCM_8',
};
const [, , , port, identity, key, number] = process.argv;

function call({ dtls }) {
    const socket = dtls.createSocket({
        type: 'udp4',
        address: '127.0.0.1',
        port: Number(port),
        psk: { [identity]: Buffer.from(key, 'hex') },
        timeout: 140000,
        ciphers: [suites[number]],
    });
    socket.on('connected', () => socket.send(Buffer.from('from client\n')));
    socket.on('message', (line) => {
        process.stdout.write(line);
        socket.close();
    });
    socket.on('error', (error) => {
        console.error('PEER', error.message);
        process.exit(1);
    });
    socket.on('close', () => process.exit(0));
}

if (!suites[number]) {
    console.error(`PEER has not suite ${number}`);
    process.exit(3);
}
import('node-dtls-client').then(call);
