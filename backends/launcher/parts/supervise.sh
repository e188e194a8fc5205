asked() { [ -n "$asked" ]; }

# On TERM, which may come before $child is known. Once: a second stop signal makes a kubelet exit
# at once.
terminate() {
	asked=1
	if [ -z "$child" ] || [ -n "$child_told" ]; then return; fi
	child_told=1
	stop "$child"
	kill -s "$stop_signal" "$child" 2>/dev/null
}

# Whether no other start or `supervise` has taken the service over.
is_ours() {
	read -r owner 2>/dev/null <"$state_folder/supervisor" || [ ! -e "$state_folder/supervisor" ] || return
	[ "${owner:-$supervisor}" = "$supervisor" ]
}

relieved() { asked || ! is_ours; }

# A signal can break off the `wait` that has taken the end. The shell still knows it, or says 127.
ask_again() {
	wait "$child" 2>/dev/null
	known=$?
	[ "$known" = 127 ] || status=$known
}

# supervise [once | tell]: stays the parent, for a supervisor that has no hook before its TERM;
# `once` leaves the next start to it, `tell` tells it when there is none.
supervise() {
	asked='' child='' status=0
	trap terminate TERM
	for name in HUP INT QUIT USR1 USR2; do
		# shellcheck disable=SC2064 # the name of now, the PID of then
		trap "[ -z \"\$child\" ] || kill -s $name \"\$child\"" "$name"
	done
	started_at $$
	supervisor="$$ $started"
	echo "$supervisor" >"$state_folder/supervisor"
	once=${1-} tell=${1-}
	once=${once#tell} tell=${tell#once}
	# A shell starts what it does not wait for with INT and QUIT ignored, and cannot undo that;
	# GNU env can. setsid makes a session, as systemd does.
	set -- "$0" start $$
	! env --default-signal true 2>/dev/null || set -- env --default-signal "$@"
	! command -v setsid >/dev/null || set -- setsid "$@"
	[ -n "$once" ] || forget ended
	end_last
	while ! asked; do
		: >"$state_folder/stop"
		child_told=
		tell_signals
		"$@" &
		child=$!
		! asked || terminate
		while :; do
			wait "$child"
			status=$?
			kill -s 0 "$child" 2>/dev/null || break
		done
		[ "$status" -le 128 ] || ask_again
		signal_or_code
		child=
		is_ours || exit
		end
		if asked || [ -n "$once" ]; then break; fi
		next_start "$status" "$ended" || break
		pause "$next" relieved
		is_ours || exit
	done
	if asked; then
		[ -n "$once" ] || forget ended
		set_deadline # for `finish`
	fi
	# supervisord looks for ended processes once a second, and when output ends. That of a process
	# ends just before it does: this ends it a little later.
	if [ -z "$once" ]; then nap 5 & fi
	leave
}

# Ends as the service did. A supervisor that starts again whatever ends is told first, and ends
# this process then.
leave() {
	if [ -n "$tell" ] && ! asked && kill -s TERM "$PPID" 2>/dev/null; then
		now
		pause $((now + 1000)) asked
	fi
	[ "$status" -ge 256 ] || exit "$status"
	[ -n "$once" ] || exit $((status - 128))
	trap - TERM HUP INT QUIT USR1 USR2
	kill -$((status - 256)) $$
}

