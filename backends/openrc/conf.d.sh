# Settings of OpenRC for the service {{ service | comment }}. OpenRC runs this file as shell.
{%- if env_files %}
#
# The program's own arguments are not here but in these files, which are read
# as systemd reads them, and never run:
{%- for file in env_files %}
#   {{ file.path | comment }}
{%- if file.about %}
#     {{ file.about | comment }}.
{%- endif %}
{%- endfor %}
{%- endif %}
{%- if output.inherit %}

# Where the output goes: where that of PID 1 does.
#output_log=/proc/1/fd/1
#error_log=/proc/1/fd/2
{%- elif not output.syslog %}

# Where the output goes. {{ logrotate | comment }} rotates what is in that folder.
#output_log={{ log_file | sh | comment }}
#error_log={{ log_file | sh | comment }}
{%- endif %}

# Services that have to be started before.
#rc_need=
