# signal NAME [EXCEPT]: to the main process, if it is not in that list. Sets $signalled, its PID.
signal() {
	signalled=
	case " ${2-} " in *" $main_pid "*) return ;; esac
	! main_lives || { kill -s "$1" "$main_pid" 2>/dev/null && signalled=" $main_pid"; }
}

