# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Driver of target.sh for Debian's istgt (root needed). It takes the last part of a target's name for its own.

driver_need() {
  ((EUID == 0)) || not_run 'istgt needs root'
  need istgt
}

driver_prepare() {
  local dir=$1 port lun size
  port=$(<"$dir/port")
  free_port >"$dir/control-port"
  : >"$dir/auth.conf"
  chmod 600 "$dir/auth.conf"
  {
    cat <<EOF
[Global]
  NodeBase "${TARGET_IQN%:*}"
  PidFile $dir/istgt.pid
  AuthFile $dir/auth.conf
  MediaDirectory $dir
  LogFacility "local7"
  Timeout 30
  NopInInterval 20
  DiscoveryAuthMethod None
  MaxSessions 128
  MaxConnections 1
  MaxR2T 32
  MaxOutstandingR2T 16
  DefaultTime2Wait 2
  DefaultTime2Retain 60
  FirstBurstLength 262144
  MaxBurstLength 1048576
  MaxRecvDataSegmentLength 262144
  InitialR2T Yes
  ImmediateData Yes
  DataPDUInOrder Yes
  DataSequenceInOrder Yes
  ErrorRecoveryLevel 0
[UnitControl]
  AuthMethod None
  Portal UC1 127.0.0.1:$(<"$dir/control-port")
  Netmask 127.0.0.1
[PortalGroup1]
  Portal DA1 127.0.0.1:$port
[InitiatorGroup1]
  InitiatorName "ALL"
  Netmask 127.0.0.0/8
[LogicalUnit1]
  TargetName ${TARGET_IQN##*:}
  Mapping PortalGroup1 InitiatorGroup1
  AuthMethod None
  UseDigest Auto
  UnitType Disk
  QueueDepth 128
EOF
    while read -r lun size; do
      printf '  LUN%s Storage %s %sB\n' "$lun" "$dir/disk$lun" "$size"
    done <"$dir/disks"
  } >"$dir/istgt.conf"
  while read -r lun size; do
    truncate -s "$size" "$dir/disk$lun"
  done <"$dir/disks"
}

driver_exec() {
  exec istgt -D -c "$1/istgt.conf" -p "$1/istgt.pid"
}

driver_ready() {
  return 0
}

driver_stop() {
  kill -TERM "$2"
}

driver_lun() {
  printf '%s\n' "$1"
}

driver_complaints() {
  grep -n 'segfault' "$1/log"
}
