# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Driver of target.sh for jtgt itself: the unpacked distribution of the build, each object a dropped file.
# ITESTS_JTGT_HOME=DIR: another unpacked distribution, taken as it is.

jtgt_home() {
  local found=${ITESTS_JTGT_HOME:-}
  [[ ! -e $WORK/trained/lib/jtgt.aot ]] || found=$WORK/trained
  if [[ -z $found ]]; then
    found=$(compgen -G "$ITESTS/../distribution/target/jtgt-*/" | sort -V | tail -n 1) || return 1
  fi
  [[ -x $found/bin/jtgt ]] || return 1
  cd "$found" && pwd
}

# jtgt COMMAND...: to the running one of TARGET.
jtgt() {
  bounded 60 "$(jtgt_home)/bin/jtgt" --state "$TARGET/state" "$@"
}

# drop JAR NAME: into deploy/ of TARGET, whole or not at all.
drop() {
  cp "$1" "$TARGET/deploy/.$2"
  mv "$TARGET/deploy/.$2" "$TARGET/deploy/$2"
}

# versions BUNDLE PREFIX N: N copies of a bundle that ships, as PREFIX1.jar to PREFIXN.jar.
versions() {
  local jars=("$(jtgt_home)/bundles/$1-"[0-9]*.jar) names=() n
  for ((n = 1; n <= $3; n++)); do
    names+=("$2$n")
  done
  "$JAVA_HOME/bin/java" "$ITESTS/lib/JarVersion.java" "${jars[0]}" "$SUITE_WORK" "${names[@]}"
}

# What a new login, a new connection or a unit attention would change: some columns of `stats`, by one client.
fingerprint() {
  printf 'stats %s\n' session connection lu | jtgt shell | awk '
    BEGIN { names["SESSION"] = "SESSION tsih initiator peer"; names["CONNECTION"] = "CONNECTION"; names["LU"] = "LU unitAttentions errors" }
    $1 in names { n = split(names[$1], want, " "); for (i = 1; i <= NF; i++) at[$i] = i; next }
    NF { for (i = 1; i <= n; i++) printf "%s ", $at[want[i]]; print "" }'
}

build_distribution() {
  cd "$ITESTS/.." || return
  bounded 600 mvn -B -ntp -q package -DskipTests -pl distribution -am
}

# Builds it when it is missing (single suites on a clean clone: the first of them); what is there is taken as it is.
driver_need() {
  local lock
  end_of_preparation
  jtgt_home >/dev/null && return 0
  need build
  exec {lock}>"$WORK/distribution.lock"
  flock "$lock"
  if ! jtgt_home >/dev/null; then
    check 'the distribution is built' build_distribution
    ((CHECKED == 0)) || exit 0
  fi
  exec {lock}>&-
}

# Suites start a copy that was trained, once in a run: a start takes half of the time. The one that was built stays as it
# ships. Where nothing is learnt, starts only take longer.
driver_train() {
  local lock home
  [[ -z ${ITESTS_JTGT_HOME:-} ]] || return 0
  exec {lock}>"$WORK/training.lock"
  flock "$lock"
  if [[ ! -e $WORK/trained ]]; then
    home=$(jtgt_home)
    cp -rp "$home" "$WORK/untrained"
    rm -f "$WORK/untrained"/lib/jtgt.aot*
    mv "$WORK/untrained" "$WORK/trained"
    in_background "$WORK/training.log" train_copy
    finish "$CHILD" || kill -KILL -- "-$CHILD" 2>/dev/null || true
  fi
  exec {lock}>&-
}

# Who is interrupted ends it by KILL, with its group: nothing writes into the work folder any more while that is removed.
train_copy() {
  trap '' TERM
  TMPDIR=$WORK bounded 120 "$WORK/trained/bin/jtgt" train
}

driver_prepare() {
  local dir=$1 lun size keys luns=''
  mkdir -p "$dir"/{etc,deploy,state}
  while read -r lun size keys; do
    if [[ $keys == *memory* ]]; then
      printf 'size=%s\n' "$size" >"$dir/etc/org.jtgt.backstore.memory-disk$lun.cfg"
      keys=${keys/memory/}
    elif [[ $keys == *crypt* ]]; then
      (umask 077 && head -c 32 /dev/urandom >"$dir/key$lun")
      printf 'path=%s\nsize=%s\n' "$dir/disk$lun" "$size" >"$dir/etc/org.jtgt.backstore.file-below$lun.cfg"
      printf '%s\n' "base=below$lun" "keyFile=$dir/key$lun" format=true \
        >"$dir/etc/org.jtgt.backstore.crypt-disk$lun.cfg"
      keys=${keys/crypt/}
    else
      printf 'path=%s\nsize=%s\n' "$dir/disk$lun" "$size" \
        >"$dir/etc/org.jtgt.backstore.file-disk$lun.cfg"
    fi
    # shellcheck disable=SC2086 # one word a line
    printf '%s\n' "store=disk$lun" $keys >"$dir/etc/org.jtgt.scsi.lu-disk$lun.cfg"
    luns+=",$lun:disk$lun"
  done <"$dir/disks"
  printf 'name=%s\nluns=%s\n' "$TARGET_IQN" "${luns#,}" >"$dir/etc/org.jtgt.scsi.target-test.cfg"
  [[ ! -e $dir/two-ports ]] ||
    printf 'name=%s\nluns=%s\n' "$(driver_second_name)" "${luns#,}" >"$dir/etc/org.jtgt.scsi.target-second.cfg"
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
  await 60 jtgt_shows_all "$1"
}

jtgt_shows_all() {
  local shown
  shown=$(timeout 5 iscsi-ls -s "iscsi://$(target_portal "$1")" 2>/dev/null | grep -c 'Lun:.*DIRECT_ACCESS') || true
  [[ $shown == $(($(wc -l <"$1/disks") * ($(compgen -G "$1/etc/org.jtgt.scsi.target-*" | wc -l)))) ]]
}

driver_stop() {
  kill -TERM "$2"
}

driver_second_name() {
  echo "$TARGET_IQN:second"
}

driver_lun() {
  printf '%s\n' "$1"
}

# A stack trace is a bug (an operator's event is one line).
driver_complaints() {
  grep -nE -B 2 '^[[:space:]]+at [^ ]+\(.*\)$' "$1/log"
}
