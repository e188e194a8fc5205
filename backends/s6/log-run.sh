#!/bin/sh
umask 0027
mkdir -p {{ log_folder | sh }}
exec s6-log -d3 T n{{ keep }} s{{ max_size }} {{ log_folder | sh }}
