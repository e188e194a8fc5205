//! The commands of a shell script (POSIX.1-2024, XCU 2.9).

use super::lex::{Assignment, Token, Word, assignment, plain};
use super::value::Spot;

/// A command.
#[derive(Debug, Clone)]
pub(super) enum Node {
    Simple {
        assignments: Vec<Assignment>,
        words: Vec<Word>,
        spot: Spot,
    },
    If {
        branches: Vec<(Vec<Node>, Vec<Node>)>,
        otherwise: Vec<Node>,
        spot: Spot,
    },
    /// `&&` or `||`.
    Chain {
        left: Box<Node>,
        and: bool,
        right: Box<Node>,
        spot: Spot,
    },
    Not(Box<Node>),
    Group(Vec<Node>),
    Function {
        name: String,
        body: Vec<Node>,
    },
    /// The word, and what is done where it fits one of these patterns.
    Case {
        subject: Word,
        arms: Vec<(Vec<Word>, Vec<Node>)>,
        spot: Spot,
    },
    /// A loop, a pipe or a subshell: what is in it, and what it is.
    Opaque {
        inner: Vec<Node>,
        what: &'static str,
        spot: Spot,
        /// Of a loop, how many of the commands are what it asks before each round, and the
        /// answer with which it ends.
        asks: Option<(usize, bool)>,
    },
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

/// More commands in each other than anybody writes.
const DEEPEST: usize = 64;

/// The commands of a script.
///
/// # Errors
/// Where they are no longer such.
pub(super) fn parse(tokens: Vec<Token>) -> Result<Vec<Node>, Spot> {
    if tokens.is_empty() {
        return Ok(Vec::new());
    }
    let mut parser = Parser {
        tokens,
        at: 0,
        depth: 0,
    };
    let nodes = parser.list(&[]);
    let is_all = parser.at == parser.tokens.len();
    nodes.filter(|_| is_all).ok_or_else(|| parser.spot())
}

impl Parser {
    fn operator(&self) -> Option<&'static str> {
        match self.tokens.get(self.at)? {
            Token::Operator(operator, _) => Some(operator),
            Token::Word(..) => None,
        }
    }

    fn keyword(&self) -> Option<String> {
        match self.tokens.get(self.at)? {
            Token::Word(word, _) => plain(word),
            Token::Operator(..) => None,
        }
    }

    fn takes(&mut self, keyword: &str) -> Option<()> {
        self.newlines();
        let there = self.keyword().is_some_and(|it| it == keyword);
        self.at += usize::from(there);
        there.then_some(())
    }

    fn newlines(&mut self) {
        while matches!(self.operator(), Some("\n" | ";")) {
            self.at += 1;
        }
    }

