# bash completion for dtlscat

_dtlscat() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
    COMPREPLY=()
    # bash splits --psk=SPEC at = and :
    if [[ ${COMP_LINE:0:COMP_POINT} =~ --psk=([^[:space:]]*)$ ]]; then
        _dtlscat_psk "${BASH_REMATCH[1]}"
        return
    fi
    if [[ ${COMP_LINE:0:COMP_POINT} =~ --json=([^[:space:]]*)$ ]]; then
        mapfile -t COMPREPLY < <(compgen -f -- "${BASH_REMATCH[1]}")
        return
    fi
    case $prev in
    --suite)
        mapfile -t COMPREPLY < <(compgen -W 'AES128-GCM-SHA256 CHACHA20-POLY1305-SHA256
            AES256-GCM-SHA384 AES128-CCM-SHA256 AES128-CCM8-SHA256
            ECDHE-PSK-AES128-GCM-SHA256 ECDHE-PSK-CHACHA20-POLY1305 ECDHE-PSK-AES256-GCM-SHA384
            ECDHE-PSK-AES128-CCM-SHA256 ECDHE-PSK-AES128-CCM8-SHA256
            PSK-AES128-CCM8 PSK-AES256-CCM8 PSK-AES128-CCM PSK-AES256-CCM PSK-AES128-GCM-SHA256
            PSK-AES256-GCM-SHA384 PSK-CHACHA20-POLY1305 DHE-PSK-AES128-CCM DHE-PSK-AES128-CCM8
            DHE-PSK-AES128-GCM-SHA256 DHE-PSK-CHACHA20-POLY1305 DHE-PSK-AES256-GCM-SHA384
            ECDHE-PSK-AES128-CBC-SHA256 ECDHE-PSK-AES128-CBC-SHA PSK-AES128-CBC-SHA256 PSK-AES128-CBC-SHA' -- "$cur")
        ;;
    --group) mapfile -t COMPREPLY < <(compgen -W 'x25519 P-256 secp256r1 ffdhe2048 ffdhe3072 none' -- "$cur") ;;
    --dtls) mapfile -t COMPREPLY < <(compgen -W '1.2 1.3' -- "$cur") ;;
    --color) mapfile -t COMPREPLY < <(compgen -W 'auto always never' -- "$cur") ;;
    --cookie) mapfile -t COMPREPLY < <(compgen -W 'on off auto' -- "$cur") ;;
    --frame) mapfile -t COMPREPLY < <(compgen -W 'raw line nul len16 len32 fixed: hex json packet' -- "$cur") ;;
    -e | -c) mapfile -t COMPREPLY < <(compgen -c -- "$cur") ;;
    --keylog | --pcap | --resume | --secrets | -o | -x) mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
    -p | -s | -w | -q | -m | -W | --idle | --delay | --workers | --user | --keepalive | --lost-after | --rate | --window | --allow | --deny) ;;
    --ready-fd | --identity | --hint | --export | --rekey-after | --mtu | --timer) ;;
    --sessions | --session-id | --record-size | --sim | --fragment | --client-hello-padding) ;;
    *)
        if [[ $cur == -* ]]; then
            mapfile -t COMPREPLY < <(compgen -W '-l -k -m -p -s -4 -6 -n -u -z -w -q -N -W -e -c -C -o -x -v -h -V
                --psk --workers --user --no-sandbox --allow --deny --broker --chat --idle --send-only --recv-only --frame --delay --rate
                --window --keepalive --lost-after --progress --fail-on-loss --keygen --ready-fd --identity --hint
                --suite --group --dtls --resume --no-tickets --secrets --sessions --session-id --early-data --record-size
                --export --import-psk --cid --cid-move --rekey-after --mtu --timer --cookie --color --no-ems --stats --sim --keylog --pcap
                --json --json-data --fragment --repeat-flight --grease --client-hello-padding --record-per-datagram
                --help --version --listen --verbose' -- "$cur")
        else
            mapfile -t COMPREPLY < <(compgen -A hostname -- "$cur")
        fi
        ;;
    esac
}

_dtlscat_psk() {
    if [[ $1 == file:* ]]; then
        mapfile -t COMPREPLY < <(compgen -f -- "${1#file:}")
    elif [[ $1 == env:* ]]; then
        mapfile -t COMPREPLY < <(compgen -e -- "${1#env:}")
    else
        mapfile -t COMPREPLY < <(compgen -W 'file: env: fd: prompt new hex: text: b64:' -- "$1")
        [[ ${COMPREPLY[*]} != *: ]] || compopt -o nospace
    fi
}

complete -F _dtlscat dtlscat
