# again STATUS: whether it is started again after that end.
again() {
	return 1
}

tell_signals() {
	:
}
signal_or_code() {
	:
}

