//! Multivariate densities by Cholesky factors and triangular systems.
//!
//! Outcomes are the rows of a matrix, so that one solution whitens all of them; inside a loop, the lanes are its rows.

use std::f64::consts::{LN_2, PI, TAU};

use hlmc_builtins::Terms;
use hlmc_builtins::table::Domain;
use hlmc_builtins::value::Kind;
use hlmc_math::special::lgamma_difference;

use super::Recorder;
use super::algebra::Factor;
use super::formula::Formula;
use super::small::{Small, whitened};
use super::stop::Recorded;
use super::symbol::{Cells, Entries, Symbol};
use crate::graph::{Binary, NodeId, Unary};
use crate::linear::triangular::Side;

/// How far the diagonal of a correlation matrix may be from 1 (Stan's `CONSTRAINT_TOLERANCE`).
const TOLERANCE: f64 = 1e-8;

/// The log density, for distributions that have one here.
pub(super) fn expand(recorder: &mut Recorder<'_>, name: &str, x: &[Symbol], terms: Terms) -> Recorded<Option<Symbol>> {
    if x.iter().any(|x| !x.is_scalar() && x.shape().1.iter().product::<usize>() == 0) {
        return Ok(None);
    }
    match (name, x) {
        ("multi_normal" | "multi_normal_cholesky", [y, mu, matrix]) if !recorder.is_uniform(matrix) => {
            let (mask, is_factor) = (recorder.mask_since(0), name == "multi_normal_cholesky");
            recorder.with_mask(mask, |recorder| recorder.multi_normal_by_entry(is_factor, [y, mu, matrix], terms))
        }
        // The formulas below solve for all lanes at once.
        _ if recorder.is_lane_by_lane && x.iter().any(|x| !recorder.is_uniform(x)) => Ok(None),
        ("multi_normal", [y, mu, sigma]) => recorder.multi_normal(Scale::Covariance, y, mu, sigma, terms),
        ("multi_normal_cholesky", [y, mu, factor]) => recorder.multi_normal(Scale::Factor, y, mu, factor, terms),
        ("multi_normal_prec", [y, mu, omega]) => recorder.multi_normal(Scale::Precision, y, mu, omega, terms),
        ("multi_student_t", [y, nu, mu, sigma]) => {
            recorder.multi_student_t(Scale::Covariance, [y, nu, mu, sigma], terms)
        }
        ("multi_student_t_cholesky", [y, nu, mu, factor]) => {
            recorder.multi_student_t(Scale::Factor, [y, nu, mu, factor], terms)
        }
        _ if x.iter().any(|x| !recorder.is_uniform(x)) => Ok(None),
        ("multi_gp", [y, kernel, w]) => recorder.multi_gp(Scale::Covariance, y, kernel, w, terms),
        ("multi_gp_cholesky", [y, factor, w]) => recorder.multi_gp(Scale::Factor, y, factor, w, terms),
        ("lkj_corr_cholesky", [factor, eta]) => recorder.lkj_corr_cholesky(factor, eta, terms),
        ("lkj_corr", [omega, eta]) => recorder.lkj_corr(omega, eta, terms),
        ("wishart" | "inv_wishart", [w, nu, scale]) => recorder.wishart(name == "inv_wishart", [w, nu, scale], terms),
        _ => Ok(None),
    }
}

/// What the matrix of a density is.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Scale {
    Covariance,
    Factor,
    Precision,
}

/// Deviations of outcomes from their locations.
struct Deviations {
    /// One row an outcome.
    node: NodeId,
    count: usize,
    /// Whether the outcomes are those of the lanes, each with a density of its own.
    is_by_lane: bool,
}

