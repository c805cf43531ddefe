# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# fio with its libiscsi engine, for suites that `need fio-run` and have TARGET.

# A cached fio that does not run here (the libraries are others) is built again.
find_fio() {
  cached fio fio-build "$ITESTS/build-fio"
  FIO=$CACHED/fio
  "$FIO" --version >/dev/null 2>&1 && return 0
  rm -rf "$CACHED"
  cached fio fio-build "$ITESTS/build-fio"
}

# fio_url LUN: fio splits file names at colons, unless escaped.
fio_url() {
  local url
  url=$(target_url "$TARGET" "$1")
  printf '%s\n' "${url//:/\\:}"
}

# fio_global OPTION...: head of a job file.
fio_global() {
  printf '[global]\nioengine=libiscsi\nthread=1\nverify=crc32c\nverify_fatal=1\nverify_dump=0\n'
  printf 'randseed=%s\n' "$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')"
  printf '%s\n' "$@"
}

# fio_run SECONDS JOBFILE OPTION...: fio's exit code tells a verification or I/O error. (Its note about a
# synchronous engine means nothing: libiscsi's keeps iodepth requests in flight, as `IO depths` shows.)
fio_run() {
  local seconds=$1 jobs=$2
  shift 2
  cat "$jobs"
  bounded "$seconds" "$FIO" "$@" "$jobs" 2>&1 |
    tee "$SUITE_WORK/fio.out"
  fio_verified "$SUITE_WORK/fio.out"
}

# fio_verified OUTPUT: no error, and each group has read back what it wrote.
fio_verified() {
  expect_not 'verify: bad|verify failed|err=[ ]*[1-9]' "$1"
  expect 'READ: bw=' "$1"
}
