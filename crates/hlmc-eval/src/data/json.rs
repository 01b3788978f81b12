//! JSON text to nodes with their places. Long lists of numbers become flat vectors on the way: a million observations are
//! one allocation. Besides strict JSON (RFC 8259) it takes what CmdStan takes: `NaN`, `Inf` and `Infinity`, signed or not,
//! bare or in quotes.

use std::borrow::Cow;

/// Lists and objects within each other; deeper than any type of the language.
const MAX_DEPTH: usize = 100;

/// Integers up to this one are exact as `f64`.
const MAX_EXACT: u64 = 1 << f64::MANTISSA_DIGITS;

/// So many digits fit a `u64` whatever they are.
const MAX_DIGITS: usize = 19;

/// Powers of ten that are exact as `f64`.
const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
];

/// A node and where it starts, in bytes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Located<'t> {
    pub(crate) node: Node<'t>,
    pub(crate) offset: usize,
}

/// What stands in the text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Node<'t> {
    Null,
    Bool(bool),
    Number(Number),
    Text(Cow<'t, str>),
    /// A list with at least one entry, all of them numbers.
    Numbers(Numbers),
    /// Any other list.
    List(Vec<Located<'t>>),
    /// Names with their places, in order.
    Object(Vec<(Cow<'t, str>, Located<'t>)>),
}

/// A number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Number {
    pub(crate) value: f64,
    /// Written without point and exponent.
    pub(crate) is_integer: bool,
}

/// Numbers of one list.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Numbers {
    pub(crate) values: Vec<f64>,
    /// The first entry that is not written as an integer.
    pub(crate) first_real: Option<usize>,
}

/// What is wrong with the text, and where.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct JsonError {
    pub(crate) message: String,
    pub(crate) offset: usize,
}

type Parse<T> = Result<T, JsonError>;

/// Parses a whole text.
pub(crate) fn parse(text: &str) -> Parse<Located<'_>> {
    let mut parser = Parser { text, at: 0 };
    // Files that Windows programs write may start with a byte order mark.
    if text.starts_with('\u{feff}') {
        parser.at = '\u{feff}'.len_utf8();
    }
    let node = parser.node(0)?;
    parser.skip_space();
    if parser.at < text.len() {
        return Err(parser.error("nothing may follow the value"));
    }
    Ok(node)
}

/// The place of the entry that `index`, from 0, leads to within the list at `offset`; as far as it goes.
pub(crate) fn locate(text: &str, offset: usize, index: &[usize]) -> usize {
    let mut parser = Parser { text, at: offset };
    for &i in index {
        let start = parser.at;
        if parser.peek() != Some(b'[') {
            return start;
        }
        parser.at += 1;
        for _ in 0..i {
            if parser.node(0).is_err() {
                return start;
            }
            parser.skip_space();
            parser.at += 1;
        }
        parser.skip_space();
    }
    parser.at
}

