# set_limit LETTER SOFT HARD
# shellcheck disable=SC3045
set_limit() {
	case $1$2:${#3} in
	# With fewer than some 20 files a shell cannot undo a redirection, and busybox tries for ever.
	# (-n alone is both limits.)
	-n?:[12] | -n??:[12]) ulimit -n "$3" && ulimit -S -n "$2" ;;
	-n?:* | -n??:*) set_limit -n 100 "$3" && ulimit -S -n "$2" ;;
	*)
		ulimit -S "$1" "$2" 2>/dev/null || : # the hard limit may be under the old soft one
		ulimit -H "$1" "$3" 2>/dev/null && ulimit -S "$1" "$2" 2>/dev/null
		;;
	esac
}

