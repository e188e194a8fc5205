# Only the main process is the service's; the others are to live on.

# Whether it is left.
left() {
	main_lives
}

enter_cgroup() {
	procs=
}

