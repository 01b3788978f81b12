//! Signatures as rules: which argument types a function takes, and what it returns for them.
//!
//! Most rows list their signatures in Stan's own notation, `"real dot_product(vector, vector)"`, in which a plural stands
//! for several types (the functions reference calls them vectorised):
//!
//! | word | stands for |
//! | --- | --- |
//! | `reals` | `int`, `real`, `vector`, `row_vector`, `array[] int`, `array[] real` |
//! | `ints` | `int`, `array[] int` |
//! | `vectors` | `vector`, `row_vector`, `array[] vector`, `array[] row_vector` |
//!
//! `data` before a type means that the argument may not depend on parameters.

use crate::types::Type;

/// Which argument types a function takes, and what it returns for them.
#[derive(Clone, Copy, Debug)]
pub enum Signature {
    /// Real arguments of any shape, applied entry by entry: every argument is a scalar or has the one shape that the
    /// result has too, with real entries. The number is that of the arguments.
    Elementwise(usize),
    /// The same for integers: `int` and arrays of `int`, with a result of that type.
    ElementwiseInt(usize),
    /// A list in Stan's notation, see the module's documentation.
    Listed(&'static [&'static str]),
    /// What no list can say: the rule in code, and in words for the reference page and for messages.
    Rule {
        /// The promoted argument types and the result's type, if the types fit.
        resolve: fn(&[Type]) -> Option<Fit>,
        /// The rule in words, one signature a line, such as `"array[] T sort_asc(array[] T)"`.
        words: &'static [&'static str],
    },
    /// The first argument is a function.
    HigherOrder(&'static HigherOrder),
}

/// A function that takes a function: the shape of its callback and of its own arguments.
#[derive(Debug)]
pub struct HigherOrder {
    /// The callback in Stan's notation, such as `"vector f(real, vector, ...)"`; `...` stands for the extra arguments.
    pub callback: &'static str,
    /// The function itself without its callback, such as
    /// `"array[] vector ode_rk45(vector, data real, data array[] real, ...)"`.
    pub call: &'static str,
    /// Positions in the callback's own arguments (before `...`) that are data whatever the call is given.
    pub callback_data: &'static [usize],
    /// True when the callback may also be a density (`_lpdf`, `_lpmf` and their unnormalised forms).
    pub takes_densities: bool,
}

/// One signature that fits the arguments of a call.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// The types that the arguments are promoted to.
    pub parameters: Vec<Type>,
    /// Which arguments may not depend on parameters.
    pub data_only: Vec<bool>,
    /// The result's type.
    pub result: Type,
}

impl Fit {
    /// A fit without data-only arguments.
    #[must_use]
    pub fn new(parameters: Vec<Type>, result: Type) -> Self {
        Fit { data_only: vec![false; parameters.len()], parameters, result }
    }

    /// The number of promotions that the arguments need.
    #[must_use]
    pub fn promotions(&self, arguments: &[Type]) -> usize {
        arguments.iter().zip(&self.parameters).filter_map(|(a, p)| a.promotions_to(p)).sum()
    }
}

impl Signature {
    /// Every signature of the rule that the arguments can be promoted to.
    #[must_use]
    pub fn fits(&self, arguments: &[Type]) -> Vec<Fit> {
        match self {
            Signature::Elementwise(arity) => elementwise(*arity, arguments, &Type::Real).into_iter().collect(),
            Signature::ElementwiseInt(arity) => elementwise(*arity, arguments, &Type::Int).into_iter().collect(),
            Signature::Listed(list) => list.iter().filter_map(|text| Overload::parse(text)?.fit(arguments)).collect(),
            Signature::Rule { resolve, .. } => resolve(arguments).into_iter().collect(),
            Signature::HigherOrder(_) => Vec::new(),
        }
    }