/// The number that a text spells: NaN and the infinities, in any case.
pub(crate) fn spelled_number(text: &str) -> Option<f64> {
    let (sign, name) = match text.as_bytes().first()? {
        b'-' => (-1.0, &text[1..]),
        b'+' => (1.0, &text[1..]),
        _ => (1.0, text),
    };
    if name.eq_ignore_ascii_case("nan") {
        return Some(f64::NAN);
    }
    (name.eq_ignore_ascii_case("inf") || name.eq_ignore_ascii_case("infinity")).then_some(sign * f64::INFINITY)
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Parser<'t> {
    fn error(&self, message: impl Into<String>) -> JsonError {
        JsonError { message: message.into(), offset: self.at.min(self.text.len()) }
    }

    #[inline]
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    #[inline]
    fn skip_space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
        }
    }

    fn node(&mut self, depth: usize) -> Parse<Located<'t>> {
        self.skip_space();
        if depth > MAX_DEPTH {
            return Err(self.error(format!("more than {MAX_DEPTH} lists within each other")));
        }
        let offset = self.at;
        let node = match self.peek() {
            None => return Err(self.error("the text ends where a value is expected")),
            Some(b'{') => self.object(depth)?,
            Some(b'[') => self.list(depth)?,
            Some(b'"') => {
                let text = self.string()?;
                match spelled_number(&text) {
                    Some(value) => Node::Number(Number { value, is_integer: false }),
                    None => Node::Text(text),
                }
            }
            Some(_) => match self.number() {
                Some(number) => Node::Number(number),
                None => self.word()?,
            },
        };
        Ok(Located { node, offset })
    }

    fn object(&mut self, depth: usize) -> Parse<Node<'t>> {
        self.at += 1;
        let mut entries = Vec::new();
        self.skip_space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Node::Object(entries));
        }
        loop {
            self.skip_space();
            if self.peek() != Some(b'"') {
                return Err(self.error("expected a name in double quotes"));
            }
            let name = self.string()?;
            self.skip_space();
            if self.peek() != Some(b':') {
                return Err(self.error(format!("expected `:` after \"{name}\"")));
            }
            self.at += 1;
            entries.push((name, self.node(depth + 1)?));
            if self.ends(b'}', "`,` or `}`")? {
                return Ok(Node::Object(entries));
            }
        }
    }

    fn list(&mut self, depth: usize) -> Parse<Node<'t>> {
        let start = self.at;
        self.at += 1;
        self.skip_space();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Node::List(Vec::new()));
        }
        if let Some(numbers) = self.numbers()? {
            return Ok(Node::Numbers(numbers));
        }
        self.at = start + 1;
        let mut nodes = Vec::new();
        loop {
            nodes.push(self.node(depth + 1)?);
            if self.ends(b']', "`,` or `]`")? {
                return Ok(Node::List(nodes));
            }
        }
    }

    /// The rest of a list, if it holds nothing but numbers.
    fn numbers(&mut self) -> Parse<Option<Numbers>> {
        let mut numbers = Numbers { values: Vec::new(), first_real: None };
        loop {
            self.skip_space();
            let number = match self.peek() {
                Some(b'"') => {
                    let text = self.string()?;
                    spelled_number(&text).map(|value| Number { value, is_integer: false })
                }
                _ => self.number(),
            };
            let Some(Number { value, is_integer }) = number else { return Ok(None) };
            if !is_integer && numbers.first_real.is_none() {
                numbers.first_real = Some(numbers.values.len());
            }
            numbers.values.push(value);
            if self.ends(b']', "`,` or `]`")? {
                return Ok(Some(numbers));
            }
        }
    }

    /// Steps over a comma, or over the bracket that ends a list or object.
    fn ends(&mut self, bracket: u8, expected: &str) -> Parse<bool> {
        self.skip_space();
        match self.peek() {
            Some(byte) if byte == bracket => {
                self.at += 1;
                Ok(true)
            }
            Some(b',') => {
                self.at += 1;
                Ok(false)
            }
            Some(_) => Err(self.error(format!("expected {expected}"))),
            None => Err(self.error(format!("the text ends where {expected} is expected"))),
        }
    }

    /// A number of JSON or a bare spelling of one that is not finite; `None`, without a step, if there is neither.
    fn number(&mut self) -> Option<Number> {
        let bytes = self.text.as_bytes();
        let start = self.at;
        let mut at = start + usize::from(self.peek() == Some(b'-'));
        let mut magnitude = 0;
        let digits = add_digits(bytes, at, &mut magnitude);
        if digits == 0 {
            return self.bare_spelling();
        }
        if digits > 1 && bytes.get(at) == Some(&b'0') {
            return None;
        }
        at += digits;
        let mut is_integer = true;
        let mut decimals = 0;
        if bytes.get(at) == Some(&b'.') {
            decimals = add_digits(bytes, at + 1, &mut magnitude);
            if decimals == 0 {
                return None;
            }
            is_integer = false;
            at += 1 + decimals;
        }
        let has_exponent = matches!(bytes.get(at), Some(b'e' | b'E'));
        if has_exponent {
            let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
            let digits = add_digits(bytes, at + 1 + sign, &mut 0);
            if digits == 0 {
                return None;
            }
            is_integer = false;
            at += 1 + sign + digits;
        }
        self.at = at;
        let value = match POWERS.get(decimals) {
            // A quotient of two numbers that are exact is rounded once (Clinger, "How to read floating point numbers
            // accurately", 1990).
            Some(power) if !has_exponent && digits + decimals <= MAX_DIGITS && magnitude <= MAX_EXACT => {
                let size = magnitude as f64 / power;
                if bytes[start] == b'-' { -size } else { size }
            }
            _ => self.text[start..at].parse().ok()?,
        };
        Some(Number { value, is_integer })
    }

    fn bare_spelling(&mut self) -> Option<Number> {
        let sign = usize::from(matches!(self.peek(), Some(b'-' | b'+')));
        let word = self.word_at(self.at + sign);
        let value = spelled_number(&self.text[self.at..self.at + sign + word.len()])?;
        self.at += sign + word.len();
        Some(Number { value, is_integer: false })
    }

    fn word_at(&self, at: usize) -> &'t str {
        let rest = self.text.get(at..).unwrap_or("");
        let n = rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
        &rest[..n]
    }

    fn word(&mut self) -> Parse<Node<'t>> {
        let word = self.word_at(self.at);
        let node = match word {
            "true" => Node::Bool(true),
            "false" => Node::Bool(false),
            "null" => Node::Null,
            _ => {
                let found: String = match word {
                    "" => self.text[self.at..].chars().take(1).collect(),
                    word => word.chars().take(20).collect(),
                };
                return Err(self.error(format!("expected a value, found `{found}`")));
            }
        };
        self.at += word.len();
        Ok(node)
    }

    fn string(&mut self) -> Parse<Cow<'t, str>> {
        let start = self.at + 1;
        let mut at = start;
        let bytes = self.text.as_bytes();
        loop {
            match bytes.get(at) {
                None => return Err(self.error("a text in double quotes has no end")),
                Some(b'"') => break,
                Some(b'\\') => at += 2,
                Some(byte) if *byte < b' ' => {
                    self.at = at;
                    return Err(self.error("control characters in a text must be escaped"));
                }
                Some(_) => at += 1,
            }
        }
        let raw = &self.text[start..at];
        let text = if raw.contains('\\') { Cow::Owned(self.unescape(raw)?) } else { Cow::Borrowed(raw) };
        self.at = at + 1;
        Ok(text)
    }

    fn unescape(&self, raw: &str) -> Parse<String> {
        // Escapes are rare and their rules many, so the standard reader does it.
        serde_json::from_str(&format!("\"{raw}\"")).map_err(|_| self.error("an escape in this text is not valid"))
    }
}

