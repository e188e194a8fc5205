# Runs the commands before a start one after another, each as the service itself is started; one
# that fails ends this start. What a command leaves behind is ended before the next.
run_pre_start() {
	number=0
	echo signal >"$state_folder/result" # as long as only that can end this
	while [ "$number" -lt "$pre_starts" ]; do
		number=$((number + 1))
		(
			prepare
			gather
			collect_anew
			pre_start "$number"
			become
		)
		status=$?
		main_pid='' # the folders of the last start have gone, and these are this start's
		[ -z "$procs" ] || while read -r pid; do
			case $pid in 0 | "$$") ;; *) kill -s KILL "$pid" ;; esac
		done <"$procs" 2>/dev/null
		case $status:$pre_start_ignores in 0:* | *" $number "*) continue ;; esac
		say "command $number of \`preStart\` has failed"
		echo exit-code >"$state_folder/result"
		exit 1
	done
	: >"$state_folder/result"
}

