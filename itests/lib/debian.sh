# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# What the tests need from Debian. The list of packages is itests/packages.tsv, and only there.

# packages_of GROUP...: the packages of these groups, one a line.
packages_of() {
  local group
  for group in "$@"; do
    awk -v group="$group" '!/^#/ && $1 == group { for (i = 2; i <= NF; i++) print $i }' \
      "$ITESTS/packages.tsv"
  done
}

# missing_packages GROUP...: those that are not installed, on one line.
missing_packages() {
  local package missing=()
  while read -r package; do
    dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed ||
      missing+=("$package")
  done < <(packages_of "$@")
  printf '%s\n' "${missing[*]}"
}

# Refreshes apt's package lists, once a run (the stamp lies in the work folder of the run). A list that could not be
# had is tried again: without it a package is unknown, and a whole suite not run.
apt_update_once() {
  local stamp=$WORK/apt-updated try
  [[ ! -e $stamp ]] || return 0
  for try in 1 2 3; do
    ! apt-get -q -o APT::Update::Error-Mode=any update >"$WORK/apt-update.log" 2>&1 </dev/null || break
    sleep $((5 * try))
  done
  touch "$stamp"
}

# need_packages GROUP...: installs what is missing when root. Prints why not, and fails, when it cannot.
need_packages() {
  local missing
  if ! command -v dpkg-query >/dev/null; then
    echo "no Debian: needs $(packages_of "$@" | tr '\n' ' ')"
    return 1
  fi
  missing=$(missing_packages "$@")
  [[ -n $missing ]] || return 0
  if ((EUID != 0)); then
    echo "not root, missing packages: $missing"
    return 1
  fi
  (
    flock 9 # the suites of a run one after the other: apt-get update does not wait for another apt
    install_packages "$@" 9>&- # not to what it starts
  ) 9>"$WORK/apt.lock"
}

# install_packages GROUP...: what is still missing.
install_packages() {
  local missing
  missing=$(missing_packages "$@")
  [[ -n $missing ]] || return 0
  apt_update_once
  # shellcheck disable=SC2086 # one word a package
  if ! DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends \
    -o DPkg::Lock::Timeout=300 $missing >"$WORK/apt-install.log" 2>&1 </dev/null; then
    echo "cannot install: $missing ($(tail -n 1 "$WORK/apt-install.log"))"
    return 1
  fi
}

# debian_archive PACKAGE: "URI SUITE" of the release, not of its updates, that has the package.
debian_archive() {
  apt-cache madison "$1" | awk -F '|' '
    { split($3, f, " "); sub("/.*", "", f[2]) }
    f[2] !~ /-/ && !found { found = 1; print f[1], f[2] }'
}
