# set_limit LETTER SOFT HARD
# shellcheck disable=SC3045
set_limit() {
	ulimit -S "$1" "$2" 2>/dev/null || : # the hard limit may be under the old soft one
	ulimit -H "$1" "$3" 2>/dev/null && ulimit -S "$1" "$2" 2>/dev/null
}

