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

# cached NAME GROUP RECIPE [FILE...]: the folder of the entry is in CACHED. When there is none, `RECIPE FOLDER`
# makes it, with the packages of GROUP (packages.tsv); the recipe, the files and the host's release make the key.
# Ends the suite as not run when it cannot be made. Older entries of the same name are removed.
cached() {
  local name=$1 group=$2 recipe=$3 folder
  shift 2
  folder=$(cache_folder)
  CACHED=$folder/$name-$(cache_key "$@" /etc/os-release)
  mkdir -p "$folder"
  exec {CACHE_LOCK}>"$folder/$name.lock"
  flock "$CACHE_LOCK"
  [[ -d $CACHED ]] || make_cached "$name" "$group" "$recipe"
  exec {CACHE_LOCK}>&-
}

make_cached() {
  local why log=$SUITE_WORK/$1.build start=$SECONDS
  why=$(need_packages "$2") || not_run "$why"
  MAKING=$(mktemp -d "${CACHED%/*}/making-$1-XXXXXX")
  in_background "$log" "$3" "$MAKING"
  finish "$CHILD" || {
    show_end "$log"
    not_run "cannot make $CACHED: $(tail -n 1 "$log")"
  }
  rm -rf "${CACHED%-*}"-[0-9a-f]*
  mv "$MAKING" "$CACHED"
  chmod 755 "$CACHED"
  printf '  made %s in %s s\n' "$CACHED" $((SECONDS - start))
}

# An entry that was not finished.
end_making() {
  [[ -z ${MAKING:-} ]] || rm -rf --one-file-system "$MAKING"
}
