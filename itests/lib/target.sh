# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# The target under test. ITESTS_TARGET names the driver: jtgt (default) or tgt, Debian's, to compare with a
# peer and to work on the tests themselves. A target is known by its folder, which holds its disks, its
# configuration, its state, `pid`, `port` and `log`; the driver functions are given this folder:
#
#   driver_need               ends the suite as not run when the target cannot be had
#   driver_train              makes its starts faster (not every driver has it)
#   driver_prepare DIR        writes the configuration; DIR/disks holds `LUN SIZE [KEY=VALUE]...` lines (sizes as
#                             256M, keys of jtgt's logical units); when there is DIR/two-ports, a second target
#                             port shows the same logical units
#   driver_exec DIR           exec's the target in the foreground
#   driver_ready DIR          what remains to be done once the port accepts (may be nothing)
#   driver_stop DIR PID       asks it to stop (its configuration and state stay)
#   driver_lun LUN            the number under which the target shows this LUN
#   driver_second_name        the name of the target at the second port
#   driver_complaints DIR     prints the lines of the log that no test may cause

export ITESTS_TARGET=${ITESTS_TARGET:-jtgt}
TARGET_IQN=iqn.2026-11.org.jtgt:test

# shellcheck source=itests/lib/target-jtgt.sh
source "$ITESTS/lib/target-$ITESTS_TARGET.sh"

# target_start DIR 'SIZE [KEY=VALUE]...'...: makes the folder, with a LUN of each size (as 256M) from 0 on, and starts.
target_start() {
  local dir=$1 size lun=0
  shift
  mkdir -p "$dir"
  for size in "$@"; do
    echo "$lun $size"
    lun=$((lun + 1))
  done >"$dir/disks"
  free_port >"$dir/port"
  driver_prepare "$dir"
  target_run "$dir"
}

# Starts the target of a folder that target_start made, on the same port and state.
target_run() {
  local dir=$1
  rm -f "$dir/pid"
  # A session of its own: it outlives the check that started it and is ended by its id. It is given up by
  # the shell that starts it, so `alive`, not `wait`, tells its end.
  (
    set +m
    exec setsid --fork bash "$ITESTS/lib/exec-target" "$dir" >>"$dir/log" 2>&1 </dev/null
  )
  await 10 test -s "$dir/pid"
  if ! await "${TARGET_PATIENCE:-60}" target_settled "$dir" || ! alive "$(<"$dir/pid")" || ! driver_ready "$dir"; then
    echo "the target does not start:"
    show_end "$dir/log"
    return 1
  fi
}

# Its port accepts, or it has ended.
target_settled() {
  ! alive "$(<"$1/pid")" || target_accepts "$1"
}

target_accepts() {
  (exec 3<>"/dev/tcp/127.0.0.1/$(<"$1/port")") 2>/dev/null
}

# target_stop DIR: gracefully. Fails when it had to be killed.
target_stop() {
  local pid
  pid=$(cat "$1/pid" 2>/dev/null) || return 0
  rm -f "$1/pid"
  alive "$pid" || return 0
  driver_stop "$1" "$pid" || true
  if ! await 30 gone "$pid"; then
    echo 'the target did not stop within 30 s'
    end_process "$pid" 1 || true
    return 1
  fi
}

# For checks: it must still run, and stop by itself.
target_stops_gracefully() {
  local pid
  pid=$(<"$1/pid")
  alive "$pid" || {
    echo 'the target has ended before'
    return 1
  }
  target_stop "$1"
}

target_restart() {
  target_stop "$1"
  target_run "$1"
}

target_portal() {
  printf '127.0.0.1:%s\n' "$(<"$1/port")"
}

# target_url DIR LUN [first|second [TCP-PORT]]: by which of the two target ports; another TCP port leads through a tracer.
target_url() {
  local name=$TARGET_IQN
  [[ ${3:-first} == first ]] || name=$(driver_second_name)
  printf 'iscsi://127.0.0.1:%s/%s/%s\n' "${4:-$(<"$1/port")}" "$name" "$(driver_lun "$2")"
}

# start_or_give_up DIR SIZE...: one test; ends the suite when the target does not start.
start_or_give_up() {
  end_of_preparation
  driver_need
  if declare -F driver_train >/dev/null; then driver_train; fi
  check 'the target starts' target_start "$@"
  ((CHECKED == 0)) || exit 0
}

# The last test of a suite: stops gracefully and the log holds no complaint.
check_target_stops() {
  check 'the target stops gracefully' target_stops_gracefully "$1"
  check 'the log of the target holds no stack trace' target_log_is_clean "$1"
}

target_log_is_clean() {
  local complaints
  complaints=$(driver_complaints "$1") || true
  [[ -z $complaints ]] && return 0
  printf '%s\n' "$complaints" | head -n 40
  return 1
}

all_targets() {
  find "$SUITE_WORK" -maxdepth 2 -name disks -printf '%h\n'
}

stop_all_targets() {
  local dir
  while read -r dir; do
    target_stop "$dir" || true
  done < <(all_targets)
}

show_target_logs() {
  local dir
  while read -r dir; do
    echo "        log of the target:"
    ITESTS_TAIL=15 show_end "$dir/log"
  done < <(all_targets)
}
