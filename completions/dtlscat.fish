# fish completion for dtlscat

function __dtlscat_psk
    set -l path (string replace -rf -- '^(--psk=)?file:' '' (commandline -ct))
    and printf 'file:%s\n' (complete -C "'' $path")
    printf 'env:%s\n' (set -nx)
    printf '%s\n' file: env: fd: prompt new hex: text: b64:
end

complete -c dtlscat -f -a '(__fish_print_hostnames)'
complete -c dtlscat -s l -d 'listen'
complete -c dtlscat -s k -d 'serve one client after the other'
complete -c dtlscat -s p -x -d 'local port'
complete -c dtlscat -l ready-fd -x -d 'tell the port to a descriptor'
complete -c dtlscat -s s -x -d 'local address'
complete -c dtlscat -s 4 -d 'IPv4 only'
complete -c dtlscat -s 6 -d 'IPv6 only'
complete -c dtlscat -s n -d 'numeric addresses and ports only'
complete -c dtlscat -s u -d 'accepted and without effect'
complete -c dtlscat -s w -x -d 'limit of the handshake and of silence'
complete -c dtlscat -s q -x -d 'stay so long after the end of input'
complete -c dtlscat -s N -d 'close at the end of input at once'
complete -c dtlscat -s v -d 'say what happens; more of it with each v'
complete -c dtlscat -l psk -d 'where the key is' -a '(__dtlscat_psk)'
complete -c dtlscat -l identity -x -d 'identity of the client'
complete -c dtlscat -l hint -x -d 'identity hint of the listener'
complete -c dtlscat -l suite -x -d 'cipher suites, best first' \
    -a 'AES128-GCM-SHA256 CHACHA20-POLY1305-SHA256 AES256-GCM-SHA384 AES128-CCM-SHA256
        AES128-CCM8-SHA256 PSK-AES128-CCM8 PSK-AES256-CCM8 PSK-AES128-CCM PSK-AES256-CCM
        PSK-AES128-GCM-SHA256 PSK-AES256-GCM-SHA384 PSK-CHACHA20-POLY1305'
complete -c dtlscat -l group -x -d 'groups of DTLS 1.3' -a 'x25519 secp256r1 none'
complete -c dtlscat -l dtls -x -d 'the only version to speak' -a '1.2 1.3'
complete -c dtlscat -l resume -r -F -d 'keep a ticket in a file, and resume with it'
complete -c dtlscat -l no-tickets -d 'give clients no tickets'
complete -c dtlscat -l early-data -d 'data before the handshake is done'
complete -c dtlscat -l export -x -d 'print keying material for a label'
complete -c dtlscat -l import-psk -d 'derive the key in use, for a context'
complete -c dtlscat -l cid -d 'connection IDs'
complete -c dtlscat -l rekey-after -x -d 'new keys after so many records'
complete -c dtlscat -l mtu -x -d 'largest UDP payload to send'
complete -c dtlscat -l timer -x -d 'first retransmission timer, in ms'
complete -c dtlscat -l cookie -x -d 'ask clients for a cookie' -a 'on off auto'
complete -c dtlscat -l no-ems -d 'without the extended master secret'
complete -c dtlscat -l stats -d 'print counters at the end'
complete -c dtlscat -l keylog -r -F -d 'append session secrets to a file'
complete -c dtlscat -s h -l help -d 'print a summary of the options'
complete -c dtlscat -s V -l version -d 'print the version'
