# split VALUE: the arguments that systemd makes of a variable: blanks and line ends separate them,
# both kinds of quotes group and vanish, a backslash makes the next character literal everywhere,
# an open end is no error.
#
# state: between (two words), inside (one), double, single
split() {
	state=between escaped=0
	case $1 in
	*[\\\"\']*) scan word "$1" ;;
	*) split_words "$1" ;;
	esac
	[ "$state" = between ] || collect "$launcher_end"
}

# split_words TEXT: it stands outside of quotes and has none.
# shellcheck disable=SC2048,SC2086 # split
split_words() {
	text=$1
	case $state$text in
	inside[$blanks$launcher_newline$cr]*) collect "$launcher_end"; state=between ;;
	esac
	# In two steps, as CR is not one of the blanks of which IFS may skip a run
	IFS=$cr
	set -- $text
	IFS=$blanks$launcher_newline
	set -- $*
	[ $# -gt 0 ] || return 0
	IFS=$launcher_end
	collect "$*"
	case $text in
	*[$blanks$launcher_newline$cr]) collect "$launcher_end"; state=between ;;
	*) state=inside ;;
	esac
}