    /// The rule in words, for `name`: one line for each alternative.
    #[must_use]
    pub fn describe(&self, name: &str) -> Vec<String> {
        let line = |scalar: &str, arity: usize| {
            let arguments = vec![format!("T<{scalar}>"); arity].join(", ");
            vec![format!("T<{scalar}> {name}({arguments})")]
        };
        match self {
            Signature::Elementwise(arity) => line("real", *arity),
            Signature::ElementwiseInt(arity) => line("int", *arity),
            Signature::Listed(list) | Signature::Rule { words: list, .. } => {
                list.iter().map(ToString::to_string).collect()
            }
            Signature::HigherOrder(shape) => vec![format!("{}, where the function is {}", shape.call, shape.callback)],
        }
    }
}

/// `arguments` as containers of `scalar`, broadcast against each other.
fn elementwise(arity: usize, arguments: &[Type], scalar: &Type) -> Option<Fit> {
    if arguments.len() != arity {
        return None;
    }
    let parameters: Vec<Type> = arguments.iter().map(|t| with_scalar(t, scalar)).collect::<Option<_>>()?;
    let result = parameters.iter().find(|t| !t.is_scalar()).unwrap_or(scalar).clone();
    parameters.iter().all(|t| t.is_scalar() || *t == result).then(|| Fit::new(parameters, result.clone()))
}

/// The same container with entries of type `scalar`, if promotion leads there.
pub(crate) fn with_scalar(ty: &Type, scalar: &Type) -> Option<Type> {
    match ty {
        Type::Array(element) => Some(Type::Array(Box::new(with_scalar(element, scalar)?))),
        Type::Vector | Type::RowVector | Type::Matrix => (*scalar == Type::Real).then(|| ty.clone()),
        _ if ty.is_scalar() => ty.promotions_to(scalar).map(|_| scalar.clone()),
        _ => None,
    }
}

/// One signature in Stan's notation, parsed.
#[derive(Clone, Debug)]
pub struct Overload {
    /// The result's type.
    pub result: Type,
    /// The parameters' patterns, and whether each is data-only.
    pub parameters: Vec<(Pattern, bool)>,
    /// True when the list ends in `...`: any further arguments.
    pub variadic: bool,
}

/// A set of types.
#[derive(Clone, Debug, PartialEq)]
pub enum Pattern {
    /// This type, or what can be promoted to it.
    Exactly(Type),
    /// `reals`.
    Reals,
    /// `ints`.
    Ints,
    /// `vectors`.
    Vectors,
}

impl Pattern {
    /// The member of the set that an argument of type `ty` is promoted to.
    #[must_use]
    pub fn accept(&self, ty: &Type) -> Option<Type> {
        let array = |element: Type| Type::Array(Box::new(element));
        let one_of = |set: &[Type]| {
            let cheapest = set.iter().filter_map(|t| Some((ty.promotions_to(t)?, t))).min_by_key(|(cost, _)| *cost);
            cheapest.map(|(_, t)| t.clone())
        };
        match self {
            Pattern::Exactly(wanted) => ty.promotions_to(wanted).map(|_| wanted.clone()),
            Pattern::Reals => one_of(&[Type::Real, Type::Vector, Type::RowVector, array(Type::Real)]),
            Pattern::Ints => one_of(&[Type::Int, array(Type::Int)]),
            Pattern::Vectors => one_of(&[Type::Vector, Type::RowVector, array(Type::Vector), array(Type::RowVector)]),
        }
    }
}

impl Overload {
    /// Parses `"result name(type, type)"`. `None` for a text that is not of this form (a test holds every row to it).
    #[must_use]
    pub fn parse(text: &str) -> Option<Overload> {
        let (head, list) = text.trim().strip_suffix(')')?.split_at_checked(last_open_bracket(text.trim())?)?;
        let (result, list) = (parse_type(head.trim().rsplit_once(' ')?.0)?, list.strip_prefix('(')?);
        let mut overload = Overload { result, parameters: Vec::new(), variadic: false };
        for item in split_top_level(list) {
            let item = item.trim();
            if item == "..." {
                overload.variadic = true;
                continue;
            }
            let (item, data_only) = item.strip_prefix("data ").map_or((item, false), |rest| (rest, true));
            overload.parameters.push((parse_pattern(item)?, data_only));
        }
        Some(overload)
    }

