# Whether a process of the service is left.
left() {
	if [ -n "$procs" ]; then
		while read -r pid; do
			case $pid in 0 | "$$") ;; *) return 0 ;; esac
		done 2>/dev/null <"$procs"
		return 1
	fi
	group_is_ours && kill -0 "-$main_pid" 2>/dev/null
}

