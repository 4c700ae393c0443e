# Sourced by the scripts beside it, from the checkout's root: finds a Python, keeps .venv up to date.

# Print the first Python >= 3.12 found: on PATH, among pyenv's versions, then uv's.
find_python() {
    for candidate in python3.13 python3.12 python3.14 python3 python \
        "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.1[2-9]*/bin/python; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 12))' >/dev/null 2>&1; then
            command -v "$candidate"
            return 0
        fi
    done
    if command -v uv >/dev/null 2>&1; then
        uv python find '>=3.12' 2>/dev/null && return 0
    fi
    echo "No Python 3.12 or newer found on PATH, among pyenv's versions or uv's." >&2
    echo "Install one, for instance: pyenv install 3.12   or   uv python install 3.12" >&2
    return 1
}

# Make .venv if it is not there, or cannot be used. Debian's Python makes none without a package of its own.
make_venv() {
    .venv/bin/python -c 'import pip, sys; sys.exit(sys.version_info < (3, 12))' >/dev/null 2>&1 && return 0
    python=$(find_python) || return 1
    need "$("$python" -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')/ensurepip" python3-venv || return 1
    echo "Making .venv with $("$python" --version)" >&2
    "$python" -m venv --clear .venv
}

# install WHAT: bring .venv to what pyproject.toml asks. WHAT is "." (to run), ".[dev]" (to develop) or
# ".[dev,bench]" (with the peers of the benchmarks); each serves those before it.
# A second call with the same pyproject.toml does nothing.
install() {
    wanted=$(cksum pyproject.toml)
    case "$1" in
    *bench*) stamp=bench enough="bench" ;;
    *dev*) stamp=dev enough="dev bench" ;;
    *) stamp=run enough="run dev bench" ;;
    esac
    for each in $enough; do
        [ -x .venv/bin/python ] && [ "$(cat ".venv/installed-$each" 2>/dev/null)" = "$wanted" ] && return 0
    done
    make_venv || return 1
    echo "Installing what pyproject.toml asks (about a minute, 1.5 GB) ..." >&2
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --prefer-binary -e "$1"
    echo "$wanted" >".venv/installed-$stamp"
}

# need COMMAND-OR-FOLDER PACKAGE ...: install Debian packages when it is not there.
need() {
    command=$1
    shift
    { command -v "$command" >/dev/null 2>&1 || [ -d "$command" ]; } && return 0
    echo "Installing $* (for $command) ..." >&2
    if [ "$(id -u)" = 0 ]; then as_root=""; else as_root="sudo -n"; fi
    if ! { $as_root apt-get update -qq && DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq \
        --no-install-recommends "$@"; } >/dev/null 2>&1; then
        echo "$command is missing and could not be installed; as root: apt-get install $*" >&2
        return 1
    fi
}
