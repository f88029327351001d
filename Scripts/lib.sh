# shellcheck shell=bash
# What the scripts share. To be sourced, after `set -euo pipefail`.

# The folder that holds Package.swift.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readonly root

# Swift 6.2 is the oldest that the package's settings compile with.
readonly swift_major_min=6 swift_minor_min=2

# Colours on a terminal only, and not where NO_COLOR is set (https://no-color.org).
if [ -t 2 ] && [ -z "${NO_COLOR:-}" ]; then
    readonly bold=$'\e[1m' red=$'\e[31m' plain=$'\e[0m'
else
    readonly bold='' red='' plain=''
fi

# Says what happens next. Talk goes to stderr, results to stdout.
say() { printf '%s== %s%s\n' "$bold" "$*" "$plain" >&2; }

# Says why the script cannot go on, and ends it.
stop() {
    printf '%s%s%s\n' "$red" "$*" "$plain" >&2
    exit 1
}

# Whether what a Debian package brings is there, from wherever it came.
has_package() {
    case $1 in
    libsqlite3-dev) has_header sqlite3 sqlite3.h ;;
    zlib1g-dev) has_header zlib zlib.h ;;
    libimage-exiftool-perl) command -v exiftool >/dev/null ;;
    *) command -v "$1" >/dev/null ;;
    esac
}

has_header() {
    local folder
    for folder in /usr/include /usr/local/include; do
        if [ -e "$folder/$2" ]; then return; fi
    done
    command -v pkg-config >/dev/null && pkg-config --exists "$1"
}

# Installs the packages that are missing: ensure_packages libsqlite3-dev zlib1g-dev sqlite3
ensure_packages() {
    local name missing=() as_root=()
    for name in "$@"; do
        has_package "$name" || missing+=("$name")
    done
    if [ ${#missing[@]} = 0 ]; then return; fi
    command -v apt-get >/dev/null ||
        stop "Missing: ${missing[*]} (Debian's names), and there is no apt-get here. Install them and start again."
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null ||
            stop "Missing: ${missing[*]}, and this is not root. Run as root: apt-get install ${missing[*]}"
        as_root=(sudo)
    fi
    say "installing ${missing[*]}"
    # `env` because sudo drops the variable; the timeout waits for another apt-get to end.
    local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300)
    "${apt[@]}" update >&2
    "${apt[@]}" install -y --no-install-recommends "${missing[@]}" >&2
}

# Ends the script where Swift is missing or too old.
require_swift() {
    local wanted="$swift_major_min.$swift_minor_min" found
    local how="Get it from https://www.swift.org/install/linux (swiftly install latest), then start again."
    command -v swift >/dev/null || stop "Swift $wanted or later is needed and there is none on the PATH. $how"
    found=$(swift --version 2>/dev/null) || stop "\`swift --version\` fails. Swift $wanted or later is needed. $how"
    [[ $found =~ Swift\ version\ ([0-9]+)\.([0-9]+) ]] || stop "Swift $wanted or later is needed; its version cannot be read. $how"
    local major=${BASH_REMATCH[1]} minor=${BASH_REMATCH[2]}
    if ((major < swift_major_min || major == swift_major_min && minor < swift_minor_min)); then
        stop "Swift $wanted or later is needed, this is $major.$minor. $how"
    fi
}

# Everything that a build needs.
ensure_toolchain() {
    require_swift
    ensure_packages libsqlite3-dev zlib1g-dev sqlite3
}

# Prints the folder of the programs: SATCHEL_BIN where it is set (nothing is built then), else that of a debug build.
programs_folder() {
    if [ -n "${SATCHEL_BIN:-}" ]; then
        [ -x "$SATCHEL_BIN/satchel" ] || stop "SATCHEL_BIN names $SATCHEL_BIN, and there is no program satchel in it."
        (cd "$SATCHEL_BIN" && pwd)
        return
    fi
    swift build --package-path "$root" >&2
    swift build --package-path "$root" --show-bin-path
}
