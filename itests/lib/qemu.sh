# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# QEMU's block layer, for suites that `need qemu`.

# qemu_io SECONDS URL COMMAND...: each of them must succeed. qemu-io says `Pattern verification failed` where a byte
# differs.
qemu_io() {
  local seconds=$1 url=$2 command commands=()
  shift 2
  for command in "$@"; do
    commands+=(-c "$command")
  done
  bounded "$seconds" qemu-io -f raw -t none -d unmap "${commands[@]}" "$url" 2>&1 | tee "$SUITE_WORK/io"
  expect_not 'verification failed|[Ff]ailed|rror' "$SUITE_WORK/io"
}