    /// Commands up to one of these words, which is not taken.
    fn list(&mut self, ends: &[&str]) -> Option<Vec<Node>> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        let mut nodes = Vec::new();
        loop {
            self.newlines();
            let at_end = self.at == self.tokens.len();
            let ended = self
                .keyword()
                .is_some_and(|word| ends.contains(&word.as_str()));
            if at_end || ended || matches!(self.operator(), Some(")" | ";;")) {
                self.depth -= 1;
                return Some(nodes);
            }
            let mut node = self.chain()?;
            if self.operator() == Some("&") {
                let spot = self.spot();
                self.at += 1;
                node = Node::Opaque {
                    inner: vec![node],
                    what: "a command in the background",
                    spot,
                    asks: None,
                };
            }
            nodes.push(node);
        }
    }

    fn spot(&self) -> Spot {
        match &self.tokens[self.at.min(self.tokens.len() - 1)] {
            Token::Word(_, spot) | Token::Operator(_, spot) => *spot,
        }
    }

    fn chain(&mut self) -> Option<Node> {
        let mut left = self.pipe()?;
        while let Some(operator @ ("&&" | "||")) = self.operator() {
            let spot = self.spot();
            self.at += 1;
            self.newlines();
            let right = Box::new(self.pipe()?);
            left = Node::Chain {
                left: Box::new(left),
                and: operator == "&&",
                right,
                spot,
            };
        }
        Some(left)
    }

    fn pipe(&mut self) -> Option<Node> {
        if self.keyword().as_deref() == Some("!") {
            self.at += 1;
            return Some(Node::Not(Box::new(self.pipe()?)));
        }
        let spot = self.spot();
        let first = self.command()?;
        if self.operator() != Some("|") {
            return Some(first);
        }
        let mut inner = vec![first];
        while self.operator() == Some("|") {
            self.at += 1;
            self.newlines();
            inner.push(self.command()?);
        }
        Some(Node::Opaque {
            inner,
            what: "a pipe",
            spot,
            asks: None,
        })
    }

    fn command(&mut self) -> Option<Node> {
        let spot = self.spot();
        let node = match self.keyword().as_deref() {
            Some("if") => self.conditional(spot)?,
            Some(word @ ("while" | "until")) => {
                let until = word == "until";
                self.at += 1;
                let mut inner = self.list(&["do"])?;
                let asks = Some((inner.len(), until));
                self.takes("do")?;
                inner.extend(self.list(&["done"])?);
                self.takes("done")?;
                Node::Opaque {
                    inner,
                    what: "a loop",
                    spot,
                    asks,
                }
            }
            Some("for") => {
                let variable = match self.tokens.get(self.at + 1)? {
                    Token::Word(word, _) => plain(word)?,
                    Token::Operator(..) => return None,
                };
                self.at += 2;
                let mut among = Word::new();
                while let Token::Word(word, _) = self.tokens.get(self.at)? {
                    if plain(word).as_deref() == Some("do") && among.is_empty() {
                        break;
                    }
                    among.extend(word.iter().cloned());
                    self.at += 1;
                }
                // Anything else is no loop.
                self.takes("do")?;
                let mut inner = self.list(&["done"])?;
                // It is set as well.
                inner.push(Node::Simple {
                    assignments: vec![Assignment {
                        name: variable,
                        value: among,
                        appends: false,
                        is_element: false,
                    }],
                    words: Vec::new(),
                    spot,
                });
                self.takes("done")?;
                Node::Opaque {
                    inner,
                    what: "a loop",
                    spot,
                    asks: None,
                }
            }
            Some("case") => self.case(spot)?,
            // Of bash, and more than is followed.
            Some("function" | "select" | "coproc") => return None,
            Some("{") => {
                self.at += 1;
                let inner = self.list(&["}"])?;
                self.takes("}")?;
                Node::Group(inner)
            }
            _ if self.operator() == Some("(") => {
                self.at += 1;
                let inner = self.list(&[])?;
                (self.operator() == Some(")")).then_some(())?;
                self.at += 1;
                Node::Opaque {
                    inner,
                    what: "a subshell",
                    spot,
                    asks: None,
                }
            }
            _ => return self.simple(spot),
        };
        self.redirections()?;
        Some(node)
    }

    fn conditional(&mut self, spot: Spot) -> Option<Node> {
        let mut branches = Vec::new();
        let mut otherwise = Vec::new();
        self.at += 1;
        loop {
            let condition = self.list(&["then"])?;
            self.takes("then")?;
            branches.push((condition, self.list(&["elif", "else", "fi"])?));
            if self.takes("elif").is_some() {
                continue;
            }
            if self.takes("else").is_some() {
                otherwise = self.list(&["fi"])?;
            }
            self.takes("fi")?;
            return Some(Node::If {
                branches,
                otherwise,
                spot,
            });
        }
    }

    fn case(&mut self, spot: Spot) -> Option<Node> {
        let Some(Token::Word(subject, _)) = self.tokens.get(self.at + 1) else {
            return None;
        };
        let subject = subject.clone();
        self.at += 2;
        self.takes("in")?;
        let mut arms = Vec::new();
        loop {
            self.newlines();
            if self.takes("esac").is_some() {
                return Some(Node::Case {
                    subject,
                    arms,
                    spot,
                });
            }
            let mut patterns = Vec::new();
            while self.operator() != Some(")") {
                if let Token::Word(pattern, _) = self.tokens.get(self.at)? {
                    patterns.push(pattern.clone());
                }
                self.at += 1;
            }
            self.at += 1;
            arms.push((patterns, self.list(&["esac"])?));
            if self.operator() == Some(";;") {
                self.at += 1;
            }
        }
    }

    /// Skips what follows a command, such as `>file`.
    fn redirections(&mut self) -> Option<()> {
        while let Some(operator) = self.operator().filter(|it| it.contains(['<', '>'])) {
            self.at += 1;
            if !operator.starts_with("<<") || operator == "<<<" {
                self.tokens.get(self.at)?;
                self.at += 1;
            }
        }
        Some(())
    }

    fn simple(&mut self, spot: Spot) -> Option<Node> {
        let (mut assignments, mut words) = (Vec::new(), Vec::new());
        loop {
            self.redirections()?;
            let Some(Token::Word(word, _)) = self.tokens.get(self.at) else {
                break;
            };
            match assignment(word).filter(|_| words.is_empty()) {
                Some(assignment) => assignments.push(assignment),
                None => words.push(word.clone()),
            }
            self.at += 1;
            if words.len() == 1 && self.operator() == Some("(") {
                return self.function(&words[0]);
            }
        }
        // An array, which is more than is followed.
        let is_any = !(assignments.is_empty() && words.is_empty());
        if is_any && self.operator() == Some("(") {
            return None;
        }
        // Nothing was taken: an operator where none may be.
        let nothing = words.is_empty() && assignments.is_empty() && self.spot() == spot;
        (!nothing).then_some(Node::Simple {
            assignments,
            words,
            spot,
        })
    }

    fn function(&mut self, name: &Word) -> Option<Node> {
        let name = plain(name)?;
        self.at += 1;
        (self.operator() == Some(")")).then_some(())?;
        self.at += 1;
        self.newlines();
        let body = vec![self.command()?];
        Some(Node::Function { name, body })
    }
}
