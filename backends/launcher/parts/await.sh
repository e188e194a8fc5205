# await [COMMAND]: returns when nothing is left, or when the command fails; from $deadline on with
# KILL. Fails when even that has not helped for as long again, as systemd gives up then.
await() {
	while "${1-:}" && { left || target_lives; }; do
		now
		if [ "$now" -ge "$deadline" ]; then
			signal KILL
			! target_lives || kill -s KILL "${target% *}" 2>/dev/null
		fi
		if [ "$now" -ge $((deadline + stop_timeout + 1000)) ]; then
			say "still there after KILL: ${procs:-process group $main_pid}"
			return 1
		fi
		nap 10
	done
}

