# ------------------------------------------------------------ the common start
# From here on nothing depends on the service.
#
# A shell reads a program as it runs it. So what most starts need comes first,
# and one that needs no more becomes the program before the shell has read the
# rest. Where more is needed, `put_off` notes it, and the start goes on where the
# rest has been read; nothing has been said of that file before.
#
# Text goes through `for` loops that split it at a character in IFS, never
# through a loop that cuts pieces off its front: a cut copies all that remains.
# For the same reason text that grows is collected in steps of about 1, 10 and
# 100 kB (`collect`, `assign`, `argument`). So the cost stays linear in the size
# of the files.
#
# What has no name of its own in sh, a list, is text in which each item ends in
# the byte 0xFF. No item can hold that byte, since all of them are UTF-8.
# Variables called launcher_… live until exec; a file that sets one of that
# name is handed over by env.

# bash takes functions from the environment, which would replace these.
unset -f '[' cd command echo env kill mkdir printf read rmdir setsid sleep true ulimit umask wait wc

# UMask=, and what the launcher itself writes is nobody else's to write.
umask 0022

# The start cannot be completed here. The file that is being read is not read on.
put_off() {
	launcher_put_off=1 limit=-1 line=''
}
# What the rest of this file defines
take_piece() { put_off; }
take_pieces() { put_off; }
check_text() { put_off; }
drop_assignment() { put_off; }
drop_long_value() { put_off; }
count_bytes() { put_off; }
split_sections() { put_off; }

# say TEXT: one line for the log.
say() {
	printf '%s\n' "$service: $1" >&2
}

# Makes stdin, the signals and the descriptors what systemd makes them.
initial_state() {
	exec </dev/null 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
	# The first file that the program opens would take the place of a closed output.
	true 3>&2 || exec 2>/dev/null
	{ true 3>&1; } 2>/dev/null || exec >/dev/null
	trap '' PIPE
}

# limit RESOURCE SOFT HARD: systemd too takes what it can get if one is refused.
# shellcheck disable=SC3045 # all three shells have -S, -H and these letters
limit() {
	case $1 in
	nofile) set -- "$@" -n ;;
	core) set -- "$@" -c ;;
	nproc) # dash and busybox call it -p, which is something else to bash
		set -- "$@" -p
		[ -z "${BASH_VERSION-}" ] || set -- "$1" "$2" "$3" -u
		;;
	esac
	ulimit -S "$4" "$2" 2>/dev/null || : # the hard limit may be under the old soft one
	ulimit -H "$4" "$3" 2>/dev/null ||
		say "the hard limit $1 stays as it was: \`ulimit -H $4 $3\` was refused"
	ulimit -S "$4" "$2" 2>/dev/null ||
		say "the soft limit $1 stays as it was: \`ulimit -S $4 $2\` was refused"
}

# oom_score_adjust SCORE: for this process, and so for the program.
oom_score_adjust() {
	{ echo "$1" >/proc/self/oom_score_adj; } 2>/dev/null ||
		say "the OOM score stays as it was: $1 was refused"
}

# Forgets the supervisor's environment. One fork, and no program, gives its
# names and the bytes that cannot be written here. Where the shell alone cannot
# make the new environment exact, launcher_through_env is not empty.
forget_environment() {
	LC_ALL=C # a character is a byte
	launcher_list=$(printf '\377\r\t\n' && export -p)

	# bash does not list variables with odd names, and sets SHLVL at exec
	launcher_through_env=${BASH_VERSION-}${KSH_VERSION-}${ZSH_VERSION-}${YASH_VERSION-}
	if [ -z "$launcher_through_env" ]; then
		# A line inside a value that looks like an entry unsets one name more
		IFS='
'
		for launcher_entry in $launcher_list; do
			launcher_entry=${launcher_entry#export }
			launcher_entry=${launcher_entry%%=*}
			case $launcher_entry in
			'' | [!A-Za-z_]* | *[!A-Za-z0-9_]*) ;;
			# IFS and OPTIND stay exported whatever is done
			service | program | launcher_* | IFS | OPTIND) launcher_through_env=collision ;;
			*) unset "$launcher_entry" ;;
			esac
		done
	fi

	LC_ALL=C
	newline='
