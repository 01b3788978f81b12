//! The rows of the table, one file a chapter, and one a distribution.

mod arguments;
mod arrays;
mod complex;
mod elementwise;
mod gather;
mod higher_order;
mod matrices;
mod multivariate;
mod operators;
mod row;
mod scalars;
mod transforms;
mod univariate;

use hlmc_math::Real;

use crate::table::Row;

/// All rows. Their order is the same at every number type: it is what a function's identity counts.
pub(crate) fn all<A: Real>() -> Vec<Row<A>> {
    let functions = [
        operators::rows(),
        elementwise::rows(),
        arrays::rows(),
        matrices::rows(),
        complex::rows(),
        higher_order::rows(),
        transforms::rows(),
        multivariate::functions(),
    ];
    let distributions = [univariate::rows(), multivariate::rows()];
    let functions = functions.into_iter().flatten().map(Row::Function);
    let distributions = distributions.into_iter().flatten().map(Row::Distribution);
    functions.chain(distributions).collect()
}
