//! Values at run time, generic over the number.
//!
//! Everything that holds numbers is a [`Tensor`]: flat entries and dimensions. Entries lie in Stan's order of the
//! unconstrained vector: array dimensions with the outermost slowest, then vectors, and matrices column by column.

use hlmc_math::Real;
use num_complex::Complex;
use smallvec::SmallVec;

use crate::types::Type;

/// Sizes, outermost array dimension first, then rows and columns.
pub type Dims = SmallVec<[usize; 4]>;

/// What the innermost dimensions of a tensor are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// All dimensions are array dimensions.
    Scalar,
    /// The last dimension is that of a column vector.
    Vector,
    /// The last dimension is that of a row vector.
    RowVector,
    /// The last two dimensions are rows and columns.
    Matrix,
}

impl Kind {
    /// The number of dimensions that belong to the vector or matrix inside the arrays.
    #[must_use]
    pub fn n_dims(self) -> usize {
        match self {
            Kind::Scalar => 0,
            Kind::Vector | Kind::RowVector => 1,
            Kind::Matrix => 2,
        }
    }

    /// The kind of a type's innermost part.
    #[must_use]
    pub fn of(ty: &Type) -> Kind {
        match ty.unwind_array().0 {
            Type::Vector | Type::ComplexVector => Kind::Vector,
            Type::RowVector | Type::ComplexRowVector => Kind::RowVector,
            Type::Matrix | Type::ComplexMatrix => Kind::Matrix,
            _ => Kind::Scalar,
        }
    }
}

/// Numbers with dimensions. Invariant: the entries are as many as the product of the dimensions.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor<S> {
    /// What the innermost dimensions are.
    pub kind: Kind,
    /// Sizes; never empty for what the language can express.
    pub dims: Dims,
    /// The entries, in the order that the module's documentation gives.
    pub entries: S,
}

/// Real entries: as plain numbers where they are known to be data, else as numbers of the engine.
#[derive(Clone, Debug, PartialEq)]
pub enum Entries<A> {
    /// Depends on no parameter.
    Data(Vec<f64>),
    /// May carry derivatives.
    Auto(Vec<A>),
}

impl<A: Real> Entries<A> {
    /// The number of entries.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Entries::Data(entries) => entries.len(),
            Entries::Auto(entries) => entries.len(),
        }
    }

    /// True when there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Entry `i`, from 0, as a number of the engine; `None` past the end.
    #[inline]
    #[must_use]
    pub fn get(&self, i: usize) -> Option<A> {
        match self {
            Entries::Data(entries) => entries.get(i).map(|x| A::constant(*x)),
            Entries::Auto(entries) => entries.get(i).copied(),
        }
    }

    /// All entries in order, as numbers of the engine.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = A> + '_ {
        (0..self.len()).map(|i| match self {
            Entries::Data(entries) => A::constant(entries[i]),
            Entries::Auto(entries) => entries[i],
        })
    }

    /// All entries as numbers of the engine, without a copy where they already are.
    #[must_use]
    pub fn to_auto(&self) -> std::borrow::Cow<'_, [A]> {
        match self {
            Entries::Data(entries) => entries.iter().map(|x| A::constant(*x)).collect::<Vec<A>>().into(),
            Entries::Auto(entries) => entries.as_slice().into(),
        }
    }

    /// The plain values of all entries, without a copy where they already are.
    #[must_use]
    pub fn values(&self) -> std::borrow::Cow<'_, [f64]> {
        match self {
            Entries::Data(entries) => entries.as_slice().into(),
            Entries::Auto(entries) => entries.iter().map(Real::value).collect::<Vec<f64>>().into(),
        }
    }

    /// The same entries as plain numbers if none carries derivatives, so that what follows from data stays data.
    #[must_use]
    pub fn simplified(self) -> Self {
        match self {
            Entries::Auto(entries) if entries.iter().all(Real::is_constant) => {
                Entries::Data(entries.iter().map(Real::value).collect())
            }
            other => other,
        }
    }

    /// The entries for writing; data become numbers of the engine first.
    pub fn make_auto(&mut self) -> &mut Vec<A> {
        if let Entries::Data(entries) = self {
            *self = Entries::Auto(entries.iter().map(|x| A::constant(*x)).collect());
        }
        match self {
            Entries::Auto(entries) => entries,
            Entries::Data(_) => unreachable!("made Auto just above"),
        }
    }
}

/// Arrays of integers.
pub type Ints = Tensor<Vec<i64>>;
/// Arrays of reals, vectors, matrices, and arrays of these.
pub type Reals<A> = Tensor<Entries<A>>;
/// The same of complex numbers.
pub type Complexes<A> = Tensor<Vec<Complex<A>>>;

