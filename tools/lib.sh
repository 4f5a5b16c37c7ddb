# shellcheck shell=bash
# Shared by ./run and ./test: what to install and how to build. Everything said here goes to stderr; stdout is for data.

say() { printf '%s\n' "$*" >&2; }
die() { say "$@"; exit 1; }

# missing_packages build|test: the Debian packages of that purpose which are not installed, on one line.
missing_packages() {
  local wanted
  wanted=$(awk -v purpose="$1" '$1 == "build" || $1 == purpose || (purpose == "test" && $1 == "cluster") { print $2 }' tools/packages)
  # The Swagger UI is fetched with npm while building; any npm will do.
  command -v npm >/dev/null || wanted="$wanted npm"
  # shellcheck disable=SC2086
  comm -23 <(tr ' ' '\n' <<<"$wanted" | sort -u) \
    <(dpkg-query -W -f '${Package} ${db:Status-Status}\n' $wanted 2>/dev/null | awk '$2 == "installed" { print $1 }' | sort -u) |
    tr '\n' ' '
}

# install_packages build|test: installs what is missing, asking nothing; as nobody special it says what to install and ends.
install_packages() {
  command -v dpkg-query >/dev/null || die "Edda builds on Debian 12 (bookworm); this is another system." \
    "It needs clang 19 with a C++23 library and what tools/packages lists."
  local missing root=()
  missing=$(missing_packages "$1")
  [ -z "${missing// /}" ] && return
  if [ "$(id -u)" != 0 ]; then
    if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
      root=(sudo -n)
    elif command -v sudo >/dev/null && [ -t 0 ]; then
      say "Some packages are missing; sudo may ask for your password."
      root=(sudo)
    else
      die "Some packages are missing, and installing them takes root. Run this once, then try again:" $'\n' \
        "  su -c 'apt-get update && apt-get install -y --no-install-recommends ${missing% }'"
    fi
  fi
  say "Installing from Debian (about 2 minutes): $missing"
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q update >&2 ||
    die "apt-get update failed (above). Check the network and /etc/apt, then try again."
  # shellcheck disable=SC2086
  "${root[@]}" bash -c "$apt_install_quietly" install $missing >&2 ||
    die "apt-get could not install: $missing" $'\n' "Edda is built on Debian 12 (bookworm); this is $(. /etc/os-release && echo "$PRETTY_NAME")."
}

# Debian starts what it installs, and its PostgreSQL makes a cluster of its own on port 5432. Edda and its tests start their own servers,
# so neither happens in this one installation; what was there before stays as it is, and nothing is left behind.
# shellcheck disable=SC2016 # expanded by the shell that runs it
apt_install_quietly='
  set -e
  cluster=/etc/postgresql-common/createcluster.d/edda-installs.conf
  policy=/usr/sbin/policy-rc.d
  undo="rm -f $cluster; rmdir --ignore-fail-on-non-empty ${cluster%/*} 2>/dev/null || true"
  [ -e "$policy" ] || undo="$undo; rm -f $policy"
  trap "$undo" EXIT
  mkdir -p "${cluster%/*}"
  echo "create_main_cluster = false" >"$cluster"
  [ -e "$policy" ] || { printf "#!/bin/sh\nexit 101\n" >"$policy" && chmod 755 "$policy"; }
  DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install "$@"
'

# configure PRESET FOLDER: runs cmake unless the folder is configured already; ninja notices later changes by itself.
configure() {
  [ -f "$2/build.ninja" ] && grep -q "^EDDA_TESTS:BOOL=ON" "$2/CMakeCache.txt" && return
  [ -f "$2/build.ninja" ] && [ "$1" = release ] && return
  say "Configuring $2 ..."
  mkdir -p "$2"
  local log=$2/configure.log
  cmake --preset "$1" >"$log" 2>&1 || { cat "$log" >&2; die "Configuring failed (above; kept in $log)."; }
}

# build FOLDER TARGET: ninja decides what is old; it is quiet when nothing is.
build() {
  local since=$SECONDS quiet=()
  ninja -C "$1" -n "$2" 2>/dev/null | grep -q 'no work to do' && quiet=(--quiet)
  nice ninja -C "$1" "${quiet[@]}" "$2" >&2 ||
    die "Building $2 failed (above). If files were changed half-way, 'rm -rf $1' starts anew."
  local took=$((SECONDS - since))
  [ $took -lt 3 ] || say "Built $1/$2 in $took s."
}
