# again STATUS: whether it is started again after that end.
again() { :; }

tell_signals() { :; }

# Sets $ended. A program whose exit code is as high is taken for one that a signal ended.
signal_or_code() {
	ended=$status
	[ "$status" -le 128 ] || ended=$((status + 128))
}