/// A value of any type of the language.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<A> {
    /// An integer; its range is that of 32 bits.
    Int(i64),
    /// A real number.
    Real(A),
    /// A complex number.
    Complex(Complex<A>),
    /// Arrays of integers.
    Ints(Ints),
    /// Arrays of reals, vectors, matrices, and arrays of these.
    Reals(Reals<A>),
    /// The same of complex numbers.
    Complexes(Complexes<A>),
    /// A tuple.
    Tuple(Vec<Value<A>>),
    /// An array (one dimension) of tuples, or of arrays of tuples.
    Array(Vec<Value<A>>),
}

impl<A: Real> Value<A> {
    /// A column vector.
    #[must_use]
    pub fn vector(entries: Vec<A>) -> Self {
        Self::tensor(Kind::Vector, [entries.len()], entries)
    }

    /// A row vector.
    #[must_use]
    pub fn row_vector(entries: Vec<A>) -> Self {
        Self::tensor(Kind::RowVector, [entries.len()], entries)
    }

    /// An array of reals with one dimension.
    #[must_use]
    pub fn array(entries: Vec<A>) -> Self {
        Self::tensor(Kind::Scalar, [entries.len()], entries)
    }

    /// A matrix from its entries, column by column.
    #[must_use]
    pub fn matrix(rows: usize, cols: usize, entries: Vec<A>) -> Self {
        Self::tensor(Kind::Matrix, [rows, cols], entries)
    }

    /// Real entries of any shape; there must be as many as the product of `dims`.
    #[must_use]
    pub fn tensor(kind: Kind, dims: impl IntoIterator<Item = usize>, entries: Vec<A>) -> Self {
        let dims: Dims = dims.into_iter().collect();
        debug_assert_eq!(dims.iter().product::<usize>(), entries.len());
        Value::Reals(Tensor { kind, dims, entries: Entries::Auto(entries) })
    }

    /// An array of integers with one dimension.
    #[must_use]
    pub fn ints(entries: Vec<i64>) -> Self {
        Value::Ints(Tensor { kind: Kind::Scalar, dims: Dims::from_elem(entries.len(), 1), entries })
    }

    /// A scalar as a real number: integers are promoted. `None` for anything that is not int or real.
    #[inline]
    #[must_use]
    pub fn to_real(&self) -> Option<A> {
        match self {
            Value::Real(x) => Some(*x),
            Value::Int(i) => Some(A::constant(*i as f64)),
            _ => None,
        }
    }

    /// What the innermost dimensions of a container are; scalars and tuples have none.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Value::Reals(t) => t.kind,
            Value::Complexes(t) => t.kind,
            _ => Kind::Scalar,
        }
    }

    /// True for int, real and complex.
    #[must_use]
    pub fn is_scalar(&self) -> bool {
        matches!(self, Value::Int(_) | Value::Real(_) | Value::Complex(_))
    }

    /// Sizes, outermost first; empty for scalars and tuples.
    #[must_use]
    pub fn dims(&self) -> Dims {
        match self {
            Value::Int(_) | Value::Real(_) | Value::Complex(_) | Value::Tuple(_) => Dims::new(),
            Value::Ints(t) => t.dims.clone(),
            Value::Reals(t) => t.dims.clone(),
            Value::Complexes(t) => t.dims.clone(),
            Value::Array(elements) => {
                let mut dims = Dims::from_elem(elements.len(), 1);
                if let Some(Value::Array(_)) = elements.first() {
                    dims.extend(elements[0].dims());
                }
                dims
            }
        }
    }

    /// The number of scalar entries of int or real kind; 1 for a scalar.
    #[must_use]
    pub fn n_entries(&self) -> usize {
        match self {
            Value::Ints(t) => t.entries.len(),
            Value::Reals(t) => t.entries.len(),
            Value::Complexes(t) => t.entries.len(),
            Value::Tuple(parts) | Value::Array(parts) => parts.iter().map(Value::n_entries).sum(),
            _ => 1,
        }
    }

    /// Scalar entry `i` of an int or real value of any shape, promoted to real; a scalar answers every `i` with
    /// itself, which is what broadcasting means. `None` past the end and for other types.
    #[inline]
    #[must_use]
    pub fn real_at(&self, i: usize) -> Option<A> {
        match self {
            Value::Real(x) => Some(*x),
            Value::Int(n) => Some(A::constant(*n as f64)),
            Value::Reals(t) => t.entries.get(i),
            Value::Ints(t) => t.entries.get(i).map(|n| A::constant(*n as f64)),
            _ => None,
        }
    }

    /// Scalar entry `i` of an int value of any shape; a scalar answers every `i` with itself.
    #[inline]
    #[must_use]
    pub fn int_at(&self, i: usize) -> Option<i64> {
        match self {
            Value::Int(n) => Some(*n),
            Value::Ints(t) => t.entries.get(i).copied(),
            _ => None,
        }
    }
}
