# ----------------------------------------------------------------- the engine
# From here on nothing depends on the service.
#
# Text goes through `for` loops that split it at a character in IFS, never
# through a loop that cuts pieces off its front: a cut copies all that remains.
# For the same reason text that grows is collected in steps of about 1, 10 and
# 100 kB (`collect`, `entry`, `argument`). So the cost stays linear in the size
# of the files.
#
# What has no name of its own in sh, a list, is text in which each item ends in
# the byte 0xFF. No item can hold that byte, since all of them are UTF-8.
# Variables called launcher_… live until exec; a file that sets one of that
# name is handed over by env.

# say TEXT: one line for the log.
say() {
	printf '%s\n' "$service: $1" >&2
}

# ignored LINE WHAT: says what was ignored in the current file, and why.
ignored() {
	say "$file:$1: ignored: $2"
}

# Makes stdin, the signals and the descriptors what systemd makes them.
initial_state() {
	exec </dev/null 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
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
	launcher_list=$(printf '\377\r\t' && export -p)
	launcher_rest=${launcher_list#???}

	# bash does not list variables with odd names, and sets SHLVL at exec
	launcher_through_env=${BASH_VERSION-}${KSH_VERSION-}${ZSH_VERSION-}${YASH_VERSION-}
	if [ -z "$launcher_through_env" ]; then
		# A line inside a value that looks like an entry unsets one name more
		IFS='
'
		for launcher_entry in $launcher_rest; do
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
	launcher_list=${launcher_list%"$launcher_rest"}
	launcher_end=${launcher_list%??}
	tab=${launcher_list#??}
	cr=${launcher_list%?}
	cr=${cr#?}
	newline='
'
	blanks=" $tab" # for use inside the brackets of a pattern
	unset launcher_list launcher_rest launcher_entry
}

# ------------------------------------------------------------ reading env files

# env_file optional|required FILE…: what they set is added to the environment.
# More than one FILE comes from a pattern that the shell has expanded.
env_file() {
	importance=$1
	shift
	for file do
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
		case $refused in
		'') ;;
		*)
			if [ "$importance" = required ]; then
				say "cannot read the env file \`$file\`: $refused"
				exit 78
			fi
			say "$file: ignored: $refused"
			;;
		esac
	done
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
		[ -n "$refused" ] || check_bytes
	} 3<"$file"; then
		:
	elif [ -z "$refused" ]; then
		refused='it cannot be opened'
	fi
	[ -z "$refused" ] || return 0

	[ "$state" = key ] || finish_assignment
	refused=$not_text
	[ -z "$refused" ] || return 0
	launcher_environment=$launcher_environment$found_all$found_100k$found_10k$found
}

# The file has grown over $limit: goes on, or not, once its size is known.
check_size() {
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
	*) # /proc is not mounted
		position=$(wc -c <"$file") || {
			say "$file: not looked at for NUL bytes: neither /proc nor \`wc\` is there"
			position=$bytes
		}
		;;
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
			\"*[\"\\]*\" | \'*\'*\') ;;
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

# take_pieces TERMINATOR: the same for a $line with carriage returns, which end
# a line too, except in quotes.
take_pieces() {
	case ${line%"$cr"} in
	*"$cr"*) ;;
	*) # only the last character: a file with CR LF
		take_piece "${line%"$cr"}" "$cr"
		take_piece '' "$1"
		return
		;;
	esac
	IFS=$cr
	# shellcheck disable=SC2086 # split
	set -- "$1" $cr$cr
	if [ $# -eq 3 ]; then
		line=$line$cr # so that the last piece counts, even if it is empty
		unset piece
		for next_piece in $line; do
			[ -z "${piece+set}" ] || take_piece "$piece" "$cr"
			piece=$next_piece
		done
		take_piece "$piece" "$1"
	else
		# bash takes a run of them for one, as it does with blanks
		while :; do
			case $line in
			*"$cr"*) ;;
			*) break ;;
			esac
			piece=${line%%"$cr"*}
			line=${line#*"$cr"}
			take_piece "$piece" "$cr"
		done
		take_piece "$line" "$1"
	fi
}

# take_piece TEXT TERMINATOR: goes on with TEXT, which holds no end of line and
# which TERMINATOR (empty: the end of the file) ends.
take_piece() {
	if [ "$state" = key ]; then
		text=$1
		take_key || return 0
	else
		text=$1
	fi
	scan_value
	if [ "$escaped" = 1 ]; then
		escaped=0
		case $state$2 in
		double"$cr") collect "\\$cr" ;; # only a backslash and a newline vanish here
		esac
	else
		case $state in
		double | single) collect "$2" ;;
		*) finish_assignment ;;
		esac
	fi
}

# Takes the key and `=` off $text. Fails if nothing is assigned.
take_key() {
	trim_start
	case $text in
	'' | [\#\;]*) return 1 ;;
	?*=*) ;;
	*)
		ignored "$number" "the line has no \`=\`"
		return 1
		;;
	esac
	# Whatever it is, the first character belongs to the key
	rest=${text#?}
	key=${text%%"$rest"}${rest%%=*}
	case ${#key} in
	????*) after_equals "$rest" ;; # the cut is quadratic in what it cuts off
	*) text=${rest#*=} ;;
	esac
	case $key in
	*[$blanks])
		rest=$text text=$key
		trim_end
		key=$text text=$rest
		;;
	esac
	state=before first_line=$number
}

