# A start from its beginning.
main() {
	prepare
	gather
	arrange
	become
}

# A common start goes on.
if [ -n "$launcher_done" ]; then
	[ "$launcher_done" = gathered ] || gather
	arrange
	become
fi

