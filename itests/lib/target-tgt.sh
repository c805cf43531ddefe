# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Driver of target.sh for Debian's tgt (tgtd, tgtadm; root needed).

driver_need() {
  ((EUID == 0)) || not_run 'tgtd needs root'
  need tgt
}

# The control port only tells apart several tgtd that share a socket path; each has a path of its own here.
tgt_admin() {
  local dir=$1
  shift
  TGT_IPC_SOCKET=$dir/ipc tgtadm --control-port 0 --lld iscsi "$@"
}

driver_prepare() {
  local lun size
  while read -r lun size _; do
    truncate -s "$size" "$1/disk$lun"
  done <"$1/disks"
}

driver_exec() {
  export TGT_IPC_SOCKET=$1/ipc
  exec tgtd -f --control-port 0 --iscsi "portal=127.0.0.1:$(<"$1/port")"
}

driver_ready() {
  local dir=$1 lun size
  await 10 tgt_admin "$dir" --op show --mode system >/dev/null
  tgt_admin "$dir" --op new --mode target --tid 1 --targetname "$TARGET_IQN"
  while read -r lun size _; do
    tgt_admin "$dir" --op new --mode logicalunit --tid 1 --lun "$(driver_lun "$lun")" --backing-store "$dir/disk$lun"
    tgt_admin "$dir" --op update --mode logicalunit --tid 1 --lun "$(driver_lun "$lun")" --params thin_provisioning=1
  done <"$dir/disks"
  tgt_admin "$dir" --op bind --mode target --tid 1 --initiator-address ALL
}

# It ignores SIGTERM as long as it has targets.
driver_stop() {
  tgt_admin "$1" --op delete --force --mode target --tid 1
  tgt_admin "$1" --op delete --mode system
}

# The first one again.
driver_second_name() {
  echo "$TARGET_IQN"
}

# tgt always has a controller at LUN 0: its disks are one further.
driver_lun() {
  printf '%d\n' $(($1 + 1))
}

driver_complaints() {
  grep -n 'segfault' "$1/log"
}