'
	launcher_list=${launcher_list%%"$newline"*}
	launcher_end=${launcher_list%??}
	tab=${launcher_list#??}
	cr=${launcher_list%?}
	cr=${cr#?}
	blanks=" $tab" # for use inside the brackets of a pattern
	unset launcher_list launcher_entry
}

# ------------------------------------------------------------ reading env files

# env_file optional|required FILE…: what they set is added to the environment.
# More than one FILE comes from a pattern that the shell has expanded.
env_file() {
	importance=$1
	shift
	for file do
		[ -z "$launcher_put_off" ] || return 0
		case $launcher_end$launcher_refused in
		*"$launcher_end$file$launcher_end"*) continue ;;
		esac
		refused=
		if [ -f "$file" ] && [ -r "$file" ]; then
			read_env_file
		elif [ -d "$file" ]; then
			refused='it is a directory'
		elif [ ! -e "$file" ] && [ -L "$file" ]; then
			refused='it is a link to a file that does not exist'
		elif [ ! -e "$file" ]; then
			[ "$importance" = optional ] && continue # as usual: nothing to say
			refused='it does not exist'
		elif is_dev_null; then
			continue # the customary empty file
		elif [ ! -f "$file" ]; then
			refused='it is not a regular file' # systemd would wait for a FIFO for ever
		else
			refused='it is not readable'
		fi
		[ -z "$refused" ] || refuse
	done
}

# The env file is not one that counts, and is not read a second time.
refuse() {
	if [ "$importance" = required ]; then
		say "cannot read the env file \`$file\`: $refused"
		exit 78
	fi
	say "$file: ignored: $refused"
	launcher_refused=$launcher_refused$file$launcher_end
}

is_dev_null() {
	# shellcheck disable=SC3013 # POSIX since 2024, and older in all shells
	[ "$file" -ef /dev/null ]
}

# Reads $file, a regular file. All of it counts, or nothing and $refused says
# why.
#
# state: where the text stands between two lines or two pieces of one:
#   key     at the start of a line
#   before  after `=`, or after a closing quote
#   bare    in an unquoted value
#   double, single   inside quotes
# escaped: 1 after a backslash that makes the next character special
# tail: the end of an unquoted value, of which blanks may still be trimmed;
# with `guarded`, its first character was escaped and stays.
read_env_file() {
	state=key escaped=0 tail='' guarded=0 key='' number=0 bytes=0
	value='' value_10k='' value_100k='' value_all=''
	found='' found_10k='' found_100k='' found_all=''
	limit=1048576 not_text=''
	if {
		while IFS= read -r line; do
			bytes=$((bytes + ${#line} + 1))
			take_line "$newline"
			[ "$bytes" -le "$limit" ] || check_size || break
		done <&3
		# After the last newline, or of a file with none
		if [ -n "$line" ] && [ -z "$refused" ]; then
			bytes=$((bytes + ${#line}))
			take_line ''
		fi
		[ -n "$refused$launcher_put_off" ] || check_bytes
	} 3<"$file"; then
		:
	elif [ -z "$refused" ]; then
		refused='it cannot be opened'
	fi
	[ -z "$refused$launcher_put_off" ] || return 0

	[ "$state" = key ] || finish_assignment # after `take_piece` alone
	refused=$not_text
	[ -z "$refused" ] || return 0
	launcher_environment=$launcher_environment$found_all$found_100k$found_10k$found
}

# The file has grown over $limit: goes on, or not, once its size is known. One
# that is put off does not.
check_size() {
	[ -z "$launcher_put_off" ] || return 1
	limit=67108863
	size=$(wc -c <"$file") || size=$bytes # without wc it is read as far as that
	[ "$((size))" -le "$limit" ] && [ "$bytes" -le "$limit" ] && return 0
	refused='it has 64 MiB or more'
	return 1
}

# `read` drops NUL bytes without a word, so their number is how much farther
# descriptor 3 has moved than what `read` gave.
check_bytes() {
	position=
	if [ -r /proc/self/fdinfo/3 ]; then
		IFS=$blanks
		read -r label position </proc/self/fdinfo/3
	fi
	case $label$position in
	pos:?*) ;;
	*) count_bytes ;; # /proc is not mounted
	esac
	if [ "$bytes" -ge 67108864 ]; then
		refused='it has 64 MiB or more'
	elif [ "$((position))" -ne "$bytes" ]; then
		refused='it contains a NUL byte'
	fi
}

# take_line TERMINATOR: goes on with $line, which ended in the TERMINATOR.
take_line() {
	number=$((number + 1))
	case $line in
	*"$cr"*)
		take_pieces "$1"
		return
		;;
	esac
	# The common lines, which need no look at each piece
	case $state$line in
	key | key[\#\;]*) return ;;
	key[A-Za-z_]*=*)
		key=${line%%=*}
		case $key in
		*[!A-Za-z0-9_]* | ????????????????????????????????*) ;;
		*)
			value=${line#*=}
			case $value in
			# No pattern here is tried anew at each quote
			\"*[\"\\]?* | \'*\'?*) ;;
			\"*\" | \'*\')
				value=${value#?}
				value=${value%?}
				first_line=$number
				assign
				return
				;;
			[$blanks]* | *[$blanks] | *[\'\"\\]*) ;;
			*)
				first_line=$number
				assign
				return
				;;
			esac
			value=
			;;
		esac
		;;
	double*[\"\\]* | single*\'*) ;;
	double* | single*)
		collect "$line$1"
		return
		;;
	esac
	take_piece "$line" "$1"
}

# Adds $key and $value to what the file defines, unless systemd drops it.
assign() {
	case $key$value in
	*[!\ -~]*) check_text ;;
	esac
	case $not_text$key in
	[!A-Za-z_]* | *[!A-Za-z0-9_]*)
		[ -n "$not_text" ] || drop_assignment
		value=
		return
		;;
	esac
	case ${#value} in
	???????*) # perhaps longer than any that systemd passes on (ARG_MAX)
		if [ "$((${#key} + 1 + ${#value}))" -gt 2097151 ]; then
			drop_long_value
			value=
			return
		fi
		;;
	esac
	found=$found$key=$value$launcher_end value=
	case ${#found} in
	????*)
		found_10k=$found_10k$found found=
		case ${#found_10k} in
		?????*)
			found_100k=$found_100k$found_10k found_10k=
			case ${#found_100k} in
			??????*) found_all=$found_all$found_100k found_100k= ;;
			esac
			;;
		esac
		;;
	esac
}

# --------------------------------------------------------------- the arguments

# word TEXT: one argument, as it is.
word() {
	argument "$1$launcher_end"
}

# argument TEXT: adds TEXT to the list of arguments.
argument() {
	arguments=$arguments$1
	case ${#arguments} in
	????*)
		arguments_10k=$arguments_10k$arguments arguments=
		case ${#arguments_10k} in
		?????*)
			arguments_100k=$arguments_100k$arguments_10k arguments_10k=
			case ${#arguments_100k} in
			??????*) arguments_all=$arguments_all$arguments_100k arguments_100k= ;;
			esac
			;;
		esac
		;;
	esac
}

# split VALUE: the arguments that systemd makes of a variable: blanks and line
# ends separate them, both kinds of quotes group and vanish, a backslash makes
# the next character literal everywhere, an open end is no error.
#
# state: between (two words), inside (one), double, single
split() {
	case $1 in
	'') ;;
	*[\\\"\']*)
		state=between escaped=0
		split_sections "$1"
		[ "$state" = between ] || argument "$launcher_end"
		;;
	*)
		state=between
		split_words "$1"
		[ "$state" = between ] || argument "$launcher_end"
		;;
	esac
}

