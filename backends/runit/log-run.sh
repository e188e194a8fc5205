#!/bin/sh
exec 2>&1
umask 0027
mkdir -p {{ log_folder | sh }}
[ -e {{ log_folder | sh }}/config ] || printf 's{{ max_size }}\nn{{ keep }}\n' >{{ log_folder | sh }}/config
exec svlogd -tt {{ log_folder | sh }}