impl Recorder<'_> {
    fn times(&mut self, factor: f64, x: NodeId) -> NodeId {
        let factor = self.graph.constant(factor);
        self.graph.binary(Binary::Multiply, factor, x)
    }

    fn add(&mut self, x: NodeId, y: NodeId) -> NodeId {
        self.graph.binary(Binary::Add, x, y)
    }

    /// A square matrix that is the same in all lanes.
    fn square_matrix(&mut self, symbol: &Symbol) -> Recorded<Option<(NodeId, usize)>> {
        match symbol.shape() {
            (Kind::Matrix, dims) if dims.len() == 2 && dims[0] == dims[1] && self.is_uniform(symbol) => {
                Ok(Some((self.pack(symbol)?, dims[0])))
            }
            _ => Ok(None),
        }
    }

    /// A vector, an array of vectors, or a vector in every lane: as a matrix with one row each.
    fn outcomes(&mut self, symbol: &Symbol, size: usize) -> Recorded<Option<(NodeId, usize)>> {
        let (_, dims) = symbol.shape();
        if dims.last() != Some(&size) || dims.len() > 2 {
            return Ok(None);
        }
        if let Symbol::Cells(Cells { entries: Entries::Each(each), .. }) = symbol
            && !self.is_uniform(symbol)
        {
            if dims.len() != 1 {
                return Ok(None);
            }
            let lanes = self.lanes();
            let nodes = each.iter().map(|entry| self.node(entry)).collect::<Recorded<Vec<_>>>()?;
            let columns: Vec<NodeId> = nodes.iter().map(|node| self.graph.broadcast(*node, lanes)).collect();
            return Ok(Some((self.graph.concatenate(&columns), lanes)));
        }
        let node = self.pack(symbol)?;
        let count = if dims.len() == 2 { dims[0] } else { 1 };
        Ok(Some((self.transpose(node, size), count)))
    }

    fn deviations(&mut self, y: &Symbol, mu: &Symbol, size: usize) -> Recorded<Option<Deviations>> {
        let is_by_lane = !self.is_uniform(y) || !self.is_uniform(mu);
        let Some((y, n_y)) = self.outcomes(y, size)? else { return Ok(None) };
        let Some((mu, n_mu)) = self.outcomes(mu, size)? else { return Ok(None) };
        let count = n_y.max(n_mu);
        if n_y.min(n_mu) != 1 && n_y != n_mu {
            return Ok(None);
        }
        let y = self.repeat_rows(y, n_y, count, size);
        let mu = self.repeat_rows(mu, n_mu, count, size);
        self.require(mu, Domain::Finite)?;
        self.require(y, Domain::NotNan)?;
        Ok(Some(Deviations { node: self.graph.binary(Binary::Subtract, y, mu), count, is_by_lane }))
    }

    /// A matrix of one row with that row `count` times.
    fn repeat_rows(&mut self, x: NodeId, rows: usize, count: usize, size: usize) -> NodeId {
        if rows == count {
            return x;
        }
        let index: Vec<u32> = (0..size).flat_map(|col| std::iter::repeat_n(col as u32, count)).collect();
        self.graph.gather(x, &index)
    }

    /// Rows times the transposed inverse of a factor.
    fn whiten(&mut self, factor: NodeId, size: usize, rows: NodeId) -> Recorded<NodeId> {
        if self.graph.lanes(rows) == size {
            return self.divide_by_triangle(Side::Left, Factor::plain(factor), size, rows);
        }
        self.divide_by_triangle(Side::Right, Factor::transposed(factor), size, rows)
    }

    /// The sum of each row.
    fn row_sums(&mut self, matrix: NodeId, rows: usize) -> NodeId {
        let index: Vec<u32> = (0..self.graph.lanes(matrix)).map(|i| (i % rows) as u32).collect();
        self.graph.scatter_sum(matrix, &index, rows)
    }

    /// The Cholesky factor of a scale matrix.
    fn factor(&mut self, scale: Scale, matrix: NodeId, size: usize) -> Recorded<NodeId> {
        if scale == Scale::Factor { Ok(matrix) } else { self.cholesky(matrix, size) }
    }

    fn multi_normal(
        &mut self,
        scale: Scale,
        y: &Symbol,
        mu: &Symbol,
        matrix: &Symbol,
        terms: Terms,
    ) -> Recorded<Option<Symbol>> {
        let Some((matrix, size)) = self.square_matrix(matrix)? else { return Ok(None) };
        let Some(deviations) = self.deviations(y, mu, size)? else { return Ok(None) };
        let factor = self.factor(scale, matrix, size)?;
        if !terms.keep(&[0, 1, 2]) {
            return Ok(Some(Symbol::Real(0.0)));
        }
        let count = deviations.count;
        let squares = if scale == Scale::Precision {
            let sizes = (count, size, size);
            let products = self.matrix_product(Factor::plain(deviations.node), Factor::plain(matrix), sizes)?;
            self.graph.binary(Binary::Multiply, deviations.node, products)
        } else {
            let whitened = self.whiten(factor, size, deviations.node)?;
            self.graph.unary(Unary::Square, whitened)
        };
        // Inside of a loop every lane has its own density; else all outcomes are summed.
        let n_terms = if deviations.is_by_lane { 1.0 } else { count as f64 };
        let sum = if deviations.is_by_lane { self.row_sums(squares, count) } else { self.graph.sum(squares) };
        let mut log_density = self.times(-0.5, sum);
        if terms.keep(&[2]) {
            let log_diagonal = self.log_diagonal(factor, size);
            let sign = if scale == Scale::Precision { 1.0 } else { -1.0 };
            let term = self.times(sign * n_terms, log_diagonal);
            log_density = self.add(log_density, term);
        }
        if terms.keep(&[]) {
            let constant = self.graph.constant(-0.5 * TAU.ln() * n_terms * size as f64);
            log_density = self.add(log_density, constant);
        }
        Ok(Some(self.scalar(log_density)))
    }

    /// A normal density with a small matrix of its own in every lane.
    fn multi_normal_by_entry(
        &mut self,
        is_factor: bool,
        [y, mu, matrix]: [&Symbol; 3],
        terms: Terms,
    ) -> Recorded<Option<Symbol>> {
        let size = y.shape().1.iter().product::<usize>();
        if [y, mu].iter().any(|x| x.shape().1[..] != [size]) || matrix.shape().1[..] != [size, size] {
            return Ok(None);
        }
        let small = if is_factor { Small::triangle(self, matrix)? } else { Small::of(self, matrix)? };
        let Some(matrix) = small else { return Ok(None) };
        let (y, mu) = (self.nodes(y)?, self.nodes(mu)?);
        mu.iter().try_for_each(|x| self.require(*x, Domain::Finite))?;
        y.iter().try_for_each(|x| self.require(*x, Domain::NotNan))?;
        let deviations = y.iter().zip(&mu).map(|(y, mu)| self.graph.binary(Binary::Subtract, *y, *mu)).collect();
        let (whitened, log_determinant) = whitened(&mut Formula { recorder: self }, (&matrix, is_factor), deviations)?;
        let mut log_density = self.graph.constant(if terms.keep(&[]) { -0.5 * TAU.ln() * size as f64 } else { 0.0 });
        if terms.keep(&[2]) {
            log_density = self.graph.binary(Binary::Subtract, log_density, log_determinant);
        }
        if terms.keep(&[0, 1, 2]) {
            for x in whitened {
                let square = self.graph.unary(Unary::Square, x);
                let term = self.times(-0.5, square);
                log_density = self.add(log_density, term);
            }
        }
        Ok(Some(self.scalar(log_density)))
    }

    fn multi_student_t(
        &mut self,
        scale: Scale,
        [y, nu, mu, matrix]: [&Symbol; 4],
        terms: Terms,
    ) -> Recorded<Option<Symbol>> {
        let Some((matrix, size)) = self.square_matrix(matrix)? else { return Ok(None) };
        if !nu.is_scalar() || !self.is_uniform(nu) {
            return Ok(None);
        }
        let nu = self.node(nu)?;
        if self.graph.constant_value(nu).is_some_and(f64::is_infinite) {
            return Ok(None);
        }
        self.require(nu, Domain::PositiveFinite)?;
        let Some(deviations) = self.deviations(y, mu, size)? else { return Ok(None) };
        if scale == Scale::Factor {
            self.require_factor(matrix, size)?;
        }
        let factor = self.factor(scale, matrix, size)?;
        if !terms.keep(&[0, 1, 2, 3]) {
            return Ok(Some(Symbol::Real(0.0)));
        }
        let (count, half_size) = (deviations.count, 0.5 * size as f64);
        let whitened = self.whiten(factor, size, deviations.node)?;
        let squares = self.graph.unary(Unary::Square, whitened);
        let squared_lengths = self.row_sums(squares, count);
        let ratios = self.graph.binary(Binary::Divide, squared_lengths, nu);
        let logs = self.graph.unary(Unary::Log1p, ratios);
        let sum = if deviations.is_by_lane { logs } else { self.graph.sum(logs) };
        let n_terms = if deviations.is_by_lane { 1.0 } else { count as f64 };
        let d = self.graph.constant(size as f64);
        let power = self.add(d, nu);
        let power = self.times(-0.5, power);
        let mut log_density = self.graph.binary(Binary::Multiply, power, sum);
        let mut each = self.graph.constant(if terms.keep(&[]) { -half_size * PI.ln() } else { 0.0 });
        if terms.keep(&[1]) {
            let gammas = self.lgamma_growth(nu, half_size);
            let log_nu = self.graph.unary(Unary::Log, nu);
            let scaled_log = self.times(half_size, log_nu);
            let term = self.graph.binary(Binary::Subtract, gammas, scaled_log);
            each = self.add(each, term);
        }
        if terms.keep(&[3]) {
            let log_diagonal = self.log_diagonal(factor, size);
            each = self.graph.binary(Binary::Subtract, each, log_diagonal);
        }
        let all = self.times(n_terms, each);
        log_density = self.add(log_density, all);
        Ok(Some(self.scalar(log_density)))
    }

    /// `lgamma((nu + d) / 2) - lgamma(nu / 2)` for `half` of `d`.
    fn lgamma_growth(&mut self, nu: NodeId, half: f64) -> NodeId {
        if let Some(nu) = self.graph.constant_value(nu) {
            return self.graph.constant(lgamma_difference(0.5 * nu, half));
        }
        let half_nu = self.times(0.5, nu);
        let half = self.graph.constant(half);
        let sum = self.add(half, half_nu);
        let (upper, lower) = (self.graph.unary(Unary::Lgamma, sum), self.graph.unary(Unary::Lgamma, half_nu));
        self.graph.binary(Binary::Subtract, upper, lower)
    }

    /// Row i of `y` is normal with covariance `kernel / w[i]`.
    fn multi_gp(
        &mut self,
        scale: Scale,
        y: &Symbol,
        kernel: &Symbol,
        w: &Symbol,
        terms: Terms,
    ) -> Recorded<Option<Symbol>> {
        let Some((kernel, size)) = self.square_matrix(kernel)? else { return Ok(None) };
        let (y_dims, w_dims) = (y.shape().1, w.shape().1);
        if y_dims.len() != 2 || y_dims[1] != size || w_dims.as_slice() != [y_dims[0]] {
            return Ok(None);
        }
        let (count, y, w) = (y_dims[0], self.pack(y)?, self.pack(w)?);
        self.require(w, Domain::PositiveFinite)?;
        self.require(y, Domain::Finite)?;
        let factor = self.factor(scale, kernel, size)?;
        if !terms.keep(&[0, 1, 2]) {
            return Ok(Some(Symbol::Real(0.0)));
        }
        let whitened = self.whiten(factor, size, y)?;
        let squares = self.graph.unary(Unary::Square, whitened);
        let squared_lengths = self.row_sums(squares, count);
        let weighted = self.graph.binary(Binary::Multiply, w, squared_lengths);
        let sum = self.graph.sum(weighted);
        let mut log_density = self.times(-0.5, sum);
        if terms.keep(&[2]) {
            let logs = self.graph.unary(Unary::Log, w);
            let sum = self.graph.sum(logs);
            let term = self.times(0.5 * size as f64, sum);
            log_density = self.add(log_density, term);
        }
        if terms.keep(&[1]) {
            let log_diagonal = self.log_diagonal(factor, size);
            let term = self.times(-(count as f64), log_diagonal);
            log_density = self.add(log_density, term);
        }
        if terms.keep(&[]) {
            let constant = self.graph.constant(-0.5 * TAU.ln() * (count * size) as f64);
            log_density = self.add(log_density, constant);
        }
        Ok(Some(self.scalar(log_density)))
    }

    /// A lower triangular matrix with a positive diagonal.
    fn require_factor(&mut self, matrix: NodeId, size: usize) -> Recorded<()> {
        let diagonal = self.diagonal(matrix, size);
        self.require(diagonal, Domain::Positive)?;
        let above: Vec<u32> = (0..size * size).filter(|i| i % size < i / size).map(|i| i as u32).collect();
        if above.is_empty() {
            return Ok(());
        }
        let above = self.graph.gather(matrix, &above);
        self.require(above, Domain::Between(0.0, 0.0))
    }

    fn lkj_corr_cholesky(&mut self, factor: &Symbol, eta: &Symbol, terms: Terms) -> Recorded<Option<Symbol>> {
        let Some((factor, size)) = self.square_matrix(factor)? else { return Ok(None) };
        let eta = self.node(eta)?;
        self.require(eta, Domain::Positive)?;
        self.require_factor(factor, size)?;
        let mut log_density = self.lkj_constant(eta, size, terms);
        if terms.keep(&[0, 1]) && size > 1 {
            let diagonal = self.diagonal(factor, size);
            let rest: Vec<u32> = (1..size as u32).collect();
            let diagonal = self.graph.gather(diagonal, &rest);
            let logs = self.graph.unary(Unary::Log, diagonal);
            let offsets: Vec<f64> = (1..size).map(|k| (size - k - 1) as f64 - 2.0).collect();
            let offsets = self.graph.known(&offsets);
            let doubled = self.times(2.0, eta);
            let powers = self.add(offsets, doubled);
            let products = self.graph.binary(Binary::Multiply, powers, logs);
            let sum = self.graph.sum(products);
            log_density = self.add(log_density, sum);
        }
        Ok(Some(self.scalar(log_density)))
    }

    fn lkj_corr(&mut self, omega: &Symbol, eta: &Symbol, terms: Terms) -> Recorded<Option<Symbol>> {
        let Some((omega, size)) = self.square_matrix(omega)? else { return Ok(None) };
        let eta = self.node(eta)?;
        self.require(eta, Domain::Positive)?;
        let diagonal = self.diagonal(omega, size);
        self.require(diagonal, Domain::Between(1.0 - TOLERANCE, 1.0 + TOLERANCE))?;
        let factor = self.cholesky(omega, size)?;
        let mut log_density = self.lkj_constant(eta, size, terms);
        if terms.keep(&[0, 1]) {
            let log_diagonal = self.log_diagonal(factor, size);
            let one = self.graph.constant(1.0);
            let power = self.graph.binary(Binary::Subtract, eta, one);
            let doubled = self.times(2.0, power);
            let term = self.graph.binary(Binary::Multiply, doubled, log_diagonal);
            log_density = self.add(log_density, term);
        }
        Ok(Some(self.scalar(log_density)))
    }

    /// The logarithm of the normalising constant of the LKJ distribution, where it is kept.
    fn lkj_constant(&mut self, eta: NodeId, size: usize, terms: Terms) -> NodeId {
        let n = size.saturating_sub(1);
        if !terms.keep(&[1]) || n == 0 {
            return self.graph.constant(0.0);
        }
        let shift = self.graph.constant(0.5 * n as f64);
        let first = self.add(shift, eta);
        let first = self.graph.unary(Unary::Lgamma, first);
        let first = self.times(n as f64, first);
        let shifts: Vec<f64> = (1..=n).map(|k| 0.5 * (n - k) as f64).collect();
        let shifts = self.graph.known(&shifts);
        let shifted = self.add(shifts, eta);
        let gammas = self.graph.unary(Unary::Lgamma, shifted);
        let sum = self.graph.sum(gammas);
        let difference = self.graph.binary(Binary::Subtract, first, sum);
        let constant = self.graph.constant(-0.25 * (n * (n + 1)) as f64 * PI.ln());
        self.add(constant, difference)
    }

    fn wishart(&mut self, is_inverse: bool, [w, nu, scale]: [&Symbol; 3], terms: Terms) -> Recorded<Option<Symbol>> {
        let Some((w, size)) = self.square_matrix(w)? else { return Ok(None) };
        let Some((scale, scale_size)) = self.square_matrix(scale)? else { return Ok(None) };
        if scale_size != size || !nu.is_scalar() {
            return Ok(None);
        }
        let nu = self.node(nu)?;
        let least = self.graph.constant(size as f64 - 1.0);
        let excess = self.graph.binary(Binary::Subtract, nu, least);
        self.require(excess, Domain::PositiveFinite)?;
        let (w, scale) = (self.cholesky(w, size)?, self.cholesky(scale, size)?);
        if !terms.keep(&[0, 1, 2]) {
            return Ok(Some(Symbol::Real(0.0)));
        }
        let mut log_density = self.graph.constant(0.0);
        if terms.keep(&[1]) {
            let gammas = self.log_multigamma(nu, size);
            let powers = self.times(-0.5 * LN_2 * size as f64, nu);
            let term = self.graph.binary(Binary::Subtract, powers, gammas);
            log_density = self.add(log_density, term);
        }
        if terms.keep(&[1, 2]) {
            let log_diagonal = self.log_diagonal(scale, size);
            let signed = self.times(if is_inverse { 1.0 } else { -1.0 }, log_diagonal);
            let mut term = self.graph.binary(Binary::Multiply, nu, signed);
            if is_inverse && !terms.keep(&[1]) {
                // The table keeps the power of 2 with this term.
                let powers = self.times(-0.5 * LN_2 * size as f64, nu);
                term = self.add(term, powers);
            }
            log_density = self.add(log_density, term);
        }
        if terms.keep(&[0, 2]) {
            let (divisor, divided) = if is_inverse { (w, scale) } else { (scale, w) };
            let whitened = self.divide_by_triangle(Side::Left, Factor::plain(divisor), size, divided)?;
            let squares = self.graph.unary(Unary::Square, whitened);
            let sum = self.graph.sum(squares);
            let term = self.times(-0.5, sum);
            log_density = self.add(log_density, term);
        }
        if is_inverse || terms.keep(&[0, 1]) {
            let log_diagonal = self.log_diagonal(w, size);
            let shift = self.graph.constant(size as f64 + 1.0);
            let power = if is_inverse {
                let sum = self.add(shift, nu);
                self.graph.unary(Unary::Negate, sum)
            } else {
                self.graph.binary(Binary::Subtract, nu, shift)
            };
            let term = self.graph.binary(Binary::Multiply, power, log_diagonal);
            log_density = self.add(log_density, term);
        }
        Ok(Some(self.scalar(log_density)))
    }

    /// The logarithm of the multivariate gamma function at `nu / 2`.
    fn log_multigamma(&mut self, nu: NodeId, size: usize) -> NodeId {
        let half_nu = self.times(0.5, nu);
        let shifts: Vec<f64> = (0..size).map(|j| -0.5 * j as f64).collect();
        let shifts = self.graph.known(&shifts);
        let shifted = self.add(shifts, half_nu);
        let gammas = self.graph.unary(Unary::Lgamma, shifted);
        let sum = self.graph.sum(gammas);
        let constant = self.graph.constant(0.25 * (size * (size - 1)) as f64 * PI.ln());
        self.add(constant, sum)
    }
}
