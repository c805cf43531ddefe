# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# What every suite sources: strict mode, clean-up, the results and the target. The runner gives ITESTS (this
# folder), WORK (temporary, of the run) and RESULTS (the file of results, see result.sh).
set -euo pipefail

SUITE=$(basename "$0")
SUITE=${SUITE#[0-9][0-9]-}
SUITE_WORK=$(mktemp -d "$WORK/$SUITE-XXXXXX")
# Clients leave files where they run.
cd "$SUITE_WORK"

# shellcheck source=itests/lib/process.sh
source "$ITESTS/lib/process.sh"
# shellcheck source=itests/lib/result.sh
source "$ITESTS/lib/result.sh"
# shellcheck source=itests/lib/debian.sh
source "$ITESTS/lib/debian.sh"
# shellcheck source=itests/lib/cache.sh
source "$ITESTS/lib/cache.sh"
# shellcheck source=itests/lib/target.sh
source "$ITESTS/lib/target.sh"

suite_end() {
  local rc=$?
  trap - EXIT INT TERM
  set +e
  end_children
  stop_all_targets
  end_making
  [[ -n ${ITESTS_KEEP:-} ]] || rm -rf "$SUITE_WORK"
  exit "$rc"
}
trap suite_end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# need GROUP...: ends the suite as not run when its packages (packages.tsv) cannot be had.
need() {
  local why
  why=$(need_packages "$@") || not_run "$why"
}

# only_jtgt WHY: ends the suite as not run when the target is another.
only_jtgt() {
  [[ $ITESTS_TARGET == jtgt ]] || not_run "$1"
}
