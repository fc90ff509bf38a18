use std::iter::Peekable;
use std::str::Chars;

#[derive(Debug, PartialEq, Clone)]
pub enum Token {
    Number(f64),
    Name(String),
    Symbol(char),
}

pub struct Tokenizer<'a> {
    input: Peekable<Chars<'a>>,
}

impl<'a> Tokenizer<'a> {
    pub fn new(text: &'a str) -> Self {
        Tokenizer { input: text.chars().peekable() }
    }

    fn take_while<F: Fn(char) -> bool>(&mut self, accept: F) -> String {
        let mut taken = String::new();
        while let Some(&next) = self.input.peek() {
            if !accept(next) {
                break;
            }
            taken.push(next);
            self.input.next();
        }
        taken
    }
}

impl<'a> Iterator for Tokenizer<'a> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        self.take_while(char::is_whitespace);
        let first = *self.input.peek()?;
        if first.is_ascii_digit() {
            let digits = self.take_while(|c| c.is_ascii_digit() || c == '.');
            return digits.parse().ok().map(Token::Number);
        }
        if first.is_alphabetic() {
            return Some(Token::Name(self.take_while(char::is_alphanumeric)));
        }
        self.input.next();
        Some(Token::Symbol(first))
    }
}

#[test]
fn splits() {
    let tokens: Vec<Token> = Tokenizer::new("x1 = 2.5*(y+3)").collect();
    assert_eq!(tokens.len(), 9);
    assert_eq!(tokens[0], Token::Name("x1".into()));
    assert_eq!(tokens[2], Token::Number(2.5));
    assert_eq!(tokens[8], Token::Symbol(')'));
}
