# scan NAME TEXT: goes through TEXT from backslash to backslash, within such a section from quote
# to quote, and within that from apostrophe to apostrophe. NAME_mark gets each of these, and
# NAME_text what stands between.
scan() {
	# What is added at an end makes that the last piece counts, even if it is empty.
	# shellcheck disable=SC2141 # a backslash it is
	IFS=\\
	pieces=$2\\ backslash=''
	for section in $pieces; do
		[ -z "$backslash" ] || "$1_mark" \\
		backslash=1
		IFS=\"
		pieces=$section\" quote=''
		for part in $pieces; do
			[ -z "$quote" ] || "$1_mark" \"
			quote=1
			IFS=\'
			pieces=$part\' apostrophe=''
			for bit in $pieces; do
				[ -z "$apostrophe" ] || "$1_mark" \'
				apostrophe=1
				[ -z "$bit" ] || "$1_text" "$bit"
			done
		done
	done
}

