//! Sizes: of declared variables, of the unconstrained vector, of what is written out.

mod shape;

use hlmc_builtins::value::Kind;
use hlmc_check::ir::SizedBase;

pub(crate) use shape::{Scalar, Shape, column_major, index_at, offset, sizes};

/// The type of an entry and the kind of the innermost dimensions; tuples have neither and count as reals.
pub(crate) fn entry(base: &SizedBase) -> (Scalar, Kind) {
    match base {
        SizedBase::Int => (Scalar::Int, Kind::Scalar),
        SizedBase::Real | SizedBase::Tuple(_) => (Scalar::Real, Kind::Scalar),
        SizedBase::Complex => (Scalar::Complex, Kind::Scalar),
        SizedBase::Vector(_) => (Scalar::Real, Kind::Vector),
        SizedBase::RowVector(_) => (Scalar::Real, Kind::RowVector),
        SizedBase::Matrix(..) => (Scalar::Real, Kind::Matrix),
        SizedBase::ComplexVector(_) => (Scalar::Complex, Kind::Vector),
        SizedBase::ComplexRowVector(_) => (Scalar::Complex, Kind::RowVector),
        SizedBase::ComplexMatrix(..) => (Scalar::Complex, Kind::Matrix),
    }
}
