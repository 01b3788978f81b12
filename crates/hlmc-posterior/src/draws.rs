//! The draws of several chains, indexed by chain, draw and variable.

use thiserror::Error;

use crate::variable::VariableDraws;

/// Draws that do not fit together.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum DrawsError {
    /// A draw has another number of values than there are variables.
    #[error("a draw has {found} values, but there are {expected} variables")]
    DrawLength {
        /// The number of values of the draw.
        found: usize,
        /// The number of variables.
        expected: usize,
    },
    /// A chain has another number of variables than there are names.
    #[error("chain {chain} (from 1) has {found} variables, but there are {expected} names")]
    ChainWidth {
        /// The chain, from one.
        chain: usize,
        /// The number of its variables.
        found: usize,
        /// The number of names.
        expected: usize,
    },
}

/// The draws of one chain, as they come.
#[derive(Clone, Debug, PartialEq)]
pub struct ChainDraws {
    /// For each variable, its values in the order of the draws.
    columns: Vec<Vec<f64>>,
    n_draws: usize,
}

impl ChainDraws {
    /// No draws yet, with room for `n_draws` of `n_variables` values each.
    pub fn with_capacity(n_variables: usize, n_draws: usize) -> Self {
        Self { columns: (0..n_variables).map(|_| Vec::with_capacity(n_draws)).collect(), n_draws: 0 }
    }

    /// Appends one draw: a value for each variable.
    ///
    /// # Errors
    /// `draw` has another length than there are variables; nothing is appended then.
    pub fn push(&mut self, draw: &[f64]) -> Result<(), DrawsError> {
        if draw.len() != self.columns.len() {
            return Err(DrawsError::DrawLength { found: draw.len(), expected: self.columns.len() });
        }
        for (column, value) in self.columns.iter_mut().zip(draw) {
            column.push(*value);
        }
        self.n_draws += 1;
        Ok(())
    }

    /// The number of draws.
    pub fn n_draws(&self) -> usize {
        self.n_draws
    }

    /// The number of variables.
    pub fn n_variables(&self) -> usize {
        self.columns.len()
    }

    /// All values of a variable; `None` if there is no such variable.
    pub fn column(&self, variable_idx: usize) -> Option<&[f64]> {
        self.columns.get(variable_idx).map(Vec::as_slice)
    }
}

/// The draws of several chains of one length, without warmup.
#[derive(Clone, Debug, PartialEq)]
pub struct Draws {
    names: Vec<String>,
    chains: Vec<ChainDraws>,
    n_draws: usize,
    n_unused: usize,
}

impl Draws {
    /// Joins chains. Diagnostics compare chains of one length: those without draws are left out, and of longer ones
    /// (a run may have been interrupted) the draws past the end of the shortest are not used.
    ///
    /// # Errors
    /// A chain has another number of variables than there are names.
    pub fn from_chains(names: Vec<String>, mut chains: Vec<ChainDraws>) -> Result<Self, DrawsError> {
        for (chain_idx, chain) in chains.iter().enumerate() {
            if chain.n_variables() != names.len() {
                let (found, expected) = (chain.n_variables(), names.len());
                return Err(DrawsError::ChainWidth { chain: chain_idx + 1, found, expected });
            }
        }
        chains.retain(|chain| chain.n_draws > 0);
        let n_draws = chains.iter().map(ChainDraws::n_draws).min().unwrap_or(0);
        let n_unused = chains.iter().map(|chain| chain.n_draws - n_draws).sum();
        Ok(Self { names, chains, n_draws, n_unused })
    }

    /// The names of the variables.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The number of chains with draws.
    pub fn n_chains(&self) -> usize {
        self.chains.len()
    }

    /// The number of draws of each chain.
    pub fn n_draws(&self) -> usize {
        self.n_draws
    }

    /// How many draws are not used because other chains are shorter.
    pub fn n_unused(&self) -> usize {
        self.n_unused
    }

    /// One value; `None` out of range.
    pub fn get(&self, chain_idx: usize, draw_idx: usize, variable_idx: usize) -> Option<f64> {
        let column = self.chains.get(chain_idx)?.column(variable_idx)?;
        column.get(..self.n_draws)?.get(draw_idx).copied()
    }

    /// The position of a name among the variables.
    pub fn index_of(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|candidate| candidate == name)
    }

    /// The draws of one variable, with their estimates and diagnostics; `None` out of range.
    pub fn variable(&self, variable_idx: usize) -> Option<VariableDraws<'_>> {
        let chains = self.chains.iter().map(|chain| chain.column(variable_idx)?.get(..self.n_draws));
        (variable_idx < self.names.len()).then(|| VariableDraws::new(chains.flatten().collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(rows: &[[f64; 2]]) -> ChainDraws {
        let mut chain = ChainDraws::with_capacity(2, rows.len());
        rows.iter().for_each(|row| chain.push(row).unwrap());
        chain
    }

    fn names() -> Vec<String> {
        vec!["a".to_owned(), "b".to_owned()]
    }

    #[test]
    fn values_are_indexed_by_chain_draw_and_variable() {
        let draws =
            Draws::from_chains(names(), vec![chain(&[[1.0, 2.0], [3.0, 4.0]]), chain(&[[5.0, 6.0], [7.0, 8.0]])])
                .unwrap();
        assert_eq!((draws.n_chains(), draws.n_draws(), draws.n_unused()), (2, 2, 0));
        assert_eq!(draws.get(1, 0, 1), Some(6.0));
        assert_eq!(draws.get(0, 1, 0), Some(3.0));
        assert_eq!((draws.get(2, 0, 0), draws.get(0, 2, 0), draws.get(0, 0, 2)), (None, None, None));
        assert_eq!(draws.index_of("b"), Some(1));
        assert_eq!(draws.variable(1).unwrap().mean(), 5.0);
        assert!(draws.variable(2).is_none());
    }

    #[test]
    fn longer_chains_are_cut_and_empty_ones_left_out() {
        let chains = vec![chain(&[[1.0, 2.0]]), chain(&[]), chain(&[[3.0, 4.0], [5.0, 6.0], [7.0, 8.0]])];
        let draws = Draws::from_chains(names(), chains).unwrap();
        assert_eq!((draws.n_chains(), draws.n_draws(), draws.n_unused()), (2, 1, 2));
        assert_eq!(draws.get(1, 1, 0), None);
    }

    #[test]
    fn draws_that_do_not_fit_are_refused() {
        let mut chain = ChainDraws::with_capacity(2, 1);
        assert_eq!(chain.push(&[1.0]), Err(DrawsError::DrawLength { found: 1, expected: 2 }));
        assert_eq!(chain.n_draws(), 0);
        let found = Draws::from_chains(vec!["a".to_owned()], vec![chain]);
        assert_eq!(found, Err(DrawsError::ChainWidth { chain: 1, found: 2, expected: 1 }));
    }

    #[test]
    fn no_chain_at_all_has_no_estimates() {
        let draws = Draws::from_chains(names(), Vec::new()).unwrap();
        assert!(draws.variable(0).unwrap().mean().is_nan());
    }
}
