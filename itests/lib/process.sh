# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Processes: each one that is started is ended by its id, or, with all that it started, by the id of its
# process group. Job control (set -m) gives every background job a group of its own.
set -m

CHILDREN=()

# alive PID: runs, and is no zombie that nobody waits for.
alive() {
  local stat
  { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 1
  [[ ${stat##*) } != Z* ]]
}

# await SECONDS COMMAND...: until the command succeeds; fails when it has not in time.
await() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    ((SECONDS < deadline)) || return 1
    sleep 0.1
  done
}

gone() {
  ! alive "$1"
}

# end_process PID SECONDS: TERM, then KILL after that time. Fails when KILL was needed.
end_process() {
  kill -TERM "$1" 2>/dev/null || return 0
  await "$2" gone "$1" && return 0
  kill -KILL "$1" 2>/dev/null || true
  await 5 gone "$1" || true
  return 1
}

# in_background LOG COMMAND...: starts it with strict mode as a job of its own; its id is in CHILD.
# Ends the shell when the caller runs in a condition, where errexit would not work.
in_background() {
  local log=$1 strict=no
  shift
  (
    set -e
    false
    true
  ) &
  wait "$!" || strict=yes
  if [[ $strict == no ]]; then
    echo "called in a condition, where errexit is ignored: $*" >&2
    exit 70
  fi
  (
    set -euo pipefail
    "$@"
  ) >"$log" 2>&1 </dev/null &
  CHILD=$!
  CHILDREN+=("$CHILD")
}

# finish PID: waits for a job of in_background; its exit code.
finish() {
  local pid rest=() rc=0
  wait "$1" 2>/dev/null || rc=$?
  for pid in "${CHILDREN[@]}"; do
    [[ $pid == "$1" ]] || rest+=("$pid")
  done
  CHILDREN=("${rest[@]}")
  return "$rc"
}

# Ends the jobs of in_background that still run, with all that they started. The shell would tell of each where it next
# waits for a process, in the middle of a report.
end_children() {
  local pid
  for pid in "${CHILDREN[@]}"; do
    kill -TERM -- "-$pid" 2>/dev/null || continue
    await 5 gone "$pid" 2>/dev/null || kill -KILL -- "-$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  CHILDREN=()
}

# bounded SECONDS COMMAND...: as timeout, in the group of the job, so that it ends with it.
bounded() {
  local seconds=$1
  shift
  timeout --foreground --kill-after=5 "$seconds" "$@"
}

# free_port: a TCP port of 127.0.0.1 that nobody listens on, below the range that the kernel gives to clients.
free_port() {
  local port
  while :; do
    port=$((10240 + (RANDOM * 32768 + RANDOM) % 20000))
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
  done
  printf '%s\n' "$port"
}