# after_equals TEXT: $text becomes what follows the first `=` in TEXT.
after_equals() {
	IFS='='
	text=$1=
	# shellcheck disable=SC2086 # split
	set -- $text
	shift
	text="$*"
}

# Takes blanks off the start, or the end, of $text; in blocks, since one cut is
# quadratic in what it cuts off.
# shellcheck disable=SC2295 # $blanks and $block are to be patterns
trim_start() {
	case $text in
	[$blanks]*[!$blanks]*) ;;
	[$blanks]*) text= ;;
	*) return ;;
	esac
	make_block
	while :; do
		cut=${text#$block}
		[ "${#cut}" -ne "${#text}" ] || break
		text=$cut
	done
	text=${text#"${text%%[!$blanks]*}"}
}
# shellcheck disable=SC2295
trim_end() {
	case $text in
	*[!$blanks]*[$blanks]) ;;
	*[$blanks]) text= ;;
	*) return ;;
	esac
	make_block
	while :; do
		cut=${text%$block}
		[ "${#cut}" -ne "${#text}" ] || break
		text=$cut
	done
	text=${text%"${text##*[!$blanks]}"}
}
make_block() {
	[ -z "${block-}" ] || return 0
	block="[$blanks]"
	block=$block$block$block$block$block$block$block$block
	block=$block$block$block$block$block$block$block$block
	block=$block$block$block$block # 256 blanks
}

