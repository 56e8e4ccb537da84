# shellcheck shell=bash
# Sourced first, it starts the script again in a network and a mount namespace of its own; OWN_NAMESPACE
# is then set. It is not where no user may have one. Root needs no user namespace, which a process behind
# chroot(2) is refused.
if [[ ! ${OWN_NAMESPACE:-} ]]; then
    for namespaces in -rmn -mn; do
        if unshare "$namespaces" true 2>/dev/null; then
            OWN_NAMESPACE=1 exec unshare "$namespaces" "$0" "$@"
        fi
    done
fi
