# signal NAME [EXCEPT]: to each process of the service but those in that list. Sets $signalled, a
# list of PIDs, or `group`.
signal() {
	signalled=
	if [ -n "$procs" ]; then
		while read -r pid; do
			# 0 is a process that this PID namespace does not see.
			case " 0 $$ ${2-} " in *" $pid "*) continue ;; esac
			kill -s "$1" "$pid" && signalled="$signalled $pid"
		done <"$procs"
	elif group_is_ours; then
		case " ${2-} " in
		*' group '*) return ;;
		*" $main_pid "*) ! main_lives || return 0 ;;
		esac
		# Not `-s NAME --`: busybox (1.35 to 1.38) takes `--` for a process.
		kill "-$1" "-$main_pid" && signalled=" group"
	fi 2>/dev/null
}

# Whether a process of the service is left.
left() {
	signal 0
	[ -n "$signalled" ]
}

