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
complete -c dtlscat -s m -x -d 'so many clients at a time'
complete -c dtlscat -l allow -x -d 'only these addresses and networks'
complete -c dtlscat -l deny -x -d 'not these addresses and networks'
complete -c dtlscat -l broker -d 'relay what each client sends to the others'
complete -c dtlscat -l chat -d 'the same, with names'
complete -c dtlscat -s p -x -d 'local port'
complete -c dtlscat -l ready-fd -x -d 'tell the port to a descriptor'
complete -c dtlscat -s s -x -d 'local address'
complete -c dtlscat -s 4 -d 'IPv4 only'
complete -c dtlscat -s 6 -d 'IPv6 only'
complete -c dtlscat -s n -d 'numeric addresses and ports only'
complete -c dtlscat -s z -d 'only shake hands'
complete -c dtlscat -s u -d 'accepted and without effect'
complete -c dtlscat -s w -x -d 'limit of the handshake and of silence'
complete -c dtlscat -s q -x -d 'stay so long after the end of input'
complete -c dtlscat -l idle -x -d 'limit of silence alone'
complete -c dtlscat -s N -d 'close at the end of input at once'
complete -c dtlscat -s W -x -d 'end after so many messages'
complete -c dtlscat -l send-only -d 'throw away what comes'
complete -c dtlscat -l recv-only -d 'do not read stdin'
complete -c dtlscat -s e -x -d 'a program for each client' -a '(__fish_complete_command)'
complete -c dtlscat -s c -x -d 'a command for each client'
complete -c dtlscat -l frame -x -d 'messages on stdin and stdout' \
    -a 'raw line nul len16 len32 fixed: hex json packet'
complete -c dtlscat -s C -d 'lines end with CR LF'
complete -c dtlscat -l delay -x -d 'pause between messages'
complete -c dtlscat -l rate -x -d 'bytes per second'
complete -c dtlscat -l window -x -d 'bytes before the peer answers'
complete -c dtlscat -l keepalive -x -d 'ask a silent peer for a sign of life'
complete -c dtlscat -l lost-after -x -d 'give up a peer that answers nothing this long'
complete -c dtlscat -s v -l verbose -d 'say what happens; more of it with each v'
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
complete -c dtlscat -l dtls -x -d 'the only version to speak' -a '1.2 1.3'
complete -c dtlscat -l resume -r -F -d 'keep a ticket in a file, and resume with it'
complete -c dtlscat -l no-tickets -d 'give clients no tickets'
complete -c dtlscat -l early-data -d 'data before the handshake is done'
complete -c dtlscat -l export -x -d 'print keying material for a label'
complete -c dtlscat -l import-psk -d 'derive the key in use, for a context'
complete -c dtlscat -l cid -d 'connection IDs'
complete -c dtlscat -l cid-move -x -a newest -d 'move a client that cannot be checked'
complete -c dtlscat -l sessions -x -d 'of DTLS 1.2 to keep for clients without tickets'
complete -c dtlscat -l session-id -x -d 'offer that ID in DTLS 1.2'
complete -c dtlscat -l record-size -x -d 'largest content of a record to take'
complete -c dtlscat -l rekey-after -x -d 'new keys after so many records'
complete -c dtlscat -l mtu -x -d 'largest UDP payload to send'
complete -c dtlscat -l timer -x -d 'first retransmission timer, in ms'
complete -c dtlscat -l cookie -x -d 'ask clients for a cookie' -a 'on off auto'
complete -c dtlscat -l no-ems -d 'without the extended master secret'
complete -c dtlscat -s o -r -F -d 'copy all data to a file'
complete -c dtlscat -s x -r -F -d 'the same in hex'
complete -c dtlscat -l progress -d 'bytes, rate and loss so far'
complete -c dtlscat -l fail-on-loss -d 'exit 10 if anything was lost'
complete -c dtlscat -l keygen -d 'print a new key'
complete -c dtlscat -l stats -d 'print counters at the end'
complete -c dtlscat -l keylog -r -F -d 'append session secrets to a file'
complete -c dtlscat -s h -l help -d 'print a summary of the options'
complete -c dtlscat -s V -l version -d 'print the version'
