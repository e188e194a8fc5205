# collect TEXT: adds it to what has been put together from pieces since `collect_anew`: the value
# of a variable, or the list of arguments.
collect_anew() { text_1k='' text_10k='' text_100k='' text_all=''; }
collect() {
	text_1k=$text_1k$1
	case ${#text_1k} in ????*) ;; *) return ;; esac
	text_10k=$text_10k$text_1k text_1k=
	case ${#text_10k} in ?????*) ;; *) return ;; esac
	text_100k=$text_100k$text_10k text_10k=
	case ${#text_100k} in ??????*) text_all=$text_all$text_100k text_100k= ;; esac
}

# word TEXT: one argument, as it is.
word() { collect "$1$launcher_end"; }

