# Set $ended. A program whose exit code is as high is taken for one that a signal ended: which it
# was plays no part.
tell_signals() { :; }
signal_or_code() {
	ended=$status
	[ "$status" -le 128 ] || ended=$((status + 128))
}

