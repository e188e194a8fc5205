# What `split` makes of a backslash or a quote, and of what stands between two of them.
word_mark() {
	case $escaped$state$1 in
	1*) collect "$1"; escaped=0 ;;
	0between\\) state=inside escaped=1 ;;
	0*\\) escaped=1 ;;
	0double\" | 0single\') state=inside ;;
	0double\' | 0single\") collect "$1" ;;
	0*\") state=double ;;
	0*\') state=single ;;
	esac
}
word_text() {
	if [ "$escaped" = 1 ]; then
		escaped=0
		rest=${1#?}
		collect "${1%%"$rest"}"
		set -- "$rest"
	fi
	case $state in
	double | single) collect "$1" ;;
	*) split_words "$1" ;;
	esac
}

