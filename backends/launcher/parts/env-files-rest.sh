# Whether $key and $value are dropped: as a bad name, or as longer than any that systemd passes on
# (ARG_MAX). With text that is not UTF-8 the whole file is refused, whatever the key is: the first
# counts, and whether a NUL byte follows is known at the end. Says what is dropped of a file that
# counts, and shows the name if it can be shown.
drops() {
	[ -z "$not_text" ] || return 0
	if not_utf8 "$key"; then
		not_text="line $first_line: the name of the variable is not UTF-8"
	elif not_utf8 "$value"; then
		not_text="line $first_line: the value is not UTF-8"
	elif ! is_name "$key"; then
		case ${#key}:$key in
		[0-9][0-9][0-9]* | *[!\ -~]*) name="what stands before \`=\`" ;;
		*) name="\`$key\`" ;;
		esac
		say "$file:$first_line: ignored: $name is not the name of a variable"
	elif [ "$((${#key} + 1 + ${#value}))" -gt 2097151 ]; then
		say "$file:$first_line: ignored: the value of \`$key\` is longer than 2 MiB"
	else
		return 1
	fi
	return 0
}

is_name() {
	case $1 in [!A-Za-z_]* | *[!A-Za-z0-9_]*) return 1 ;; esac
}

# take_pieces TERMINATOR: goes on with a $line with carriage returns, which end a line too, except
# in quotes.
take_pieces() {
	while case $line in *"$cr"?*) ;; *) false ;; esac; do
		piece=${line%%"$cr"*}
		line=${line#*"$cr"}
		take_piece "$piece" "$cr"
	done
	case $line in
	*"$cr") # that of a file with CR LF
		take_piece "${line%"$cr"}" "$cr"
		line=
		;;
	esac
	take_piece "$line" "$1"
}

# take_piece TEXT TERMINATOR: goes on with TEXT, which holds no end of line and which TERMINATOR
# (empty: the end of the file) ends.
take_piece() {
	text=$1
	[ "$state" != key ] || take_key || return 0
	scan value "$text"
	case $escaped$state$2 in
	1double"$cr") collect "\\$cr" ;; # a newline alone vanishes here
	1*) ;;
	0double* | 0single*) collect "$2" ;;
	0*) finish_assignment ;;
	esac
	escaped=0
}

# Takes the key and `=` off $text. Fails if nothing is assigned.
take_key() {
	trim_start "$text"
	case $text in
	'' | [\#\;]*) return 1 ;;
	?*=*) ;;
	*)
		say "$file:$number: ignored: the line has no \`=\`"
		return 1
		;;
	esac
	# Whatever it is, the first character belongs to the key
	rest=${text#?}
	key=${text%%"$rest"}${rest%%=*}
	trim_end "$key"
	key=$text
	IFS='=' # a cut is quadratic in what it cuts off
	text=$rest=
	# shellcheck disable=SC2086 # split
	set -- $text
	shift
	text="$*"
	state=before first_line=$number
}

# trim_start TEXT, trim_end TEXT: $text becomes TEXT without the blanks at that end. They go in
# blocks first, as one cut is quadratic in what it cuts off.
# shellcheck disable=SC2254,SC2295 # $block and $blanks are to be patterns
trim_start() {
	text=$1
	while case $text in $block*) ;; *) false ;; esac; do text=${text#$block}; done
	text=${text#"${text%%[!$blanks]*}"}
}
# shellcheck disable=SC2254,SC2295
trim_end() {
	text=$1
	while case $text in *$block) ;; *) false ;; esac; do text=${text%$block}; done
	text=${text%"${text##*[!$blanks]}"}
}

# What a backslash or a quote in a value does, and what stands between two of them.
value_mark() {
	case $escaped$state$1 in
	0before\\) state=bare escaped=1 ;;
	0bare\\) collect "$tail"; tail='' escaped=1 ;;
	0double\\) escaped=1 ;;
	0before\") state=double ;;
	0before\') state=single ;;
	0double\" | 0single\') state=before ;;
	0bare?) collect "$tail"; tail=$1 ;;
	0*) collect "$1" ;;
	1double\') collect "\\'"; escaped=0 ;;
	1*) collect "$1"; escaped=0 ;;
	esac
}
value_text() {
	case $escaped$state$1 in
	0double* | 0single* | 1double[\`\$]*) collect "$1" ;; # the backslash goes
	1double*) collect "\\$1" ;;
	0bare*) tail=$tail$1 ;;
	0before*)
		trim_start "$1"
		case $text in ?*) state=bare tail=$text ;; esac
		;;
	1bare*)
		tail=${1#?}
		collect "${1%%"$tail"}"
		;;
	esac
	escaped=0
}

# The value is complete.
finish_assignment() {
	trim_end "$tail"
	value=$text_all$text_100k$text_10k$text_1k$text
	collect_anew
	state=key tail=''
	if is_name "$key"; then assign; else drops; fi
}

# not_utf8 TEXT: systemd's UTF-8 has no surrogates, no overlong forms and no noncharacters (U+FDD0
# to U+FDEF, and the last two of each plane). Every flaw shows within five bytes, so that patterns
# find it.
flaws='' # from outside they would be taken for ready
not_utf8() {
	case $1 in *[!\ -~]*) ;; *) return 1 ;; esac
	[ -n "$flaws" ] || flaws=$(
		# A byte that never occurs; too few, or too many, that go on with a character
		printf '[\300\301\365-\377] [\302-\364][!\200-\277] [\340-\364][\200-\277][!\200-\277] '
		printf '[\360-\364][\200-\277][\200-\277][!\200-\277] [!\200-\377][\200-\277] '
		printf '[\302-\337][\200-\277][\200-\277] [\340-\357][\200-\277][\200-\277][\200-\277] '
		printf '[\360-\364][\200-\277][\200-\277][\200-\277][\200-\277] '
		# Overlong forms, surrogates, beyond U+10FFFF; noncharacters
		printf '\340[\200-\237] \360[\200-\217] \355[\240-\277] \364[\220-\277] '
		printf '\357\267[\220-\257] \357\277[\276\277] [\360-\364][\217\237\257\277]\277[\276\277]'
	)
	IFS=' '
	set -- " $1 " # its ends are like characters of one byte
	for flaw in $flaws; do
		# shellcheck disable=SC2254 # a pattern
		case $1 in *$flaw*) return 0 ;; esac
	done
	return 1
}

