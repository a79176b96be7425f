# Functions for the scripts that source this file: they find or install what the build needs, on
# Debian and distributions that are based on it. `say` prints messages on standard error.
# shellcheck shell=bash

say() { printf '%s\n' "$*" >&2; }

# Ends the script with 69 unless Swift 6.2 or later is on the path.
require_swift() {
  local version major minor
  if ! command -v swift > /dev/null; then
    say "There is no 'swift' on the path. Install Swift 6.2 or later:"
    say "    https://www.swift.org/install/linux/"
    say "Then open a new shell, check that 'swift --version' works, and run this script again."
    exit 69
  fi
  version=$(swift --version 2> /dev/null \
    | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -n 1)
  major=${version%.*} minor=${version#*.}
  if [[ -n $version ]] && ((major < 6 || major == 6 && minor < 2)); then
    say "Swift $version is too old. Chartmill needs Swift 6.2 or later:"
    say "    https://www.swift.org/install/linux/"
    exit 69
  fi
}

# install_packages PACKAGE...: installs packages with apt-get, as root or with sudo. If it cannot, it
# says what to do and returns 1.
install_packages() {
  local -a as_root=()
  if ! command -v apt-get > /dev/null; then
    say "Missing packages: $* (names on Debian). Install them and run this script again."
    return 1
  fi
  if [[ $EUID -ne 0 ]]; then
    if ! command -v sudo > /dev/null; then
      say "Missing packages: $*. Run this as root, and then this script again:"
      say "    apt-get install $*"
      return 1
    fi
    as_root=(sudo)
  fi
  say "installing $*"
  local -a install=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$@")
  # If the lists of packages are already there, no update is needed.
  if ! "${install[@]}" > /dev/null 2>&1; then
    if ! { "${as_root[@]}" apt-get update -qq && "${install[@]}" > /dev/null; } >&2; then
      say "apt-get could not install $*. Install them by hand and run this script again."
      return 1
    fi
  fi
}

require_zlib() {
  [[ -e /usr/include/zlib.h ]] || install_packages zlib1g-dev || exit 69
}

# The Python scripts run in their own virtual environment.
require_python() {
  python3 -c 'import ensurepip, venv' 2> /dev/null || install_packages python3 python3-venv || exit 69
}

# Spark runs on Java 17 or later, and its test compiles a file system.
require_java() {
  command -v javac > /dev/null || install_packages openjdk-17-jdk-headless || exit 69
}

# Prints the gzip codecs that can be built here, the faster one last.
codecs() {
  echo zlib
  [[ ! -e /usr/include/isa-l.h ]] || echo isa-l
}

# Chooses the gzip codec to build: the one that CHARTMILL_CODEC names, or else the fastest one whose
# headers are installed. Says which one it is, and sets
#   codec          zlib or isa-l, as `chartmill --version` prints it
#   build_folder   the scratch path of this codec, so that both can be built side by side
#   traits         the flags of `swift build` and `swift test` that select it
# shellcheck disable=SC2034 # The scripts that source this file use these variables.
choose_codec() {
  codec=${CHARTMILL_CODEC:-$(codecs | tail -n 1)}
  build_folder=.build/$codec
  case $codec in
    zlib) traits=() ;;
    isa-l) traits=(--traits ISAL) ;;
    *)
      say "CHARTMILL_CODEC is '$codec', but must be zlib or isa-l."
      exit 64
      ;;
  esac
  say "gzip codec: $codec"
}

# Builds the program with the chosen codec, sets `chartmill` to its path, and links it as
# .build/bin/chartmill.
build_chartmill() {
  local -a release
  choose_codec
  release=(-c release --static-swift-stdlib --scratch-path "$build_folder" "${traits[@]}")
  swift build "${release[@]}" --product chartmill >&2
  chartmill=$(realpath "$(swift build "${release[@]}" --show-bin-path)/chartmill")
  mkdir -p .build/bin
  ln -sfn "$chartmill" .build/bin/chartmill
}
