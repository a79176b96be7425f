# Sourced by the scripts: finds or installs what the build needs. Debian and its kin.
# shellcheck shell=bash

say() { printf '%s\n' "$*" >&2; }

# Ends unless a Swift 6 toolchain is on the path.
require_swift() {
  local version
  if ! command -v swift > /dev/null; then
    say "There is no 'swift' on the path. Install Swift 6 or later:"
    say "    https://www.swift.org/install/linux/"
    say "then open a new shell, so that 'swift --version' answers, and run this again."
    exit 69
  fi
  version=$(swift --version 2> /dev/null | sed -n 's/.*Swift version \([0-9]*\)\..*/\1/p' | head -n 1)
  if [[ -n $version && $version -lt 6 ]]; then
    say "Swift $version is too old: Chartmill needs Swift 6 (https://www.swift.org/install/linux/)."
    exit 69
  fi
}

# install_packages PACKAGE...: by apt-get, as root or through sudo. Returns 1, having said what to
# do, when it cannot.
install_packages() {
  local -a as_root=()
  if ! command -v apt-get > /dev/null; then
    say "Missing: $* (Debian's names). Install them by this system's own means and run this again."
    return 1
  fi
  if [[ $EUID -ne 0 ]]; then
    if ! command -v sudo > /dev/null; then
      say "Missing: $*. As root, run"
      say "    apt-get install $*"
      say "and then this again."
      return 1
    fi
    as_root=(sudo)
  fi
  say "installing $*"
  local -a install=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$@")
  # The first try spares the update where the lists are there already.
  if ! "${install[@]}" > /dev/null 2>&1; then
    if ! { "${as_root[@]}" apt-get update -qq && "${install[@]}" > /dev/null; } >&2; then
      say "apt-get could not install $*. Install them by hand and run this again."
      return 1
    fi
  fi
}

require_zlib() {
  [[ -e /usr/include/zlib.h ]] || install_packages zlib1g-dev || exit 69
}

# The oracle runs in a virtual environment of its own.
require_python() {
  python3 -c 'import ensurepip, venv' 2> /dev/null || install_packages python3 python3-venv || exit 69
}

# Spark runs on Java 17 or later.
require_java() {
  command -v java > /dev/null || install_packages openjdk-17-jre-headless || exit 69
}
