# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash

JDK_WANTED=25

# jdk_version HOME: the feature version of the JDK there, nothing when there is none.
jdk_version() {
  [[ -n $1 && -x $1/bin/javac && -r $1/release ]] || return 0
  sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release"
}

# Exports JAVA_HOME: the environment's, when it is new enough, else the newest where Debian keeps JDKs.
choose_jdk() {
  local home version newest=$((JDK_WANTED - 1)) chosen=''
  version=$(jdk_version "${JAVA_HOME:-}")
  ((${version:-0} < JDK_WANTED)) || return 0
  for home in /usr/lib/jvm/*; do
    version=$(jdk_version "$home")
    if ((${version:-0} > newest)); then
      newest=$version
      chosen=$home
    fi
  done
  if [[ -z $chosen ]]; then
    echo "No JDK $JDK_WANTED or newer: set JAVA_HOME to one (looked there and in /usr/lib/jvm)." >&2
    exit 1
  fi
  export JAVA_HOME=$chosen
}
