#!/bin/sh
# Whether the service has said that it is ready, for `sv check` and `sv start` (sv(8)).
[ -s {{ state_folder }}/ready ]
