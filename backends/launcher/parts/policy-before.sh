# again STATUS: whether it is started again after that end: an exit code, or 256 and the signal
# (systemd.service(5), "Restart="). Where the start came to nothing before the service, it says
# why, and the exit code is not the service's.
again() {
	result=''
	read -r result 2>/dev/null <"$state_folder/result" && : >"$state_folder/result"
	if [ -z "$result" ]; then
		case " $prevent_ends " in *" $1 "*) return 1 ;; esac
		case " $force_ends " in *" $1 "*) return 0 ;; esac
		result=exit-code
		[ "$1" -lt 256 ] || result=signal
		case " $clean_ends " in *" $1 "*) result=success ;; esac
	fi
	case " $restart_on " in *" $result "*) return 0 ;; esac
	return 1
}

