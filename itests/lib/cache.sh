# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# What is costly to make and stays the same from run to run (fio with libiscsi, the guest image) lives in a
# cache folder outside git. An entry is named after a hash of its recipe, is made in a folder of its own
# and is moved into place when complete, under a lock: two runs at once build it once.

cache_folder() {
  printf '%s\n' "${JTGT_CACHE:-$HOME/.cache/jtgt}"
}

# cache_key FILE|TEXT...: a short hash of the contents of the files and of the texts that are no files.
cache_key() {
  local item
  for item in "$@"; do
    if [[ -f $item ]]; then cat "$item"; else printf '%s\n' "$item"; fi
  done | sha256sum | cut -c 1-12
}

# cache_make NAME KEY RECIPE...: prints the folder of the entry; runs `RECIPE... FOLDER` when there is none.
# What the recipe prints goes to standard error. Older entries of the same name are removed.
cache_make() {
  local name=$1 key=$2
  shift 2
  local folder entry making rc=0
  folder=$(cache_folder)
  entry=$folder/$name-$key
  mkdir -p "$folder"
  exec {CACHE_LOCK}>"$folder/$name.lock"
  flock "$CACHE_LOCK"
  if [[ ! -d $entry ]]; then
    making=$(mktemp -d "$folder/making-$name-XXXXXX")
    "$@" "$making" >&2 || rc=$?
    if ((rc == 0)); then
      chmod 755 "$making"
      rm -rf "$folder/$name"-[0-9a-f]*
      mv "$making" "$entry"
    else
      rm -rf "$making"
    fi
  fi
  exec {CACHE_LOCK}>&-
  ((rc == 0)) || return "$rc"
  printf '%s\n' "$entry"
}
