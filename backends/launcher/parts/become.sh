# ------------------------------------------------------------------- the start

# inline NAME VALUE: what the service itself defines.
inline() { launcher_environment=$launcher_environment$1=$2$launcher_end; }

# Goes once through the environment: notes the values that the words need, and whether a shell can
# hand over the variables by itself. Those below mean something to one of the shells.
note_variables() {
	IFS=$launcher_end
	for assignment in $launcher_environment; do
		service_variable "$assignment"
		case $assignment in
		IFS=* | LINENO=* | OPT* | RANDOM=* | SECONDS=* | EPOCH* | PS[0-9]=* | _=* | launcher_*) ;;
		PWD=* | OLDPWD=* | SHLVL=* | PPID=* | UID=* | EUID=* | GROUPS=* | FUNCNAME=* | BASH* | SHELLOPTS=*) ;;
		LC_* | TERM=* | HIST* | MAIL* | ATTY=* | FC* | ENV=*) ;;
		*) continue ;;
		esac
		launcher_through_env=${assignment%%=*}
	done
}

# prepare: makes all that does not depend on the env files what systemd makes it.
prepare() {
	set -f # no text becomes a pattern for files
	forget_environment
	# For wc, and for sh itself should it lack a builtin; not exported
	PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
	exec </dev/null 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
	# The first file that the program opens would take the place of a closed output.
	true 3>&2 || exec 2>/dev/null
	{ true 3>&1; } 2>/dev/null || exec >/dev/null
	trap '' PIPE
	service_state
}

# gather: reads the env files and works out the environment, unless that is put off. What the
# variables hold is noted only where it is final.
gather() {
	launcher_environment=
	service_environment
	service_env_files
	[ -n "$launcher_put_off" ] || note_variables
}

# become: this process becomes the program, with the arguments that have been collected.
# shellcheck disable=SC2086 # split
become() {
	service_limits
	IFS=$launcher_end
	set -- $launcher_switch$text_all$text_100k$text_10k$text_1k
	if [ -n "$launcher_through_env" ]; then
		exec /usr/bin/env -i $launcher_environment "$@"
	fi
	unset PATH PWD OLDPWD # `cd` exports the last two
	for launcher_entry in $launcher_environment; do
		# shellcheck disable=SC2163 # NAME=value
		export "$launcher_entry"
	done
	exec "$@"
}

