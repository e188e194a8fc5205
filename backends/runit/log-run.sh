#!/bin/sh
exec 2>&1
umask 0027
mkdir -p {{ log_folder | sh }}
# svlogd reads its config there alone; a file in the place of the link is the administrator's own.
[ -e {{ log_folder | sh }}/config ] || ln -sf {{ service | sh }}/log/config {{ log_folder | sh }}/config
exec svlogd -tt {{ log_folder | sh }}
