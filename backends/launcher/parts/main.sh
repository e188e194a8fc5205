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

# ------------------------------------------------------------------ supervision
# What systemd does around a service and no supervisor here does alone: all
# processes of the service are ended together (KillMode=), and only then the
# restart delay begins.

