# --------------------------------------------------------------- the last start
# The state folder holds: pid, the last start (its PID, start time and cgroup.procs); stop, when
# KILL follows a stop, the start that it is for, and who has had its signal; supervisor, which
# `supervise` the service is left to; finish, the earliest next start; settled, only a time stamp;
# ended, what `note_end` says.

# Sets $now. Times are since boot, which nobody sets back.
now() {
	read -r now _ </proc/uptime
	now=$((${now%.*} * 100 + 1${now#*.} - 100))
}

# nap CENTISECONDS
nap() {
	fraction=0$(($1 % 100))
	sleep "$(($1 / 100)).${fraction#"${fraction%??}"}" 2>/dev/null || sleep $((($1 + 99) / 100))
}

# pause TIME COMMAND: until that time is over, or until the command succeeds.
pause() {
	now
	while [ "$now" -le "$1" ] && ! "$2"; do
		nap $(($1 - now < 50 ? $1 - now + 1 : 50))
		now
	done
}

# started_at PID: sets $started, in clock ticks since boot, and $parent; fails without such a
# process. A PID alone may be another process by now.
started_at() {
	started='' parent=''
	read -r started 2>/dev/null <"/proc/$1/stat" || return
	# What stands before the last parenthesis can hold blanks and parentheses.
	# shellcheck disable=SC2086 # split
	set -- ${started##*) }
	parent=$2 started=${20}
}

# Reads what the last start noted.
last() {
	main_pid='' main_started='' procs=''
	read -r main_pid main_started procs 2>/dev/null <"$state_folder/pid"
}

main_lives() { [ -n "$main_pid" ] && started_at "$main_pid" && [ "$started" = "$main_started" ]; }

# forget FILE: what that file of the state says: `ended` before a start that was asked for, and
# `supervisor` where the service is no longer left to a `supervise`, which would start it too.
forget() { [ ! -s "$state_folder/$1" ] || : >"$state_folder/$1"; }

# begin [PARENT]: makes this process the first of the next start, which begins when the rest of
# the delay is over that `finish` has left to it.
#
# A stop is noted before it reads which start there is, and a start before it looks for a stop, so
# that none is missed. The same with a PARENT that ends: nobody would know of this start.
begin() {
	go_on "${1-}"
	forget stop
	enter_cgroup
	echo "$$ $started $procs" >"$state_folder/pid"
	go_on "${1-}"
	earliest=
	if read -r earliest 2>/dev/null <"$state_folder/finish"; then
		pause "$earliest" false
		: >"$state_folder/finish"
	fi
}

# go_on [PARENT]: ends this start if a stop is for it or PARENT has ended; `other` is all but PID 1.
go_on() {
	stopped=
	{ read -r _ && read -r stopped; } 2>/dev/null <"$state_folder/stop"
	started_at $$
	[ "${1-}" != other ] || [ "$parent" = 1 ] || set --
	if [ "$stopped" = "$$ $started" ] || [ "${1:-$parent}" != "$parent" ]; then exit 143; fi
}

