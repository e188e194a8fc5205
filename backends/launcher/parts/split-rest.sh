# split_sections VALUE: one that has quotes or backslashes.
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

