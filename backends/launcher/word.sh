{%- if word.split -%}
split "${value_of_{{ word.split }}}"
{%- else -%}
word {% for piece in word.pieces -%}
{% if piece.variable %}"${value_of_{{ piece.variable }}}"{% elif piece.host %}"$host_{{ piece.host }}"{% else %}{{ piece.text | sh }}{% endif %}
{%- endfor %}
{%- endif -%}
