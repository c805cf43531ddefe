# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Results: one line each in the file RESULTS, `pass|fail|not-run|known<TAB>suite<TAB>name<TAB>count`. The runner
# adds up the counts of pass and fail (and, with CI=true, of not-run as fail).

record() {
  printf '%s\t%s\t%s\t%s\n' "$1" "$SUITE" "$2" "${3:-1}" >>"$RESULTS"
}

# pass NAME [NOTE]
pass() {
  record pass "$1"
  printf '  ok    %s%s\n' "$1" "${2:+ ($2)}"
}

# fail NAME [LOG]: shows the end of the log.
fail() {
  record fail "$1"
  printf '  FAIL  %s\n' "$1"
  [[ -z ${2:-} ]] || show_end "$2"
}

show_end() {
  [[ ! -s $1 ]] || tail -n "${ITESTS_TAIL:-25}" "$1" | quoted
}

# quoted: what others have printed.
quoted() {
  cut -c 1-400 | sed 's/^/        | /'
}

# not_run WHY: ends the suite.
not_run() {
  record not-run "$1"
  printf 'not run: %s: %s\n' "$SUITE" "$1"
  exit 0
}

# check NAME COMMAND...: one test. The command, often a function, runs with errexit in a process of its own;
# what it prints is shown when it fails. Its exit code is left in CHECKED. To be called as a plain command:
# in a condition (`check ... ||`) the shell would ignore errexit all the way down, so this is refused.
check() {
  end_of_preparation
  local name=$1 log start=$EPOCHREALTIME
  shift
  log=$(mktemp "$SUITE_WORK/check-XXXXXX")
  CHECKED=0
  in_background "$log" "$@"
  finish "$CHILD" || CHECKED=$?
  if ((CHECKED == 0)); then
    pass "$name" "$(since "$start") s"
  else
    ((CHECKED != 124)) || echo 'timed out' >>"$log"
    [[ -s $log ]] || echo "exit code $CHECKED" >>"$log"
    fail "$name" "$log"
    show_target_logs
  fi
}

# Here a suite ends that the runner only wants to get what it needs, while others run (ITESTS_PREPARE).
end_of_preparation() {
  [[ -z ${ITESTS_PREPARE:-} ]] || exit 0
}

# since EPOCHREALTIME: seconds with one digit.
since() {
  local tenths=$(((${EPOCHREALTIME/[.,]/} - ${1/[.,]/}) / 100000))
  printf '%d.%d\n' $((tenths / 10)) $((tenths % 10))
}

# expect PATTERN FILE: the extended regular expression occurs; says so when not.
expect() {
  grep -Eq -- "$1" "$2" && return 0
  printf 'expected to see: %s\n' "$1"
  return 1
}

# expect_not PATTERN FILE: it does not; prints where it does.
expect_not() {
  if grep -En -- "$1" "$2"; then
    printf 'expected not to see: %s\n' "$1"
    return 1
  fi
}

# expect_equal WHAT EXPECTED ACTUAL
expect_equal() {
  [[ $2 == "$3" ]] || {
    printf '%s: expected %s, is %s\n' "$1" "$2" "${3:-nothing}"
    return 1
  }
}

# expect_failure COMMAND...
expect_failure() {
  if "$@"; then
    printf 'expected to fail: %s\n' "$*"
    return 1
  fi
}