    /// The fit of the arguments, if there is one.
    #[must_use]
    pub fn fit(&self, arguments: &[Type]) -> Option<Fit> {
        if arguments.len() != self.parameters.len() {
            return None;
        }
        let accepted = self.parameters.iter().zip(arguments).map(|((pattern, _), ty)| pattern.accept(ty));
        Some(Fit {
            parameters: accepted.collect::<Option<_>>()?,
            data_only: self.parameters.iter().map(|(_, data_only)| *data_only).collect(),
            result: self.result.clone(),
        })
    }
}

fn parse_pattern(text: &str) -> Option<Pattern> {
    Some(match text {
        "reals" => Pattern::Reals,
        "ints" => Pattern::Ints,
        "vectors" => Pattern::Vectors,
        _ => Pattern::Exactly(parse_type(text)?),
    })
}

/// Parses a type in the notation of signatures: `real`, `array[,] vector`, `tuple(real, int)`.
#[must_use]
pub fn parse_type(text: &str) -> Option<Type> {
    let text = text.trim();
    if let Some(rest) = text.strip_prefix("array[") {
        let (commas, element) = rest.split_once(']')?;
        return Some(parse_type(element)?.in_array(commas.len() + 1));
    }
    if let Some(list) = text.strip_prefix("tuple(").and_then(|rest| rest.strip_suffix(')')) {
        return Some(Type::Tuple(split_top_level(list).into_iter().map(parse_type).collect::<Option<_>>()?));
    }
    Some(match text {
        "int" => Type::Int,
        "real" => Type::Real,
        "complex" => Type::Complex,
        "vector" => Type::Vector,
        "row_vector" => Type::RowVector,
        "matrix" => Type::Matrix,
        "complex_vector" => Type::ComplexVector,
        "complex_row_vector" => Type::ComplexRowVector,
        "complex_matrix" => Type::ComplexMatrix,
        "void" => Type::Void,
        _ => return None,
    })
}

/// Where the bracket is that the text's last character closes: a result may be a tuple, with brackets of its own.
fn last_open_bracket(text: &str) -> Option<usize> {
    let mut depth = 0usize;
    text.char_indices().rev().find_map(|(i, c)| {
        match c {
            ')' => depth += 1,
            '(' => depth = depth.saturating_sub(1),
            _ => {}
        }
        (depth == 0).then_some(i)
    })
}

/// Splits at the commas that are in no bracket; an empty text has no parts.
fn split_top_level(text: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0usize, 0);
    for (i, c) in text.char_indices() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(&text[start..i]);
                start = i + 1;
            }
            _ => {}
        }
    }
    if !text[start..].trim().is_empty() {
        parts.push(&text[start..]);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(signature: Signature, arguments: &[&str]) -> Vec<String> {
        let arguments: Vec<Type> = arguments.iter().map(|t| parse_type(t).unwrap()).collect();
        signature.fits(&arguments).into_iter().map(|fit| fit.result.to_string()).collect()
    }

    #[test]
    fn elementwise_promotes_integers_and_broadcasts_scalars() {
        assert_eq!(fits(Signature::Elementwise(1), &["int"]), ["real"]);
        assert_eq!(fits(Signature::Elementwise(1), &["array[,] int"]), ["array[,] real"]);
        assert_eq!(fits(Signature::Elementwise(2), &["int", "array[] vector"]), ["array[] vector"]);
        assert_eq!(fits(Signature::Elementwise(2), &["vector", "row_vector"]), [""; 0]);
    }

    #[test]
    fn plurals_take_each_of_their_types() {
        let normal = Signature::Listed(&["real normal_lpdf(reals, reals, reals)"]);
        assert_eq!(fits(normal, &["vector", "array[] int", "int"]), ["real"]);
        assert_eq!(fits(normal, &["matrix", "real", "real"]), [""; 0]);
    }

    #[test]
    fn types_are_read_in_stans_notation() {
        for text in ["array[,] vector", "tuple(real, array[] int)", "array[] tuple(int, complex)"] {
            assert_eq!(parse_type(text).unwrap().to_string(), text);
        }
    }
}
