//! The words and operators of a shell script as they are written.

/// A word.
#[derive(Debug, Clone, Default)]
pub(super) struct Word {
    /// As it is written.
    pub(super) raw: String,
    /// Without its quotes.
    pub(super) text: String,
    pub(super) line: usize,
    pub(super) begin: usize,
    pub(super) end: usize,
    /// Whether it is the number of what is redirected.
    pub(super) is_descriptor: bool,
}

#[derive(Debug, Clone)]
pub(super) enum Token {
    Word(Word),
    /// Its line, and where it is in the text.
    Operator(&'static str, (usize, usize)),
}

const OPERATORS: [&str; 21] = [
    "&>>", "<<<", "<<-", "&&", "||", ";;", ";&", "<<", ">>", ">&", "<&", ">|", "<>", "&>", "\n",
    ";", "&", "|", "(", ")", "<",
];

struct Lexer<'a> {
    source: &'a [char],
    at: usize,
    line: usize,
    /// The ends of here-documents, whose lines come after this one.
    documents: Vec<String>,
}

/// The tokens of a text whose first line has this number. What is not closed ends with the text.
pub(super) fn lex(source: &[char], first: usize) -> Vec<Token> {
    let mut lexer = Lexer {
        source,
        at: 0,
        line: first,
        documents: Vec::new(),
    };
    let mut tokens: Vec<Token> = Vec::new();
    let mut is_end = false;
    while let Some(token) = lexer.token() {
        if let Token::Word(word) = &token
            && is_end
        {
            lexer.documents.push(word.text.clone());
        }
        is_end = matches!(token, Token::Operator("<<" | "<<-", _));
        tokens.push(token);
    }
    tokens
}

impl Lexer<'_> {
    fn char(&self, ahead: usize) -> Option<char> {
        self.source.get(self.at + ahead).copied()
    }

    fn take(&mut self) -> Option<char> {
        let c = self.char(0)?;
        self.at += 1;
        self.line += usize::from(c == '\n');
        Some(c)
    }

    fn token(&mut self) -> Option<Token> {
        loop {
            match self.char(0)? {
                ' ' | '\t' | '\r' => self.at += 1,
                '\\' if self.char(1) == Some('\n') => {
                    self.take();
                    self.take();
                }
                '#' => {
                    while self.char(0).is_some_and(|c| c != '\n') {
                        self.at += 1;
                    }
                }
                _ => break,
            }
        }
        let place = (self.line, self.at);
        let is_here = |operator: &&&str| {
            let mut chars = operator.chars().enumerate();
            chars.all(|(ahead, c)| self.char(ahead) == Some(c))
        };
        let mut all = OPERATORS.iter().chain(&[">"]);
        if let Some(operator) = all.find(is_here) {
            for _ in operator.chars() {
                self.take();
            }
            if *operator == "\n" {
                self.skip_documents();
            }
            return Some(Token::Operator(operator, place));
        }
        Some(Token::Word(self.word()))
    }

    fn skip_documents(&mut self) {
        for end in std::mem::take(&mut self.documents) {
            while self.char(0).is_some() {
                let mut line = String::new();
                while let Some(c) = self.take().filter(|c| *c != '\n') {
                    line.push(c);
                }
                if line.trim_start_matches('\t') == end {
                    break;
                }
            }
        }
    }

    fn word(&mut self) -> Word {
        let (line, begin) = (self.line, self.at);
        let mut text = String::new();
        while let Some(c) = self.char(0).filter(|c| !" \t\r\n;&|()<>".contains(*c)) {
            match c {
                '\'' => self.quoted('\'', &mut text),
                '"' => self.quoted('"', &mut text),
                '\\' => {
                    self.take();
                    text.extend(self.take().filter(|c| *c != '\n'));
                }
                '$' | '`' => self.dollar(&mut text),
                _ => text.extend(self.take()),
            }
        }
        let raw: String = self.source[begin..self.at].iter().collect();
        let is_number = !raw.is_empty() && raw.chars().all(|c| c.is_ascii_digit());
        Word {
            is_descriptor: is_number && matches!(self.char(0), Some('<' | '>')),
            raw,
            text,
            line,
            begin,
            end: self.at,
        }
    }

    fn quoted(&mut self, quote: char, text: &mut String) {
        self.take();
        while let Some(c) = self.char(0).filter(|c| *c != quote) {
            match (quote, c) {
                ('"', '\\') => {
                    self.take();
                    let next = self.take();
                    if !next.is_some_and(|c| "$`\"\\\n".contains(c)) {
                        text.push('\\');
                    }
                    text.extend(next.filter(|c| *c != '\n'));
                }
                ('"', '$' | '`') => self.dollar(text),
                _ => text.extend(self.take()),
            }
        }
        self.take();
    }

    /// What a shell replaces, as it is written.
    fn dollar(&mut self, text: &mut String) {
        let begin = self.at;
        let (open, close) = match (self.take(), self.char(0)) {
            (Some('`'), _) => ('`', '`'),
            (_, Some('(')) => ('(', ')'),
            (_, Some('{')) => ('{', '}'),
            _ => return text.push('$'),
        };
        let mut depth = usize::from(open == '`');
        while let Some(c) = self.take() {
            match c {
                '\\' => drop(self.take()),
                '\'' if open == '(' => while self.take().is_some_and(|c| c != '\'') {},
                c if c == close => depth = depth.saturating_sub(1),
                c if c == open => depth += 1,
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
        text.extend(&self.source[begin..self.at]);
    }
}
