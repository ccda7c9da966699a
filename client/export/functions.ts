/**
 * What an exported script does, as POSIX shell functions over docker, git and the GNU tools of every Debian host. Each
 * looks at the world first and says what it did: the script can be run again after it was broken off.
 */
export const functions = String.raw`say() { printf '%s\n' "$*"; }

refuse() {
  say "REFUSED: $*. Nothing was changed." >&2
  exit 5
}

# What could not be done is no reason to stop: it is written down and told at the end.
not_done() {
  say "  NOT DONE: $*"
  printf '%s\n' "$*" >> "$KEEP/not-done"
}

stop_here() {
  say "STOPPED: $*. What follows was not attempted." >&2
  exit 1
}

need() {
  for tool in "$@"; do command -v "$tool" > /dev/null 2>&1 || refuse "$tool is not on this machine"; done
}

not_held() {
  if [ ! -e "$1" ] || [ "$(printenv ROLLBACK_HELD)" = ignore ]; then return 0; fi
  refuse "a rollback holds this system ($1); if it is dead for good: ROLLBACK_HELD=ignore"
}

state_of() { docker inspect --type container -f '{{.State.Status}}' "$1" 2> /dev/null || say gone; }

# One hash for the names and contents of all files below a folder.
digest() {
  (cd "$1" && find . -type f -print0 | sort -z | xargs -0 -r sha256sum -z | sha256sum | cut -d ' ' -f 1)
}

# No restart from here on; what the policy was is kept, for whoever undoes this.
forbid_restart() {
  docker inspect -f '{{.HostConfig.RestartPolicy.Name}}' "$1" > "$KEEP/evidence/$1.restart-policy"
  docker update --restart=no "$1" > /dev/null 2>&1 || not_done "restart policy of $1 could not be set"
}

contain() {
  case $(state_of "$1") in
    running)
      forbid_restart "$1"
      docker pause "$1" > /dev/null || docker kill "$1" > /dev/null || true
      say "  $2 contained"
      ;;
    restarting)
      forbid_restart "$1"
      docker kill "$1" > /dev/null 2>&1 || true
      say "  $2 kept from restarting"
      ;;
    *) say "  $2 is $(state_of "$1")" ;;
  esac
}

evidence() {
  [ "$(state_of "$1")" != gone ] || return 0
  [ -e "$KEEP/evidence/$1.$2.inspect.json" ] || docker inspect "$1" > "$KEEP/evidence/$1.$2.inspect.json"
  # Bounded in time and bytes: a log can be larger than the disk.
  timeout 40 docker logs --timestamps --tail 200000 "$1" 2>&1 | head -c 67108864 > "$KEEP/evidence/$1.$2.log" ||
    not_done "log of $1 could not be kept"
}

stop_one() {
  case $(state_of "$1") in
    running | paused | restarting) ;;
    *) say "  $2 does not run" && return 0 ;;
  esac
  if [ "$(docker inspect -f '{{.HostConfig.AutoRemove}}' "$1")" = true ]; then
    not_done "$2 would be deleted by a stop: it stays paused"
    return 0
  fi
  if [ "$SUSPECT" = yes ]; then
    docker kill "$1" > /dev/null
  else
    if [ "$(state_of "$1")" = paused ]; then docker unpause "$1" > /dev/null; fi
    docker stop -t 10 "$1" > /dev/null
  fi
  say "  $2 stopped, kept with its logs and its layer"
}

prove_stopped() {
  case $(state_of "$1") in
    exited | created | dead | gone) ;;
    paused) not_done "$2 is paused and not stopped" ;;
    *) stop_here "$2 still runs" ;;
  esac
}

stop_user() {
  if [ "$(state_of "$1")" != running ]; then say "  $2 does not run" && return 0; fi
  docker stop -t 30 "$1" > /dev/null
  say "  $2 stopped for its data"
}

# The state just before, whole and proven, once: a second run never copies what is half put back.
safety_copy() {
  if [ -e "$KEEP/data/$1.ok" ]; then say "  $1: the first safety copy is there" && return 0; fi
  if [ ! -e "$2" ]; then say "  $1: nothing is there" && : > "$KEEP/data/$1.ok" && return 0; fi
  needed=$(du -sk "$2" | cut -f 1)
  free=$(df -Pk "$KEEP" | awk 'NR == 2 { print $4 }')
  [ "$free" -gt $((needed + 16384)) ] || stop_here "no room for a safety copy of $1: $needed KiB, $free are free"
  rm -rf "$KEEP/data/$1.partial"
  cp -a "$2" "$KEEP/data/$1.partial"
  [ "$(digest "$2")" = "$(digest "$KEEP/data/$1.partial")" ] || stop_here "the safety copy of $1 is not its source"
  mv "$KEEP/data/$1.partial" "$KEEP/data/$1"
  sync
  : > "$KEEP/data/$1.ok"
  say "  $1: $KEEP/data/$1"
}

# Staged beside the data, proven, then exchanged by two renames; what was there stays beside it.
restore() {
  if [ -d "$2" ] && [ "$(digest "$2")" = "$4" ]; then say "  $1 is as in the checkpoint" && return 0; fi
  [ -e "$KEEP/data/$1.ok" ] || stop_here "there is no safety copy of $1"
  [ "$(digest "$3")" = "$4" ] || stop_here "the checkpoint's copy of $1 is damaged; its data were not touched"
  stage=$2.rollback-$RUN.stage
  before=$2.rollback-$RUN.before
  rm -rf "$stage"
  cp -a "$3" "$stage"
  [ "$(digest "$stage")" = "$4" ] || stop_here "what was staged for $1 is not the checkpoint; its data were not touched"
  sync
  if [ -e "$2" ]; then
    [ ! -e "$before" ] || stop_here "$before is there already; the data of $1 were not touched"
    mv "$2" "$before"
  fi
  mv "$stage" "$2"
  sync
  [ "$(digest "$2")" = "$4" ] || stop_here "$1 is not the checkpoint after it was put back"
  say "  $1 is as in the checkpoint; what was there: $before"
}

# As the repository's owner, without hooks or filters of anybody.
run_git() {
  set -- git -C "$REPO" -c safe.directory='*' -c core.hooksPath=/dev/null -c core.fsmonitor=false "$@"
  if [ "$(id -u)" = 0 ] && [ "$(stat -c %u "$REPO")" != 0 ]; then
    set -- setpriv --reuid="$(stat -c %u "$REPO")" --regid="$(stat -c %g "$REPO")" --clear-groups "$@"
  fi
  "$@"
}

# A branch of its own at the checkpoint; whatever is in the way moves aside, also what git does not know. Paths after
# the commit are left out: data are put back by themselves, or not at all.
git_return() {
  commit=$1
  shift
  folder=$(run_git rev-parse --absolute-git-dir)
  aside=$folder/rollback-$RUN
  for operation in MERGE_HEAD CHERRY_PICK_HEAD REVERT_HEAD rebase-merge rebase-apply; do
    if [ -e "$folder/$operation" ]; then
      not_done "git: an operation is in progress ($operation): the repository was left as it is"
      return 0
    fi
  done
  run_git diff --name-only -z --no-renames --no-ext-diff "$commit" -- . "$@" > "$KEEP/git/differing"
  if [ "$(run_git rev-parse HEAD)" = "$commit" ] && [ ! -s "$KEEP/git/differing" ]; then
    say '  the repository is at the checkpoint' && return 0
  fi
  if [ ! -e "$KEEP/git/ok" ]; then
    run_git rev-parse HEAD > "$KEEP/git/HEAD"
    run_git symbolic-ref -q HEAD > "$KEEP/git/branch" || true
    run_git for-each-ref > "$KEEP/git/refs"
    cp -p "$folder/index" "$KEEP/git/index"
    : > "$KEEP/git/ok"
  fi
  xargs -0 -r sh -c 'repo=$1; aside=$2; shift 2
    for name do
      if [ -e "$repo/$name" ] || [ -L "$repo/$name" ]; then
        mkdir -p "$aside/$(dirname -- "$name")"
        mv -- "$repo/$name" "$aside/$name"
      fi
    done' sh "$REPO" "$aside" < "$KEEP/git/differing"
  run_git branch --no-track "rollback/$RUN" "$commit" 2> /dev/null ||
    [ "$(run_git rev-parse "refs/heads/rollback/$RUN")" = "$commit" ] || stop_here "no branch rollback/$RUN can be made"
  run_git symbolic-ref -m "rollback by script $RUN" HEAD "refs/heads/rollback/$RUN"
  run_git read-tree "$commit"
  run_git ls-files -z --deleted -- . "$@" | run_git checkout-index -z --stdin
  run_git diff --quiet --no-ext-diff "$commit" -- . "$@" || stop_here 'the working tree is not the checkpoint'
  say "  branch rollback/$RUN at $commit; what was in the way: $aside"
}

# By id, and only on the image that the checkpoint has for it.
start_stable() {
  state=$(state_of "$1")
  if [ "$state" = gone ]; then not_done "$2 has no container any more: compose has to make it" && return 0; fi
  if [ -n "$3" ] && [ "$(docker inspect -f '{{.Image}}' "$1")" != "$3" ]; then
    not_done "$2 stands on another image than $3: it was not started by this script"
    return 0
  fi
  case $state in
    running) say "  $2 runs" ;;
    paused) docker unpause "$1" > /dev/null && say "  $2 unpaused" ;;
    *) docker start "$1" > /dev/null && say "  $2 started" ;;
  esac
}

ask() {
  if command -v curl > /dev/null 2>&1; then
    curl -fsS -m "$2" -o /dev/null "$1" 2> /dev/null
  else
    wget -q -T "$2" -t 1 -O /dev/null "$1" 2> /dev/null
  fi
}

# So many good answers in a row, or the deadline.
probe() {
  end=$(($(date +%s) + $3))
  good=0
  while [ "$good" -lt "$4" ]; do
    if ask "$1" "$2"; then good=$((good + 1)); else good=0; fi
    [ "$(date +%s)" -lt "$end" ] || return 1
    sleep 1
  done
}

# Whatever failed, the last act is an attempt to have the stable system serve.
at_the_end() {
  code=$?
  trap - EXIT
  if [ "$BEGUN" = yes ] && [ "$code" != 0 ]; then
    say 'It was broken off: the stable system is started all the same.' >&2
    (start_all) || say 'The stable system could not be started.' >&2
  fi
  exit "$code"
}`;