# split_words TEXT: it stands outside of quotes and has none.
split_words() {
	case $1 in
	'') return ;;
	esac
	case $state$1 in
	inside[$blanks$newline$cr]*)
		argument "$launcher_end"
		state=between
		;;
	esac
	text=$1
	case $text in
	*"$cr"*) # not one of the blanks of which IFS may skip a run
		IFS=$cr
		# shellcheck disable=SC2086 # split
		set -- $text
		IFS=' '
		set -- "$*"
		;;
	esac
	IFS=$blanks$newline
	# shellcheck disable=SC2086 # split
	set -- $1
	[ $# -gt 0 ] || return 0
	IFS=$launcher_end
	argument "$*"
	case $text in
	*[$blanks$newline$cr])
		argument "$launcher_end"
		state=between
		;;
	*) state=inside ;;
	esac
}

# ------------------------------------------------------------------- the start

# inline NAME VALUE: what the service itself defines.
inline() {
	launcher_environment=$launcher_environment$1=$2$launcher_end
}

# Goes once through the environment: notes the values that the words need, and
# whether a shell can hand over the variables by itself. Those below mean
# something to one of the shells.
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
	initial_state
	service_state
}

# gather: reads the env files and works out the environment, unless that is put
# off. What the variables hold is noted only where it is final.
gather() {
	launcher_environment=
	service_environment
	service_env_files
	[ -n "$launcher_put_off" ] || note_variables
}

# arrange: works out the arguments.
arrange() {
	arguments='' arguments_10k='' arguments_100k='' arguments_all=''
	word "$program"
	service_words
}

