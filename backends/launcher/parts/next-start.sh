# next_start STATUS ENDED: notes that end, and whether it is started again. Fails if not.
limited=:
next_start() {
	if ! { again "$1" && "$limited"; }; then
		note_end "$2"
		return 1
	fi
	note_end "$2" again
}