/// The number of digits from a place on, which are put behind those of a number; of too many its last bits are kept.
#[inline]
fn add_digits(bytes: &[u8], at: usize, number: &mut u64) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    let n_digits = rest.iter().take_while(|byte| byte.is_ascii_digit());
    n_digits.map(|digit| *number = number.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'))).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_the_standard_library_reads_them() {
        let fixed = ["0", "-0", "-0.0", "0.1", "9007199254740992", "9007199254740993", "0.9007199254740993", "1e22"];
        let long = ["0.00000000000000000000001", "1.5E-3", "123456789012345678901234567890", "17976931348623157e292"];
        let state =
            std::iter::successors(Some(1u64), |x| Some(x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1)));
        let numbers = state.take(3_000).map(|x| {
            let (digits, decimals) = (x >> (x % 60), (x >> 40) as usize % 24);
            format!("{}{}.{digits:0decimals$}", if x & 4 == 0 { "-" } else { "" }, x >> 50)
        });
        for text in numbers.chain(fixed.into_iter().chain(long).map(str::to_owned)) {
            let Ok(Located { node: Node::Number(number), .. }) = parse(&text) else { panic!("{text} is no number") };
            let expected: f64 = text.parse().unwrap();
            assert_eq!(number.value.to_bits(), expected.to_bits(), "{text}");
        }
    }
}
