# A common start goes on.
[ -z "$launcher_done" ] || main

