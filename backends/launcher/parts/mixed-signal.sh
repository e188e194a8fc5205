# signal NAME [EXCEPT]: KILL to each process of the service, any other to the main process if it
# is not in that list. Sets $signalled, its PID.
signal() {
	signalled=
	case $1:${procs:+cgroup} in
	KILL:cgroup)
		while read -r pid; do
			# 0 is a process that this PID namespace does not see.
			case $pid in 0 | "$$") ;; *) kill -s KILL "$pid" ;; esac
		done <"$procs"
		;;
	KILL:) ! group_is_ours || kill -s KILL -- "-$main_pid" ;;
	*)
		case " ${2-} " in *" $main_pid "*) return ;; esac
		! main_lives || { kill -s "$1" "$main_pid" && signalled=" $main_pid"; }
		;;
	esac 2>/dev/null
}

