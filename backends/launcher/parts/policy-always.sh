# again STATUS: whether it is started again after that end.
again() {
	:
}

tell_signals() {
	:
}
signal_or_code() {
	:
}