# Goes through $text, a part of a value: from backslash to backslash, and
# within such a section from quote to quote.
scan_value() {
	# shellcheck disable=SC2141 # a backslash it is
	IFS=\\
	text=$text\\ # so that the last section counts, even if it is empty
	backslash=
	for section in $text; do
		case $backslash$escaped$state in
		\\1*) collect \\; escaped=0 ;;
		\\0single) collect \\ ;;
		\\0before) state=bare escaped=1 ;;
		\\0bare) flush_tail; escaped=1 ;;
		\\0double) escaped=1 ;;
		esac
		backslash=\\
		case $escaped$state$section in
		[01]bare | [01]before | [01]double | [01]single) continue ;;
		1double\"*) collect \"; section=${section#?} ;;
		1double[\`\$]*) ;; # the backslash goes
		1double*) collect \\ ;;
		[01]bare*) tail=$section guarded=$escaped ;;
		esac
		escaped=0
		case $state$section in
		bare*) ;;
		double*\"* | single*\'* | before*[\"\']*) scan_double_quotes ;;
		*) take_text "$section" ;;
		esac
	done
}
scan_double_quotes() {
	IFS=\"
	section=$section\"
	quote=
	for part in $section; do
		case $quote$state in
		\"before) state=double ;;
		\"double) state=before ;;
		\"bare) flush_tail; tail=\" ;;
		\"single) collect \" ;;
		esac
		quote=\"
		case $state$part in
		double*) collect "$part" ;;
		*\'*) scan_single_quotes ;;
		*) take_text "$part" ;;
		esac
	done
}
scan_single_quotes() {
	IFS=\'
	part=$part\'
	apostrophe=
	for bit in $part; do
		case $apostrophe$state in
		\'before) state=single ;;
		\'single) state=before ;;
		\'bare) flush_tail; tail=\' ;;
		esac
		apostrophe=\'
		take_text "$bit"
	done
}

# take_text TEXT: it has nothing that is special in $state.
take_text() {
	case $state in
	double | single) collect "$1" ;;
	bare) tail=$tail$1 ;;
	before)
		text=$1
		trim_start
		case $text in
		?*) state=bare tail=$text guarded=0 ;;
		esac
		;;
	esac
}
flush_tail() {
	collect "$tail"
	tail='' guarded=0
}

# collect TEXT: adds it to the value of the assignment.
collect() {
	value=$value$1
	case ${#value} in
	????*)
		value_10k=$value_10k$value value=
		case ${#value_10k} in
		?????*)
			value_100k=$value_100k$value_10k value_10k=
			case ${#value_100k} in
			??????*) value_all=$value_all$value_100k value_100k= ;;
			esac
			;;
		esac
		;;
	esac
}

# The value is complete.
finish_assignment() {
	case $tail in
	*[$blanks])
		text=$tail
		trim_end
		case $guarded$text in
		1) text=${tail%%"${tail#?}"} ;;
		esac
		tail=$text
		;;
	esac
	value=$value_all$value_100k$value_10k$value$tail
	value_10k='' value_100k='' value_all='' tail='' guarded=0 state=key
	assign
}

# Adds $key and $value to what the file defines, unless systemd drops it. With
# text that is not UTF-8 the whole file is refused, whatever the key is.
assign() {
	case $key$value in
	*[!\ -~]*)
		# The first counts; whether a NUL byte follows is known at the end.
		if [ -n "$not_text" ]; then :; elif not_utf8 "$key"; then
			not_text="line $first_line: the name of the variable is not UTF-8"
		elif not_utf8 "$value"; then
			not_text="line $first_line: the value is not UTF-8"
		fi
		;;
	esac
	case $not_text$key in
	[!A-Za-z_]* | *[!A-Za-z0-9_]*)
		[ -n "$not_text" ] || drop_assignment
		value=
		return
		;;
	esac
	case ${#value} in
	???????*)
		# Longer than any that systemd passes on (ARG_MAX)
		if [ "$((${#key} + 1 + ${#value}))" -gt 2097151 ]; then
			ignored "$first_line" "the value of \`$key\` is longer than 2 MiB"
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

# Says that the name of the variable is bad, and shows it if it can be shown.
drop_assignment() {
	case ${#key} in
	? | ??)
		case $key in
		*[!\ -~]*) ;;
		*)
			ignored "$first_line" "\`$key\` is not the name of a variable"
			return
			;;
		esac
		;;
	esac
	ignored "$first_line" "what stands before \`=\` is not the name of a variable"
}

# not_utf8 TEXT: systemd's UTF-8 has no surrogates, no overlong forms and no
# noncharacters (U+FDD0 to U+FDEF, and the last two of each plane). Every flaw
# shows within five bytes, so that patterns find it.
not_utf8() {
	[ -n "${more-}" ] || make_byte_patterns
	# shellcheck disable=SC2254 # patterns
	case $1 in
	# a byte that never occurs; too few continuation bytes; too many
	*$never*) ;;
	*$lead | *$lead$other* | *$lead34$more | *$lead34$more$other*) ;;
	*$lead4$more$more | *$lead4$more$more$other*) ;;
	$more* | *$ascii$more* | *$lead2$more$more*) ;;
	*$lead3$more$more$more* | *$lead4$more$more$more$more*) ;;
	# overlong forms, surrogates, beyond U+10FFFF; noncharacters
	*$overlong3* | *$overlong4* | *$surrogate* | *$beyond*) ;;
	*$fdd0* | *$fffe* | *$plane_end*) ;;
	*) return 1 ;;
	esac
}
make_byte_patterns() {
	IFS=' '
	# shellcheck disable=SC2046 # split
	set -- $(
		printf '[\200-\277] [!\200-\277] [!\200-\377] [\300\301\365-\377] '
		printf '[\302-\364] [\302-\337] [\340-\357] [\340-\364] [\360-\364] '
		printf '\340[\200-\237] \360[\200-\217] \355[\240-\277] \364[\220-\277] '
		printf '\357\267[\220-\257] \357\277[\276\277] [\360-\364][\217\237\257\277]\277[\276\277]'
	)
	more=$1 other=$2 ascii=$3 never=$4
	lead=$5 lead2=$6 lead3=$7 lead34=$8 lead4=$9
	shift 9
	overlong3=$1 overlong4=$2 surrogate=$3 beyond=$4
	fdd0=$5 fffe=$6 plane_end=$7
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
split_sections() {
	# shellcheck disable=SC2141 # a backslash it is
	IFS=\\
	text=$1\\ # so that the last section counts, even if it is empty
	backslash=
	for section in $text; do
		case $backslash$escaped$state in
		\\1*) argument \\; escaped=0 ;;
		\\0between) state=inside escaped=1 ;;
		\\0*) escaped=1 ;;
		esac
		backslash=\\
		case $section in
		'') continue ;;
		esac
		if [ "$escaped" = 1 ]; then
			escaped=0
			text=${section#?}
			argument "${section%%"$text"}"
			section=$text
		fi
		case $state$section in
		double*\"* | single*\'* | inside*[\"\']* | between*[\"\']*) split_double_quotes ;;
		*) split_text "$section" ;;
		esac
	done
}
split_double_quotes() {
	IFS=\"
	section=$section\"
	quote=
	for part in $section; do
		case $quote$state in
		\"double) state=inside ;;
		\"single) argument \" ;;
		\"*) state=double ;;
		esac
		quote=\"
		case $state$part in
		double*) argument "$part" ;;
		*\'*) split_single_quotes ;;
		*) split_text "$part" ;;
		esac
	done
}
split_single_quotes() {
	IFS=\'
	part=$part\'
	apostrophe=
	for bit in $part; do
		case $apostrophe$state in
		\'single) state=inside ;;
		\'*) state=single ;;
		esac
		apostrophe=\'
		split_text "$bit"
	done
}
# split_text TEXT: it has no quote that is special in $state.
split_text() {
	case $state in
	double | single) argument "$1" ;;
	*) split_words "$1" ;;
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

main() {
	set -f # no text becomes a pattern for files
	forget_environment
	# For wc, and for sh itself should it lack a builtin; not exported
	PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

	initial_state
	service_state

	# From outside they would be taken for ready
	block='' more=''
	launcher_environment=
	service_environment
	service_env_files
	note_variables

	arguments='' arguments_10k='' arguments_100k='' arguments_all=''
	word "$program"
	service_words
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

