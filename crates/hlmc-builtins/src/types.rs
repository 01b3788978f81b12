//! The types of the language, without sizes, and whether a value may depend on parameters.

use std::fmt;

/// A type without sizes or constraints, as signatures have it (Stan reference manual, "Data types and declarations").
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// A 32-bit integer.
    Int,
    /// A real number.
    Real,
    /// A complex number.
    Complex,
    /// A column vector of reals.
    Vector,
    /// A row vector of reals.
    RowVector,
    /// A matrix of reals.
    Matrix,
    /// A column vector of complex numbers.
    ComplexVector,
    /// A row vector of complex numbers.
    ComplexRowVector,
    /// A matrix of complex numbers.
    ComplexMatrix,
    /// One array dimension around an element type.
    Array(Box<Type>),
    /// A tuple of at least one slot.
    Tuple(Vec<Type>),
    /// What a function without a result returns.
    Void,
}

impl Type {
    /// `depth` array dimensions around `self`.
    #[must_use]
    pub fn in_array(self, depth: usize) -> Type {
        (0..depth).fold(self, |element, _| Type::Array(Box::new(element)))
    }

    /// The type inside all array dimensions, and their number.
    #[must_use]
    pub fn unwind_array(&self) -> (&Type, usize) {
        let (mut inner, mut depth) = (self, 0);
        while let Type::Array(element) = inner {
            (inner, depth) = (element, depth + 1);
        }
        (inner, depth)
    }

    /// The type of one entry, inside arrays, vectors and matrices: int, real, complex or a tuple.
    #[must_use]
    pub fn scalar(&self) -> Type {
        match self.unwind_array().0 {
            Type::Vector | Type::RowVector | Type::Matrix => Type::Real,
            Type::ComplexVector | Type::ComplexRowVector | Type::ComplexMatrix => Type::Complex,
            other => other.clone(),
        }
    }

    /// The number of indices down to a scalar: array dimensions and those of the vector or matrix inside.
    #[must_use]
    pub fn n_dims(&self) -> usize {
        let (inner, depth) = self.unwind_array();
        depth
            + match inner {
                Type::Vector | Type::RowVector | Type::ComplexVector | Type::ComplexRowVector => 1,
                Type::Matrix | Type::ComplexMatrix => 2,
                _ => 0,
            }
    }

    /// True for int, real and complex.
    #[must_use]
    pub fn is_scalar(&self) -> bool {
        matches!(self, Type::Int | Type::Real | Type::Complex)
    }

    /// True when no real or complex number is anywhere inside, so that no derivative ever flows through.
    #[must_use]
    pub fn is_integral(&self) -> bool {
        match self.unwind_array().0 {
            Type::Int => true,
            Type::Tuple(slots) => slots.iter().all(Type::is_integral),
            _ => false,
        }
    }

    /// The number of promotions that turn a value of this type into `wanted`, if that is possible: int to real to
    /// complex, also inside arrays, tuples, vectors and matrices (reference manual, "Type inference: promotion").
    #[must_use]
    pub fn promotions_to(&self, wanted: &Type) -> Option<usize> {
        match (self, wanted) {
            (have, wanted) if have == wanted => Some(0),
            (Type::Int, Type::Real)
            | (Type::Real, Type::Complex)
            | (Type::Vector, Type::ComplexVector)
            | (Type::RowVector, Type::ComplexRowVector)
            | (Type::Matrix, Type::ComplexMatrix) => Some(1),
            (Type::Int, Type::Complex) => Some(2),
            (Type::Array(have), Type::Array(wanted)) => have.promotions_to(wanted),
            (Type::Tuple(have), Type::Tuple(wanted)) if have.len() == wanted.len() => {
                have.iter().zip(wanted).map(|(h, w)| h.promotions_to(w)).sum()
            }
            _ => None,
        }
    }

    /// The least type that both can be promoted to, as the arms of `?:` and the entries of `{...}` need it.
    #[must_use]
    pub fn common(&self, other: &Type) -> Option<Type> {
        match (self, other) {
            (Type::Array(a), Type::Array(b)) => Some(Type::Array(Box::new(a.common(b)?))),
            (Type::Tuple(a), Type::Tuple(b)) if a.len() == b.len() => {
                Some(Type::Tuple(a.iter().zip(b).map(|(a, b)| a.common(b)).collect::<Option<_>>()?))
            }
            _ if self.promotions_to(other).is_some() => Some(other.clone()),
            _ if other.promotions_to(self).is_some() => Some(self.clone()),
            _ => None,
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Int => f.write_str("int"),
            Type::Real => f.write_str("real"),
            Type::Complex => f.write_str("complex"),
            Type::Vector => f.write_str("vector"),
            Type::RowVector => f.write_str("row_vector"),
            Type::Matrix => f.write_str("matrix"),
            Type::ComplexVector => f.write_str("complex_vector"),
            Type::ComplexRowVector => f.write_str("complex_row_vector"),
            Type::ComplexMatrix => f.write_str("complex_matrix"),
            Type::Array(_) => {
                let (inner, depth) = self.unwind_array();
                write!(f, "array[{}] {inner}", ",".repeat(depth - 1))
            }
            Type::Tuple(slots) => {
                f.write_str("tuple(")?;
                for (i, slot) in slots.iter().enumerate() {
                    if i > 0 {
                        f.write_str(", ")?;
                    }
                    slot.fmt(f)?;
                }
                f.write_str(")")
            }
            Type::Void => f.write_str("void"),
        }
    }
}

/// Whether a value may depend on parameters; what Stan calls its autodiff type.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Level {
    /// Known before sampling starts: data, transformed data, literals and what follows from them.
    Data,
    /// May depend on parameters.
    Auto,
    /// A tuple whose slots differ.
    Tuple(Vec<Level>),
}

impl Level {
    /// True when no part may depend on parameters.
    #[must_use]
    pub fn is_data(&self) -> bool {
        match self {
            Level::Data => true,
            Level::Auto => false,
            Level::Tuple(slots) => slots.iter().all(Level::is_data),
        }
    }

    /// The level of something made of both.
    #[must_use]
    pub fn join(&self, other: &Level) -> Level {
        match (self, other) {
            (Level::Tuple(a), Level::Tuple(b)) if a.len() == b.len() => {
                Level::Tuple(a.iter().zip(b).map(|(a, b)| a.join(b)).collect())
            }
            _ if self.is_data() && other.is_data() => Level::Data,
            _ => Level::Auto,
        }
    }
}
