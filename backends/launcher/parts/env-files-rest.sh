# From outside they would be taken for ready.
block='' more=''

# ignored LINE WHAT: says what was ignored in the current file, and why.
ignored() { say "$file:$1: ignored: $2"; }

# Sets $position without /proc.
count_bytes() {
	position=$(wc -c <"$file") || {
		say "$file: not looked at for NUL bytes: neither /proc nor \`wc\` is there"
		position=$bytes
	}
}

# check_text: with text that is not UTF-8 the whole file is refused, whatever the key is. The
# first counts; whether a NUL byte follows is known at the end.
check_text() {
	if [ -n "$not_text" ]; then :; elif not_utf8 "$key"; then
		not_text="line $first_line: the name of the variable is not UTF-8"
	elif not_utf8 "$value"; then
		not_text="line $first_line: the value is not UTF-8"
	fi
}

drop_long_value() { ignored "$first_line" "the value of \`$key\` is longer than 2 MiB"; }

# take_pieces TERMINATOR: the same for a $line with carriage returns, which end a line too, except
# in quotes.
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
			case $line in *"$cr"*) ;; *) break ;; esac
			piece=${line%%"$cr"*}
			line=${line#*"$cr"}
			take_piece "$piece" "$cr"
		done
		take_piece "$line" "$1"
	fi
}

# take_piece TEXT TERMINATOR: goes on with TEXT, which holds no end of line and which TERMINATOR
# (empty: the end of the file) ends.
take_piece() {
	text=$1
	[ "$state" != key ] || take_key || return 0
	scan_value
	if [ "$escaped" = 1 ]; then
		escaped=0
		case $state$2 in double"$cr") collect "\\$cr" ;; esac # a newline alone vanishes here
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
	*[$blanks]) rest=$text text=$key; trim_end; key=$text text=$rest ;;
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

# Takes blanks off the start, or the end, of $text; in blocks, since one cut is quadratic in what
# it cuts off.
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

# Goes through $text, a part of a value: from backslash to backslash, and within such a section
# from quote to quote.
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
		case $text in ?*) state=bare tail=$text guarded=0 ;; esac
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
	case ${#value} in ????*) ;; *) return ;; esac
	value_10k=$value_10k$value value=
	case ${#value_10k} in ?????*) ;; *) return ;; esac
	value_100k=$value_100k$value_10k value_10k=
	case ${#value_100k} in ??????*) value_all=$value_all$value_100k value_100k= ;; esac
}

# The value is complete.
finish_assignment() {
	case $tail in
	*[$blanks])
		text=$tail
		trim_end
		case $guarded$text in 1) text=${tail%%"${tail#?}"} ;; esac
		tail=$text
		;;
	esac
	value=$value_all$value_100k$value_10k$value$tail
	value_10k='' value_100k='' value_all='' tail='' guarded=0 state=key
	assign
}

# Says that the name of the variable is bad, and shows it if it can be shown.
drop_assignment() {
	case ${#key} in ? | ??) ;; *) key= ;; esac
	case $key in
	'' | *[!\ -~]*) ignored "$first_line" "what stands before \`=\` is not the name of a variable" ;;
	*) ignored "$first_line" "\`$key\` is not the name of a variable" ;;
	esac
}

# not_utf8 TEXT: systemd's UTF-8 has no surrogates, no overlong forms and no noncharacters (U+FDD0
# to U+FDEF, and the last two of each plane). Every flaw shows within five bytes, so that patterns
# find it.
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

