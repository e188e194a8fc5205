#!/bin/sh
# To syslog, or to the program /etc/vlogger where there is one (vlogger(8)).
exec vlogger -t {{ name | sh }} -p daemon
