#!/bin/sh
# guard.sh RUN_DIR GRACE_SECONDS : ends what the launcher started, also when the launcher itself was killed.
#
# Intuition: it holds the other end of the launcher's pipe. A process that ends, however it ends, lets go of its pipe;
# the guard reads the end of it and then ends the children, services first and databases last.
#
# RUN_DIR/lock is locked for as long as the guard lives: one launcher for one data directory. Exit 75: it is taken.
# RUN_DIR/<stage>-<name>.pid holds the /proc/PID/stat line of a child. Only a process with the same number *and* start
# time is ever signalled. Each child leads its own process group, and the group is signalled.
set -u
trap '' INT TERM HUP
run=$1
grace=$2
exec 9>"$run/lock"
flock -n 9 || exit 75

# alive FILE : is the process that FILE names still there? Sets pid.
alive() {
  recorded=''; now=''
  { read -r recorded <"$1"; } 2>/dev/null
  pid=${recorded%% *}
  case $pid in '' | *[!0-9]*) return 1 ;; esac
  { read -r now <"/proc/$pid/stat"; } 2>/dev/null
  [ -n "$now" ] || return 1
  set -- ${recorded##*) }
  started=${20-}
  set -- ${now##*) }
  [ "$1" != Z ] && [ -n "$started" ] && [ "${20}" = "$started" ]
}

# signal_stage STAGE SIGNAL : to each child of the stage that is still there. Fails when there was none.
signal_stage() {
  found=1
  for file in "$run/$1"-*.pid; do
    alive "$file" || continue
    found=0
    [ "$2" = 0 ] || kill -s "$2" -- "-$pid" 2>/dev/null
  done
  return $found
}

# wait_stage STAGE TENTHS : until the stage is empty. Fails when it is not.
wait_stage() {
  tenths=$2
  while signal_stage "$1" 0; do
    [ "$tenths" -gt 0 ] || return 1
    tenths=$((tenths - 1))
    sleep 0.1
  done
}

end_stage() {
  if signal_stage "$1" TERM; then
    signal_stage "$1" CONT # a stopped process gets TERM only when it goes on
    wait_stage "$1" $((grace * 10)) || { signal_stage "$1" KILL; wait_stage "$1" 50; }
  fi
  for file in "$run/$1"-*.pid; do alive "$file" || rm -f "$file"; done
}

end_everything() {
  for stage in 1 2 3; do end_stage $stage; done
}

end_everything # leftovers of a launcher whose guard was killed with it
echo ready
exec >/dev/null 2>&1 # from here on nobody may be listening
cat >/dev/null
end_everything
sleep 0.2 # a child that was being started in the very moment has written its pid file by now
end_everything
