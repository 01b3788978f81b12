//! Transforms of whole vectors and matrices, and of arrays of them.

use hlmc_math::Real;
use hlmc_math::constraints::{
    CholeskyFactorCorr, CholeskyFactorCov, ColumnStochasticMatrix, Constraint, CorrMatrix, CovMatrix, Ordered,
    PositiveOrdered, RowStochasticMatrix, Simplex, SumToZeroMatrix, SumToZeroVector, UnitVector,
};

use super::{constrain_doc, jacobian_doc, of_violation, unconstrain_doc};
use crate::arguments::{check_equal, check_size};
use crate::fault::Fault;
use crate::rows::row::with_signature;
use crate::signature::{Fit, Signature};
use crate::table::{Call, Chapter, Function};
use crate::types::Type;
use crate::value::{Dims, Entries, Kind, Reals, Value};

/// How one vector or matrix is constrained.
struct Structure<A> {
    /// The dimensions of the constrained side, from those of the unconstrained one and the sizes of the call.
    values: fn(&[usize], &[usize]) -> Dims,
    /// The constraint of values of these dimensions.
    constraint: fn(&[usize]) -> Box<dyn Constraint<A>>,
    /// The dimensions of the unconstrained side, from those of the values and the number of coordinates.
    free: fn(&[usize], usize) -> Dims,
}

/// Three functions for each: the stem of the names, the types of the two sides, the sizes in words and their number, the
/// fields of the [`Structure`], and what the values are.
macro_rules! structured {
    ($(
        $stem:literal, $free:ident $free_word:literal, $values:ident $values_word:literal,
        $n_sizes:literal $sizes:literal, $values_of:expr, $constraint:expr, $free_of:expr, $what:literal;
    )*) => {
        vec![$(
            with_signature(
                Chapter::Transforms,
                concat!($stem, "_constrain"),
                Signature::Rule {
                    resolve: |types| fit(types, &Type::$free, &Type::$values, $n_sizes),
                    words: &[concat!("T<", $values_word, "> ", $stem, "_constrain(T<", $free_word, ">", $sizes, ")")],
                },
                |call| {
                    let structure = Structure { values: $values_of, constraint: $constraint, free: $free_of };
                    constrained(call, &structure, Kind::$values, false)
                },
                constrain_doc!($what),
            ),
            with_signature(
                Chapter::Transforms,
                concat!($stem, "_jacobian"),
                Signature::Rule {
                    resolve: |types| fit(types, &Type::$free, &Type::$values, $n_sizes),
                    words: &[concat!("T<", $values_word, "> ", $stem, "_jacobian(T<", $free_word, ">", $sizes, ")")],
                },
                |call| {
                    let structure = Structure { values: $values_of, constraint: $constraint, free: $free_of };
                    constrained(call, &structure, Kind::$values, true)
                },
                jacobian_doc!($what),
            ),
            with_signature(
                Chapter::Transforms,
                concat!($stem, "_unconstrain"),
                Signature::Rule {
                    resolve: |types| fit(types, &Type::$values, &Type::$free, 0),
                    words: &[concat!("T<", $free_word, "> ", $stem, "_unconstrain(T<", $values_word, ">)")],
                },
                |call| {
                    let structure = Structure { values: $values_of, constraint: $constraint, free: $free_of };
                    unconstrained(call, &structure, Kind::$free)
                },
                unconstrain_doc!($what),
            ),
        )*]
    };
}

pub(super) fn rows<A: Real>() -> Vec<Function<A>> {
    structured![
        "ordered", Vector "vector", Vector "vector", 0 "", same, |d| Box::new(Ordered { size: at(d, 0) }), flat,
            "increasing vectors";
        "positive_ordered", Vector "vector", Vector "vector", 0 "", same,
            |d| Box::new(PositiveOrdered { size: at(d, 0) }), flat, "increasing vectors of positive values";
        "simplex", Vector "vector", Vector "vector", 0 "", |free, _| grown(free, 1, 0),
            |d| Box::new(Simplex { size: at(d, 0) }), flat, "simplexes, longer by 1";
        "unit_vector", Vector "vector", Vector "vector", 0 "", same, |d| Box::new(UnitVector { size: at(d, 0) }), flat,
            "vectors of length 1";
        "sum_to_zero", Vector "vector", Vector "vector", 0 "", |free, _| grown(free, 1, 0),
            |d| Box::new(SumToZeroVector { size: at(d, 0) }), flat, "vectors of sum 0, longer by 1";
        "sum_to_zero", Matrix "matrix", Matrix "matrix", 0 "", |free, _| grown(free, 1, 1),
            |d| Box::new(SumToZeroMatrix { rows: at(d, 0), cols: at(d, 1) }), |d, _| shrunk(d, 1, 1),
            "matrices whose rows and columns sum to 0, larger by a row and a column";
        "stochastic_column", Matrix "matrix", Matrix "matrix", 0 "", |free, _| grown(free, 1, 0),
            |d| Box::new(ColumnStochasticMatrix { rows: at(d, 0), cols: at(d, 1) }), |d, _| shrunk(d, 1, 0),
            "matrices whose columns are simplexes, larger by a row";
        "stochastic_row", Matrix "matrix", Matrix "matrix", 0 "", |free, _| grown(free, 0, 1),
            |d| Box::new(RowStochasticMatrix { rows: at(d, 0), cols: at(d, 1) }), |d, _| shrunk(d, 0, 1),
            "matrices whose rows are simplexes, larger by a column";
        "cholesky_factor_corr", Vector "vector", Matrix "matrix", 1 ", int", square,
            |d| Box::new(CholeskyFactorCorr { size: at(d, 0) }), flat, "Cholesky factors of correlation matrices";
        "cholesky_factor_cov", Vector "vector", Matrix "matrix", 2 ", int, int", |_, sizes| Dims::from_slice(sizes),
            |d| Box::new(CholeskyFactorCov { rows: at(d, 0), cols: at(d, 1) }), flat,
            "Cholesky factors of covariance matrices";
        "corr_matrix", Vector "vector", Matrix "matrix", 1 ", int", square,
            |d| Box::new(CorrMatrix { size: at(d, 0) }), flat, "correlation matrices";
        "cov_matrix", Vector "vector", Matrix "matrix", 1 ", int", square,
            |d| Box::new(CovMatrix { size: at(d, 0) }), flat, "covariance matrices";
    ]
}

