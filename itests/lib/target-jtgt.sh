# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Driver of target.sh for jtgt itself: the unpacked distribution of the build, each object a dropped file.

jtgt_home() {
  local found
  found=$(compgen -G "$ITESTS/../distribution/target/jtgt-*/bin/jtgt" | sort -V | tail -n 1) || true
  [[ -n $found ]] || return 1
  cd "$(dirname "$found")/.." && pwd
}

# The runner builds the distribution before the suites.
driver_need() {
  jtgt_home >/dev/null || {
    fail 'the distribution is built (distribution/target/jtgt-*/bin/jtgt)'
    exit 0
  }
}

driver_prepare() {
  local dir=$1 lun size luns=''
  mkdir -p "$dir"/{etc,deploy,state}
  while read -r lun size; do
    printf 'path=%s\nsize=%s\n' "$dir/disk$lun" "$size" \
      >"$dir/etc/org.jtgt.backstore.file-disk$lun.cfg"
    printf 'store=disk%s\n' "$lun" >"$dir/etc/org.jtgt.scsi.lu-disk$lun.cfg"
    luns+=",$lun:disk$lun"
  done <"$dir/disks"
  printf 'name=%s\nluns=%s\n' "$TARGET_IQN" "${luns#,}" >"$dir/etc/org.jtgt.scsi.target-test.cfg"
  printf 'address=127.0.0.1\nport=%s\n' "$(<"$dir/port")" \
    >"$dir/etc/org.jtgt.iscsi.portal-main.cfg"
}

driver_exec() {
  local home
  home=$(jtgt_home)
  exec "$home/bin/jtgt" daemon --etc "$1/etc" --deploy "$1/deploy" --state "$1/state"
}

# The portal may listen before the target and all its LUNs are there: each object is a file of its own.
driver_ready() {
  command -v iscsi-ls >/dev/null || return 0
  await 20 jtgt_shows_all "$1"
}

jtgt_shows_all() {
  local shown
  shown=$(timeout 5 iscsi-ls -s "iscsi://$(target_portal "$1")" 2>/dev/null | grep -c 'Lun:.*DIRECT_ACCESS') || true
  [[ $shown == "$(wc -l <"$1/disks")" ]]
}

driver_stop() {
  kill -TERM "$2"
}

driver_lun() {
  printf '%s\n' "$1"
}

# A stack trace is a bug (an operator's event is one line).
driver_complaints() {
  grep -nE -B 2 '^[[:space:]]+at [^ ]+\(.*\)$' "$1/log"
}
