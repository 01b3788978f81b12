//! Levels of typed values: which parts may depend on parameters.
//!
//! A level has a canonical form for its type: integers are always data; a tuple without any dependent part is
//! [`Level::Data`], any other tuple has one level a slot. Arrays have the level of their elements.

use hlmc_builtins::{Level, Type};

use crate::ir::{Expression, ExpressionKind};

/// The canonical form of `level` for a value of type `ty`.
pub(crate) fn shaped(level: &Level, ty: &Type) -> Level {
    match (level, ty.unwind_array().0) {
        (Level::Data, _) => Level::Data,
        (_, inner) if inner.is_integral() => Level::Data,
        (Level::Tuple(levels), Type::Tuple(slots)) if levels.len() == slots.len() => {
            collapsed(levels.iter().zip(slots).map(|(level, slot)| shaped(level, slot)).collect())
        }
        (_, Type::Tuple(slots)) => collapsed(slots.iter().map(|slot| shaped(&Level::Auto, slot)).collect()),
        (level, _) if level.is_data() => Level::Data,
        _ => Level::Auto,
    }
}

/// The level of a tuple with slots of these levels.
pub(crate) fn collapsed(slots: Vec<Level>) -> Level {
    if slots.iter().all(Level::is_data) { Level::Data } else { Level::Tuple(slots) }
}

/// The level of a value of type `ty` that is one of several, as the arms of `?:` are.
pub(crate) fn joined<'e>(parts: impl IntoIterator<Item = &'e Expression>, ty: &Type) -> Level {
    let level = parts.into_iter().fold(Level::Data, |level, part| join(&level, &part.level));
    shaped(&level, ty)
}

/// The level of what is computed from all the arguments, whatever their types: dependent as soon as one is.
pub(crate) fn computed<'e>(arguments: impl IntoIterator<Item = &'e Expression>, ty: &Type) -> Level {
    let is_data = arguments.into_iter().all(|argument| argument.level.is_data());
    shaped(if is_data { &Level::Data } else { &Level::Auto }, ty)
}

/// True for what may not stand where data is asked for. Integers have no derivatives, so their level is data, but one
/// that is computed from a parameter on the spot, as in `x > 2 ? 1 : 2`, is not known before sampling starts.
pub(crate) fn depends(expression: &Expression) -> bool {
    if !expression.level.is_data() {
        return true;
    }
    match &expression.kind {
        ExpressionKind::Promote(a)
        | ExpressionKind::Negate(a)
        | ExpressionKind::Not(a)
        | ExpressionKind::Index(a, _) => depends(a),
        ExpressionKind::Scalar(_, a, b) | ExpressionKind::Logical(_, a, b) => depends(a) || depends(b),
        ExpressionKind::Conditional(a, b, c) => depends(a) || depends(b) || depends(c),
        ExpressionKind::Array(parts) | ExpressionKind::Tuple(parts) => parts.iter().any(depends),
        _ => false,
    }
}

/// The level of slot `slot` of a tuple.
pub(crate) fn of_slot(level: &Level, slot: usize) -> Level {
    match level {
        Level::Tuple(slots) => slots.get(slot).cloned().unwrap_or(Level::Auto),
        other => other.clone(),
    }
}

fn join(a: &Level, b: &Level) -> Level {
    match (a, b) {
        (Level::Data, other) | (other, Level::Data) => other.clone(),
        (Level::Tuple(a), Level::Tuple(b)) if a.len() == b.len() => {
            Level::Tuple(a.iter().zip(b).map(|(a, b)| join(a, b)).collect())
        }
        _ => Level::Auto,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_data_whatever_they_were_made_from() {
        assert_eq!(shaped(&Level::Auto, &Type::Int.in_array(2)), Level::Data);
        let pair = Type::Tuple(vec![Type::Int, Type::Real]);
        assert_eq!(shaped(&Level::Auto, &pair), Level::Tuple(vec![Level::Data, Level::Auto]));
    }

    #[test]
    fn tuples_without_a_dependent_slot_are_data() {
        let level = Level::Tuple(vec![Level::Data, Level::Data]);
        assert_eq!(shaped(&level, &Type::Tuple(vec![Type::Real, Type::Real])), Level::Data);
    }
}