/// A dimension; 0 where there is none.
fn at(dims: &[usize], i: usize) -> usize {
    dims.get(i).copied().unwrap_or(0)
}

fn same(free: &[usize], _: &[usize]) -> Dims {
    Dims::from_slice(free)
}

fn square(_: &[usize], sizes: &[usize]) -> Dims {
    Dims::from_elem(at(sizes, 0), 2)
}

fn flat(_: &[usize], n_unconstrained: usize) -> Dims {
    Dims::from_elem(n_unconstrained, 1)
}

/// More rows (or elements) and columns.
fn grown(dims: &[usize], rows: usize, cols: usize) -> Dims {
    dims.iter().zip([rows, cols]).map(|(n, more)| n.saturating_add(more)).collect()
}

/// Fewer rows and columns.
fn shrunk(dims: &[usize], rows: usize, cols: usize) -> Dims {
    dims.iter().zip([rows, cols]).map(|(n, fewer)| n.saturating_sub(fewer)).collect()
}

/// Arrays of `from` and sizes, to arrays of `to` just as deep.
fn fit(types: &[Type], from: &Type, to: &Type, n_sizes: usize) -> Option<Fit> {
    let (first, sizes) = types.split_first()?;
    let (inner, depth) = first.unwind_array();
    let fits = inner == from && sizes.len() == n_sizes && sizes.iter().all(|ty| *ty == Type::Int);
    fits.then(|| Fit::new(types.to_vec(), to.clone().in_array(depth)))
}

fn constrained<A: Real>(
    call: &mut Call<'_, A>,
    structure: &Structure<A>,
    kind: Kind,
    is_counted: bool,
) -> Result<Value<A>, Fault> {
    let sizes = (1..call.arguments.len()).map(|i| call.size(i, "a size")).collect::<Result<Vec<_>, _>>()?;
    let free = call.reals(0)?;
    let (array, inner) = element_dims(&free);
    let values = (structure.values)(inner, &sizes);
    let constraint = (structure.constraint)(&values);
    let n_free: usize = inner.iter().product();
    check_equal("the number of unconstrained values", n_free, "that of the type", constraint.n_unconstrained())?;
    let mut log_jacobian = A::zero();
    let result = each(&free, (n_free, constraint.n_constrained()), (array, &values, kind), |from, to| {
        log_jacobian += constraint.constrain(from, to).map_err(|violation| of_violation(&violation))?;
        Ok(())
    })?;
    if let (true, Some(total)) = (is_counted, call.log_jacobian.as_deref_mut()) {
        *total += log_jacobian;
    }
    Ok(result)
}

fn unconstrained<A: Real>(call: &mut Call<'_, A>, structure: &Structure<A>, kind: Kind) -> Result<Value<A>, Fault> {
    let values = call.reals(0)?;
    let (array, inner) = element_dims(&values);
    let constraint = (structure.constraint)(inner);
    let n_values: usize = inner.iter().product();
    check_equal("the number of values", n_values, "that of the type", constraint.n_constrained())?;
    let free = (structure.free)(inner, constraint.n_unconstrained());
    each(&values, (n_values, constraint.n_unconstrained()), (array, &free, kind), |from, to| {
        constraint.unconstrain(from, to).map_err(|violation| of_violation(&violation))
    })
}

/// The dimensions of the array, and those of one element of it.
fn element_dims<A>(t: &Reals<A>) -> (&[usize], &[usize]) {
    t.dims.split_at(t.dims.len().saturating_sub(t.kind.n_dims()))
}

/// Runs `f` on every element of an array: from `n_from` entries to `n_to`. The result has the dimensions of the array and
/// those of its elements.
fn each<A: Real>(
    t: &Reals<A>,
    (n_from, n_to): (usize, usize),
    (array, inner, kind): (&[usize], &[usize], Kind),
    mut f: impl FnMut(&[A], &mut [A]) -> Result<(), Fault>,
) -> Result<Value<A>, Fault> {
    let count: usize = array.iter().product();
    let n = check_size(&[count, n_to])?;
    let from = t.entries.to_auto();
    let mut entries = vec![A::zero(); n];
    for i in 0..count {
        let source = from.get(i * n_from..(i + 1) * n_from).unwrap_or(&[]);
        if let Some(to) = entries.get_mut(i * n_to..(i + 1) * n_to) {
            f(source, to)?;
        }
    }
    let dims = array.iter().chain(inner).copied().collect();
    Ok(Value::Reals(Reals { kind, dims, entries: Entries::Auto(entries).simplified() }))
}
