#!/bin/sh
# Install what the lab needs from Debian's or Ubuntu's own packages. Run as
# root; does nothing (and asks the network nothing) when all is there already.
set -eu

policy=/usr/sbin/policy-rc.d

wanted() {
    printf '%s\n' docker.io iptables iproute2 busybox-static openssh-server \
        openssh-client tmux nano bash procps sudo util-linux
    # For images of a web application and a database (seed_images.py); none of these starts a service.
    printf '%s\n' mariadb-server-core mariadb-client-core php-cli php-mysql
    # Debian 13 split the client off; Debian 12 and Ubuntu ship it in docker.io.
    if apt-cache show docker-cli >/dev/null 2>&1; then
        echo docker-cli
    fi
}

missing() {
    for package in $(wanted); do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null |
            grep -q '^install ok installed$' || echo "$package"
    done
}

keep_services_down() {
    # The lab starts its own engines and sshd; the machine's must stay off.
    [ -e "$policy" ] && return
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
    trap 'rm -f "$policy"' EXIT
}

if [ -z "$(missing)" ]; then
    exit 0
fi
keep_services_down
apt-get update -qq
# Only after the update is it known whether docker-cli exists here.
# shellcheck disable=SC2046
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    $(missing)
