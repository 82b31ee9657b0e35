#!/bin/sh
# Makes the private environment: `scripts/venv.sh PYTHON DIR`. Debian splits Python's venv module off into
# python3-venv; where it is missing it is installed first.
set -eu
python=$1 dir=$2
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
  echo "dnet-tui needs Python 3.11 or newer; $python is $("$python" -V 2>&1 || echo missing)." >&2
  exit 1
fi
if [ -x "$dir/bin/python" ] && "$dir/bin/python" -m pip --version >/dev/null 2>&1; then
  exit 0
fi
if ! "$python" -c 'import ensurepip' >/dev/null 2>&1; then
  echo "Python's venv module is missing here; installing python3-venv." >&2
  if [ "$(id -u)" = 0 ]; then sudo=; else sudo=sudo; fi
  $sudo apt-get update -q >/dev/null
  $sudo apt-get install -y -q --no-install-recommends python3-venv >/dev/null
fi
"$python" -m venv "$dir"
# `pip install --group` needs pip 25.1.
"$dir/bin/python" -m pip install --quiet --upgrade 'pip>=25.1'
