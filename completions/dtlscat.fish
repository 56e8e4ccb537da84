# fish completion for dtlscat

function __dtlscat_psk
    set -l path (string replace -rf -- '^(--psk=)?file:' '' (commandline -ct))
    and printf 'file:%s\n' (complete -C "'' $path")
    printf 'env:%s\n' (set -nx)
    printf '%s\n' file: env: fd: prompt new hex: text: b64:
end

complete -c dtlscat -f -a '(__fish_print_hostnames)'
complete -c dtlscat -s l -l listen -d 'listen'
complete -c dtlscat -s k -d 'serve many clients'
complete -c dtlscat -s m -x -d 'serve at most N clients at once'
complete -c dtlscat -l allow -x -d 'accept only these addresses and networks'
complete -c dtlscat -l deny -x -d 'ignore these addresses and networks'
complete -c dtlscat -l workers -x -d 'serve with N processes'
complete -c dtlscat -l user -x -a '(__fish_complete_users)' -d 'change to this user once bound'
complete -c dtlscat -l no-sandbox -d 'do not give up system calls and files'
complete -c dtlscat -l broker -d 'relay what each client sends to the others'
complete -c dtlscat -l chat -d 'like --broker, and show the names of senders'
complete -c dtlscat -s p -x -d 'local port'
complete -c dtlscat -l ready-fd -x -d 'write the port to a descriptor'
complete -c dtlscat -s s -x -d 'local address'
complete -c dtlscat -s 4 -d 'IPv4 only'
complete -c dtlscat -s 6 -d 'IPv6 only'
complete -c dtlscat -s n -d 'numeric addresses and ports only'
complete -c dtlscat -s z -d 'only perform the handshake'
complete -c dtlscat -s u -d 'ignored, for nc compatibility'
complete -c dtlscat -s w -x -d 'limit for the handshake, then for silence'
complete -c dtlscat -s q -x -d 'close at EOF after a time of silence'
complete -c dtlscat -l idle -x -d 'close after a time of silence'
complete -c dtlscat -s N -d 'close as soon as stdin ends'
complete -c dtlscat -s W -x -d 'end after N received messages'
complete -c dtlscat -l send-only -d 'discard received data'
complete -c dtlscat -l recv-only -d 'do not read stdin'
complete -c dtlscat -s e -x -d 'run a program for each client' -a '(__fish_complete_command)'
complete -c dtlscat -s c -x -d 'run a shell command for each client'
complete -c dtlscat -l frame -x -d 'framing on stdin and stdout' \
    -a 'raw line nul len16 len32 fixed: hex json packet'
complete -c dtlscat -s C -d 'end lines with CR LF'
complete -c dtlscat -l delay -x -d 'pause between sent messages'
complete -c dtlscat -l rate -x -d 'limit of bytes sent per second'
complete -c dtlscat -l window -x -d 'limit of unconfirmed bytes'
complete -c dtlscat -l keepalive -x -d 'probe a peer after a time of silence'
complete -c dtlscat -l lost-after -x -d 'close if the peer does not answer'
complete -c dtlscat -s v -l verbose -d 'report events; -vv, -vvv: in more detail'
complete -c dtlscat -l psk -d 'where the key is' -a '(__dtlscat_psk)'
complete -c dtlscat -l identity -x -d 'identity of the client'
complete -c dtlscat -l hint -x -d 'identity hint of the listener'
complete -c dtlscat -l suite -x -d 'cipher suites, best first' \
    -a 'AES128-GCM-SHA256 CHACHA20-POLY1305-SHA256 AES256-GCM-SHA384 AES128-CCM-SHA256
        AES128-CCM8-SHA256
        ECDHE-PSK-AES128-GCM-SHA256 ECDHE-PSK-CHACHA20-POLY1305 ECDHE-PSK-AES256-GCM-SHA384
        ECDHE-PSK-AES128-CCM-SHA256 ECDHE-PSK-AES128-CCM8-SHA256
        PSK-AES128-CCM8 PSK-AES256-CCM8 PSK-AES128-CCM PSK-AES256-CCM
        PSK-AES128-GCM-SHA256 PSK-AES256-GCM-SHA384 PSK-CHACHA20-POLY1305
        DHE-PSK-AES128-GCM-SHA256 DHE-PSK-CHACHA20-POLY1305 DHE-PSK-AES256-GCM-SHA384
        DHE-PSK-AES128-CCM DHE-PSK-AES128-CCM8
        ECDHE-PSK-AES128-CBC-SHA256 ECDHE-PSK-AES128-CBC-SHA PSK-AES128-CBC-SHA256 PSK-AES128-CBC-SHA'
complete -c dtlscat -l group -x -d 'groups of the key exchange' -a 'x25519 P-256 secp256r1 ffdhe2048 ffdhe3072 none'
complete -c dtlscat -l dtls -x -d 'the only version to use' -a '1.2 1.3'
complete -c dtlscat -l resume -r -F -d 'store a ticket in a file, and resume from it'
complete -c dtlscat -l secrets -r -F -d 'share cookies and tickets with other listeners'
complete -c dtlscat -l no-tickets -d 'issue no tickets'
complete -c dtlscat -l early-data -d 'send or accept early data'
complete -c dtlscat -l export -x -d 'print keying material'
complete -c dtlscat -l import-psk -d 'DTLS 1.3: derive the key from --psk and a context'
complete -c dtlscat -l cid -d 'use connection IDs'
complete -c dtlscat -l cid-move -x -a newest -d 'send to a new address without a check'
complete -c dtlscat -l sessions -x -d 'sessions of DTLS 1.2 to cache'
complete -c dtlscat -l session-id -x -d 'offer this session ID in DTLS 1.2'
complete -c dtlscat -l record-size -x -d 'largest record content to accept'
complete -c dtlscat -l rekey-after -x -d 'change the keys after N records'
complete -c dtlscat -l mtu -x -d 'largest UDP payload to send'
complete -c dtlscat -l timer -x -d 'first retransmission timer, in ms'
complete -c dtlscat -l color -x -d 'color the lines of -vv' -a 'auto always never'
complete -c dtlscat -l cookie -x -d 'require a cookie of clients' -a 'on off auto'
complete -c dtlscat -l no-ems -d 'no extended master secret'
complete -c dtlscat -s o -r -F -d 'copy all data to a file'
complete -c dtlscat -s x -r -F -d 'copy all data to a file, as a hex dump'
complete -c dtlscat -l json -d 'write events as JSON lines'
complete -c dtlscat -l json-data -d 'with --json: also the data, in base64'
complete -c dtlscat -l progress -d 'show bytes, rate and loss so far'
complete -c dtlscat -l fail-on-loss -d 'exit with 10 if anything was lost'
complete -c dtlscat -l keygen -d 'print a new key and exit'
complete -c dtlscat -l stats -d 'print counters at the end'
complete -c dtlscat -l sim -x -d 'simulate a bad network: loss=5%,delay=20ms,drop=in:3'
complete -c dtlscat -l keylog -r -F -d 'append session secrets to a file'
complete -c dtlscat -l pcap -r -F -d 'write a capture with the session secrets to a file'
complete -c dtlscat -l fragment -x -d 'send handshake messages in fragments'
complete -c dtlscat -l repeat-flight -d 'send each handshake flight twice'
complete -c dtlscat -l grease -d 'send values that the peer must ignore'
complete -c dtlscat -l client-hello-padding -x -d 'pad the ClientHello'
complete -c dtlscat -l record-per-datagram -d 'send each record in its own datagram'
complete -c dtlscat -s h -l help -d 'print a summary of the options'
complete -c dtlscat -s V -l version -d 'print the version'
