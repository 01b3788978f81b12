//! Functions applied to the parts of a whole.

use hlmc_builtins::higher_order::N_REDUCE_SUM_OWN;
use hlmc_builtins::value::{Dims, Kind};
use hlmc_check::ir::FunctionArgument;

use super::super::Recorder;
use super::super::stop::{Recorded, unsupported};
use super::super::symbol::Symbol;

impl Recorder<'_> {
    /// One slice: the whole array.
    pub(super) fn reduce_sum(
        &mut self,
        function: &FunctionArgument,
        arguments: &[Symbol],
        propto: bool,
    ) -> Recorded<Symbol> {
        let [array, grain_size, extra @ ..] = arguments else { return unsupported("a sum without a grain size") };
        debug_assert_eq!(arguments.len(), N_REDUCE_SUM_OWN + extra.len());
        if self.uniform_int(grain_size)? < 1 {
            return unsupported("a grain size that is not positive");
        }
        let n = array.shape().1.first().copied().unwrap_or(0);
        if n == 0 {
            return Ok(Symbol::Real(0.0));
        }
        let mut own = vec![array.clone(), Symbol::Int(1), Symbol::Int(n as i64)];
        own.extend_from_slice(extra);
        self.follow(function, own, propto)
    }

    /// One job after the other.
    pub(super) fn map_rect(&mut self, function: &FunctionArgument, arguments: &[Symbol]) -> Recorded<Symbol> {
        let [shared, jobs @ ..] = arguments else { return unsupported("a map without arguments") };
        let lengths = jobs.iter().map(|job| job.shape().1.first().copied().unwrap_or(0));
        let n_jobs = lengths.clone().min().unwrap_or(0);
        if lengths.max() != Some(n_jobs) {
            return unsupported("a map over arrays of different lengths");
        }
        let columns = jobs.iter().map(|job| self.each(job)).collect::<Recorded<Vec<_>>>()?;
        let mut results = Vec::new();
        for i in 0..n_jobs {
            let mut own = vec![shared.clone()];
            for (job, column) in jobs.iter().zip(&columns) {
                let (kind, dims) = job.shape();
                let dims: Dims = dims.into_iter().skip(1).collect();
                let size: usize = dims.iter().product();
                own.push(self.container(kind, dims, column[i * size..(i + 1) * size].to_vec()));
            }
            let result = self.follow(function, own, false)?;
            results.extend(self.each(&result)?.iter().cloned());
        }
        Ok(self.container(Kind::Vector, Dims::from_elem(results.len(), 1), results))
    }
}
