//! Types as they are written in the program, read as types of the language.

use hlmc_builtins::Type;
use hlmc_syntax::ast::{ReturnType, SizedShape, SizedType, UnsizedBase, UnsizedType};

/// The type of a declared variable, without its sizes.
pub(crate) fn of_sized(ty: &SizedType) -> Type {
    let base = match &ty.shape {
        SizedShape::Int => Type::Int,
        SizedShape::Real => Type::Real,
        SizedShape::Complex => Type::Complex,
        SizedShape::Vector(_) => Type::Vector,
        SizedShape::RowVector(_) => Type::RowVector,
        SizedShape::Matrix(..) | SizedShape::SquareMatrix(_) => Type::Matrix,
        SizedShape::ComplexVector(_) => Type::ComplexVector,
        SizedShape::ComplexRowVector(_) => Type::ComplexRowVector,
        SizedShape::ComplexMatrix(..) => Type::ComplexMatrix,
        SizedShape::Tuple(slots) => Type::Tuple(slots.iter().map(of_sized).collect()),
    };
    base.in_array(ty.array_sizes.len())
}

/// The type of a function's argument.
pub(crate) fn of_unsized(ty: &UnsizedType) -> Type {
    let base = match &ty.base {
        UnsizedBase::Int => Type::Int,
        UnsizedBase::Real => Type::Real,
        UnsizedBase::Complex => Type::Complex,
        UnsizedBase::Vector => Type::Vector,
        UnsizedBase::RowVector => Type::RowVector,
        UnsizedBase::Matrix => Type::Matrix,
        UnsizedBase::ComplexVector => Type::ComplexVector,
        UnsizedBase::ComplexRowVector => Type::ComplexRowVector,
        UnsizedBase::ComplexMatrix => Type::ComplexMatrix,
        UnsizedBase::Tuple(slots) => Type::Tuple(slots.iter().map(of_unsized).collect()),
    };
    base.in_array(ty.array_dims)
}

/// What a function returns.
pub(crate) fn of_return(ty: &ReturnType) -> Type {
    match ty {
        ReturnType::Void(_) => Type::Void,
        ReturnType::Type(ty) => of_unsized(ty),
    }
}

/// True when an int is anywhere inside, tuples included.
pub(crate) fn holds_int(ty: &Type) -> bool {
    match ty.unwind_array().0 {
        Type::Int => true,
        Type::Tuple(slots) => slots.iter().any(holds_int),
        _ => false,
    }
}
