#!/bin/sh
# What init starts, whose entry has no room for it. The launcher stays the parent.
umask 0022
mkdir -p {{ log_folder | sh }}
umask 0027
exec {{ launcher | sh }} supervise >>{{ log_file | sh }} 2>&1
