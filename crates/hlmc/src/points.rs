//! Points of the unconstrained space as JSON text: an array of arrays of numbers.
//!
//! Read by hand, so that what is wrong has its place.

use std::ops::Range;

/// What is wrong with the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PointsError {
    /// The bytes that are wrong.
    pub at: Range<usize>,
    /// One sentence without a full stop.
    pub message: String,
    /// A few words about the place.
    pub label: String,
}

/// Reads the points, each of which has a number for each name.
///
/// # Errors
/// The text is no array of arrays of numbers, or one of these has another length.
pub fn parse_points(text: &str, names: &[String]) -> Result<Vec<Vec<f64>>, PointsError> {
    let mut reader = Reader { text, at: 0 };
    let mut points = Vec::new();
    reader.array(&mut |reader| {
        reader.skip_space();
        let start = reader.at;
        let mut point = Vec::with_capacity(names.len());
        reader.array(&mut |reader| {
            point.push(reader.number()?);
            Ok(())
        })?;
        if point.len() != names.len() {
            let n = points.len() + 1;
            let message =
                format!("point {n} has {} values, but the model has {} coordinates", point.len(), names.len());
            let label = format!("expected: {}", names.join(", "));
            return Err(PointsError { at: start..reader.at, message, label });
        }
        points.push(point);
        Ok(())
    })?;
    reader.skip_space();
    if reader.at < text.len() { Err(reader.expected("the end of the text")) } else { Ok(points) }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

type Step<'t, 's> = &'s mut dyn FnMut(&mut Reader<'t>) -> Result<(), PointsError>;

impl<'t> Reader<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn skip_space(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    /// Takes a character if it comes next.
    fn take(&mut self, c: char) -> bool {
        self.skip_space();
        let is_next = self.rest().starts_with(c);
        self.at += if is_next { c.len_utf8() } else { 0 };
        is_next
    }

    fn array(&mut self, element: Step<'t, '_>) -> Result<(), PointsError> {
        if !self.take('[') {
            return Err(self.expected("an array"));
        }
        if self.take(']') {
            return Ok(());
        }
        loop {
            element(self)?;
            if self.take(']') {
                return Ok(());
            }
            if !self.take(',') {
                return Err(self.expected("`,` or `]`"));
            }
        }
    }

    fn number(&mut self) -> Result<f64, PointsError> {
        self.skip_space();
        let len = self.token_len();
        match self.rest().get(..len).and_then(|token| token.parse().ok()) {
            Some(value) => {
                self.at += len;
                Ok(value)
            }
            None => Err(self.expected("a number")),
        }
    }

    /// The length of the word, number or text in quotes that comes next, or of one character.
    fn token_len(&self) -> usize {
        let rest = self.rest();
        let is_word = |c: char| c.is_alphanumeric() || matches!(c, '+' | '-' | '.');
        match rest.chars().next() {
            None => 0,
            Some('"') => rest.get(1..).and_then(|inner| inner.find('"')).map_or(rest.len(), |end| end + 2),
            Some(c) if is_word(c) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
            Some(c) => c.len_utf8(),
        }
    }

    fn expected(&self, what: &str) -> PointsError {
        let len = self.token_len();
        let found = match self.rest().get(..len) {
            None | Some("") => "the end of the text".to_owned(),
            Some(token) => format!("`{token}`"),
        };
        let label = format!("expected {what}");
        PointsError { at: self.at..self.at + len, message: format!("expected {what}, found {found}"), label }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(n: usize) -> Vec<String> {
        (1..=n).map(|i| format!("x.{i}")).collect()
    }

    #[test]
    fn points_are_arrays_of_numbers() {
        assert_eq!(parse_points(" [ [1, -2.5] , [3e-1,0]]\n", &names(2)), Ok(vec![vec![1.0, -2.5], vec![0.3, 0.0]]));
        assert_eq!(parse_points("[[], []]", &[]), Ok(vec![Vec::new(), Vec::new()]));
        assert_eq!(parse_points("[]", &names(2)), Ok(Vec::new()));
    }

    #[test]
    fn what_is_wrong_has_its_place() {
        let cases = [
            ("{\"x\": 1}", 0..1, "expected an array, found `{`"),
            ("[[0, \"zero\"]]", 5..11, "expected a number, found `\"zero\"`"),
            ("[[0, 1]", 7..7, "expected `,` or `]`, found the end of the text"),
            ("[[0, 1], [2]]", 9..12, "point 2 has 1 values, but the model has 2 coordinates"),
            ("[[0, 1]] 2", 9..10, "expected the end of the text, found `2`"),
            ("[0, 1]", 1..2, "expected an array, found `0`"),
        ];
        for (text, at, message) in cases {
            let error = parse_points(text, &names(2)).unwrap_err();
            assert_eq!((error.at, error.message.as_str()), (at, message), "{text}");
        }
    }
}