# become: this process becomes the program.
become() {
	IFS=$launcher_end
	# shellcheck disable=SC2086 # split
	set -- $arguments_all$arguments_100k$arguments_10k$arguments

	if [ -n "$launcher_through_env" ]; then
		# shellcheck disable=SC2086 # split
		exec /usr/bin/env -i $launcher_environment "$@"
	fi
	unset PATH PWD OLDPWD # `cd` exports the last two
	for launcher_entry in $launcher_environment; do
		# shellcheck disable=SC2163 # NAME=value
		export "$launcher_entry"
	done
	exec "$@"
}

# --------------------------------------------------------------- the last start
# The state folder holds: pid, the last start (its PID, start time and
# cgroup.procs); stop, when KILL follows a stop, and what has had its signal;
# finish, the earliest next start; settled, only a time stamp.
#
# Times are in hundredths of a second, as in /proc/uptime, which nobody sets
# back.
#
# The cgroup has no controllers, and lies where neither of the kubelet's cgroup
# drivers looks. Only its own members are signalled: a cgroup below it, or a
# container's, is never touched. Without a writable cgroup file system the
# process group takes its place, and misses what has left it (setsid).

now() {
	read -r now _ </proc/uptime
	now=$((${now%.*} * 100 + 1${now#*.} - 100))
}

# nap CENTISECONDS
nap() {
	fraction=0$(($1 % 100))
	sleep "$(($1 / 100)).${fraction#"${fraction%??}"}" 2>/dev/null || sleep $((($1 + 99) / 100))
}

# pause TIME COMMAND: until that time is over, or until the command succeeds.
pause() {
	now
	while [ "$now" -le "$1" ] && ! "$2"; do
		nap $(($1 - now < 50 ? $1 - now + 1 : 50))
		now
	done
}

# started_at PID: sets $started, in clock ticks since boot; fails without such
# a process. A PID alone may be another process by now.
started_at() {
	started=
	read -r started 2>/dev/null <"/proc/$1/stat" || return
	started=${started##*) } # what stands before it can hold blanks and parentheses
	# shellcheck disable=SC2086 # split
	set -- $started
	started=${20}
}

# Reads what the last start noted.
last() {
	main_pid='' main_started='' procs=''
	read -r main_pid main_started procs 2>/dev/null <"$state_folder/pid"
}

main_lives() {
	[ -n "$main_pid" ] && started_at "$main_pid" && [ "$started" = "$main_started" ]
}

# A process group keeps its leader's PID from being given out again.
group_is_ours() {
	[ -n "$main_pid" ] && { [ ! -e "/proc/$main_pid" ] || main_lives; }
}

# Whether a process of the service is left.
left() {
	if [ "$kill_mode" = process ]; then
		main_lives
	elif [ -n "$procs" ]; then
		while read -r pid; do
			case $pid in 0 | "$$") ;; *) return 0 ;; esac
		done 2>/dev/null <"$procs"
		return 1
	else
		group_is_ours && kill -s 0 -- "-$main_pid" 2>/dev/null
	fi
}

# Enters the cgroup: in v2, else in one of v1's named hierarchies.
enter_cgroup() {
	procs=
	[ "$kill_mode" = group ] || return 0
	for root in /sys/fs/cgroup /sys/fs/cgroup/unified /sys/fs/cgroup/openrc \
		/sys/fs/cgroup/systemd /sys/fs/cgroup/elogind; do
		procs=$root/$cgroup/cgroup.procs
		[ -e "$root/cgroup.procs" ] || continue
		[ -d "${procs%/*}" ] || mkdir "${procs%/*}" || continue
		echo $$ >"$procs" && return
	done 2>/dev/null
	procs=
}

# Makes this process the first of the next start, which begins when the rest of
# the delay is over that `finish` has left to it.
begin() {
	: >"$state_folder/stop"
	enter_cgroup
	started_at $$
	echo "$$ $started $procs" >"$state_folder/pid"
	earliest=
	if read -r earliest 2>/dev/null <"$state_folder/finish"; then
		pause "$earliest" false
		: >"$state_folder/finish"
	fi
}

# after PID: waits for the delay if there was a last start, which has crashed then.
after() {
	[ -n "$1" ] || return 0
	now
	pause $((now + restart_delay)) false
}

# The common start: nothing is left of the last one. What of it is done: nothing,
# `begun`, or the environment is `gathered`.
launcher_done='' launcher_put_off='' launcher_refused=''
case $#${1-} in
0 | 1respawn)
	if [ -d "$state_folder" ] && { last || :; } && ! left; then
		crashed=$main_pid
		begin
		[ $# -eq 0 ] || after "$crashed"
		prepare
		launcher_done=begun
		gather
		if [ -z "$launcher_put_off" ]; then
			launcher_done=gathered
			arrange
			[ -n "$launcher_put_off" ] || become
		fi
	fi
	;;
esac
