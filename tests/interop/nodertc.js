#!/usr/bin/env node
// nodertc.js - the peer @nodertc/dtls, a client; peer.h says what it does.
const dtls = require('@nodertc/dtls');

const [, , , port, identity, key, number] = process.argv;
const suite = parseInt(number, 16);
if (!Object.values(dtls.constants.cipherSuites).includes(suite)) {
    console.error(`PEER has not suite ${number}`);
    process.exit(3);
}
const socket = dtls.connect({
    type: 'udp4',
    remoteAddress: '127.0.0.1',
    remotePort: Number(port),
    pskIdentity: identity,
    pskSecret: Buffer.from(key, 'hex'),
    cipherSuites: [suite],
});
socket.once('connect', () => socket.write('from client\n'));
socket.on('data', (line) => {
    process.stdout.write(line, () => process.exit(0)); // close() says nothing to the other side
});
socket.on('error', (error) => {
    console.error('PEER', error.message);
    process.exit(1);
});
setTimeout(() => process.exit(1), 150000);
