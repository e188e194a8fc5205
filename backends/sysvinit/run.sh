#!/bin/sh
# What init starts, whose entry has no room for it. The launcher stays the parent.
umask 0027
mkdir -p -m 0755 {{ log_folder | sh }}
exec {{ launcher | sh }} supervise >>{{ log_file | sh }} 2>&1
