//! Densities of simplices, and of counts in categories whose probabilities are a simplex.

use hlmc_builtins::Terms;
use hlmc_builtins::table::Domain;
use hlmc_builtins::value::Dims;

use crate::graph::{Binary, NodeId, Operation, Unary};
use crate::linear::reduction::LogSumExp;
use crate::record::Recorder;
use crate::record::stop::Recorded;
use crate::record::symbol::Symbol;

/// Vectors of at most so many entries are taken apart inside of lanes.
pub(super) const MAX_CATEGORIES: usize = 32;

/// How far the sum of a simplex may be from 1 (Stan's `CONSTRAINT_TOLERANCE`).
const TOLERANCE: f64 = 1e-8;

/// How vectors that meet entry by entry stand in nodes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Form {
    /// One vector after the other in one column.
    Column { count: usize, size: usize },
    /// A node an entry: its lanes are the vectors of an array, of which there are so many.
    Entries { count: usize },
    /// A node an entry: its lanes are those of a loop.
    Lanes,
}

/// The log density, for distributions that have a formula here.
pub(super) fn expand(
    recorder: &mut Recorder<'_>,
    name: &str,
    arguments: &[Symbol],
    terms: Terms,
) -> Recorded<Option<Symbol>> {
    let density = match name {
        "dirichlet" => dirichlet,
        "dirichlet_multinomial" => dirichlet_multinomial,
        "multinomial" => multinomial,
        "multinomial_logit" => multinomial_logit,
        _ => return Ok(None),
    };
    let Some(form) = Form::of(recorder, arguments) else { return Ok(None) };
    let [x, y] = arguments else { return Ok(None) };
    let (x, y) = (form.nodes(recorder, x)?, form.nodes(recorder, y)?);
    let each = density(recorder, form, (&x, &y), terms)?;
    let all = match form {
        Form::Column { count, .. } | Form::Entries { count } => recorder.graph.sum_over(each, count),
        Form::Lanes => each,
    };
    Ok(Some(recorder.scalar(all)))
}

impl Form {
    /// The form of vectors, of which one may stand for all of an array. `None` if they do not fit or have no entries.
    fn of(recorder: &Recorder<'_>, vectors: &[Symbol]) -> Option<Form> {
        let shapes: Vec<Dims> = vectors.iter().map(|vector| vector.shape().1).collect();
        let size = *shapes.first()?.last()?;
        let counts: Vec<usize> = shapes.iter().filter(|dims| dims.len() == 2).map(|dims| dims[0]).collect();
        let is_array = !counts.is_empty();
        let count = counts.first().copied().unwrap_or(1);
        let fits = shapes.iter().all(|dims| matches!(dims.len(), 1 | 2) && dims.last() == Some(&size));
        if !fits || size * count == 0 || counts.iter().any(|other| *other != count) {
            return None;
        }
        if vectors.iter().any(|vector| !recorder.is_uniform(vector)) {
            return (!is_array && size <= MAX_CATEGORIES).then_some(Form::Lanes);
        }
        let is_by_entry = is_array && size <= count;
        Some(if is_by_entry { Form::Entries { count } } else { Form::Column { count, size } })
    }

    /// The nodes of vectors.
    fn nodes(self, recorder: &mut Recorder<'_>, vectors: &Symbol) -> Recorded<Vec<NodeId>> {
        let is_array = vectors.shape().1.len() == 2;
        Ok(match self {
            Form::Lanes => recorder.nodes(vectors)?,
            Form::Entries { count } => {
                let column = recorder.pack(vectors)?;
                recorder.entries_of(column, if is_array { count } else { 1 })
            }
            Form::Column { count, size } => {
                let column = recorder.pack(vectors)?;
                let index: Vec<u32> = (0..count * size).map(|i| (i % size) as u32).collect();
                vec![if is_array || count == 1 { column } else { recorder.graph.gather(column, &index) }]
            }
        })
    }

    /// The sum of the entries of each vector.
    pub(super) fn total(self, recorder: &mut Recorder<'_>, nodes: &[NodeId]) -> NodeId {
        match (self, nodes) {
            (Form::Column { count, size }, [column]) => {
                let owners: Vec<u32> = (0..count * size).map(|i| (i / size) as u32).collect();
                recorder.graph.scatter_sum(*column, &owners, count)
            }
            _ => {
                let zero = recorder.graph.constant(0.0);
                nodes.iter().fold(zero, |sum, x| recorder.graph.binary(Binary::Add, sum, *x))
            }
        }
    }

    /// The sum of the products of two vectors' entries.
    fn dot(self, recorder: &mut Recorder<'_>, x: &[NodeId], y: &[NodeId]) -> NodeId {
        let products = x.iter().zip(y).map(|(x, y)| recorder.graph.binary(Binary::Multiply, *x, *y));
        let products = products.collect::<Vec<_>>();
        self.total(recorder, &products)
    }

    /// Every vector is a simplex, or the point is rejected.
    pub(super) fn require_simplex(self, recorder: &mut Recorder<'_>, theta: &[NodeId]) -> Recorded<()> {
        if is_simplex(recorder, theta) {
            return Ok(());
        }
        require_all(recorder, theta, Domain::NonNegative)?;
        let total = self.total(recorder, theta);
        recorder.require(total, Domain::Between(1.0 - TOLERANCE, 1.0 + TOLERANCE))
    }
}

/// True when the entries were made to be a simplex, or are those of one that is seen from other lanes.
fn is_simplex(recorder: &Recorder<'_>, entries: &[NodeId]) -> bool {
    let source = |node: &NodeId| match recorder.graph.node(*node).operation {
        Operation::Gather(x, index) => (x, Some(index)),
        _ => (*node, None),
    };
    let sources: Vec<_> = entries.iter().map(source).collect();
    let is_one_place = sources.windows(2).all(|pair| pair[0].1 == pair[1].1);
    let gathered: Vec<NodeId> = sources.into_iter().map(|(x, _)| x).collect();
    recorder.simplexes.contains(entries) || is_one_place && recorder.simplexes.contains(&gathered)
}

fn require_all(recorder: &mut Recorder<'_>, nodes: &[NodeId], domain: Domain) -> Recorded<()> {
    nodes.iter().try_for_each(|node| recorder.require(*node, domain))
}

fn each(recorder: &mut Recorder<'_>, unary: Unary, x: &[NodeId]) -> Vec<NodeId> {
    x.iter().map(|x| recorder.graph.unary(unary, *x)).collect()
}

fn each_with(recorder: &mut Recorder<'_>, binary: Binary, x: &[NodeId], y: f64) -> Vec<NodeId> {
    let y = recorder.graph.constant(y);
    x.iter().map(|x| recorder.graph.binary(binary, *x, y)).collect()
}

fn dirichlet(
    recorder: &mut Recorder<'_>,
    form: Form,
    (theta, alpha): (&[NodeId], &[NodeId]),
    terms: Terms,
) -> Recorded<NodeId> {
    require_all(recorder, alpha, Domain::Positive)?;
    form.require_simplex(recorder, theta)?;
    let mut log_density = recorder.graph.constant(0.0);
    if terms.keep(&[0, 1]) {
        let (powers, logs) = (each_with(recorder, Binary::Subtract, alpha, 1.0), each(recorder, Unary::Log, theta));
        log_density = form.dot(recorder, &powers, &logs);
    }
    if terms.keep(&[1]) {
        let gammas = each(recorder, Unary::Lgamma, alpha);
        let (sum, of_each) = (form.total(recorder, alpha), form.total(recorder, &gammas));
        let of_sum = recorder.graph.unary(Unary::Lgamma, sum);
        let constant = recorder.graph.binary(Binary::Subtract, of_sum, of_each);
        log_density = recorder.graph.binary(Binary::Add, log_density, constant);
    }
    Ok(log_density)
}

/// The logarithm of the gamma function at the total of the counts, less that at each; at the next number if `is_next`.
fn log_arrangements(recorder: &mut Recorder<'_>, form: Form, counts: &[NodeId], is_next: bool) -> NodeId {
    let total = form.total(recorder, counts);
    let log_gammas = |recorder: &mut Recorder<'_>, counts: &[NodeId]| {
        let next = each_with(recorder, Binary::Add, counts, 1.0);
        let gammas = each(recorder, Unary::Lgamma, &next);
        if is_next {
            return gammas;
        }
        // lgamma(n) = lgamma(n + 1) - log(n), and nothing where n is 0.
        let one = recorder.graph.constant(1.0);
        let divisors = counts.iter().map(|count| {
            let is_more = recorder.graph.binary(Binary::Less, one, *count);
            let divisor = recorder.graph.select(is_more, *count, one);
            recorder.graph.unary(Unary::Log, divisor)
        });
        let divisors = divisors.collect::<Vec<_>>();
        gammas.iter().zip(divisors).map(|(x, y)| recorder.graph.binary(Binary::Subtract, *x, y)).collect()
    };
    let (of_total, of_each) = (log_gammas(recorder, &[total]), log_gammas(recorder, counts));
    let of_each = form.total(recorder, &of_each);
    recorder.graph.binary(Binary::Subtract, of_total[0], of_each)
}

fn multinomial(
    recorder: &mut Recorder<'_>,
    form: Form,
    (counts, theta): (&[NodeId], &[NodeId]),
    terms: Terms,
) -> Recorded<NodeId> {
    require_all(recorder, counts, Domain::NonNegative)?;
    form.require_simplex(recorder, theta)?;
    let mut log_mass = recorder.graph.constant(0.0);
    if terms.keep(&[1]) {
        let logs = each(recorder, Unary::Log, theta);
        log_mass = form.dot(recorder, counts, &logs);
    }
    if terms.keep(&[]) {
        let constant = log_arrangements(recorder, form, counts, true);
        log_mass = recorder.graph.binary(Binary::Add, constant, log_mass);
    }
    Ok(log_mass)
}

fn multinomial_logit(
    recorder: &mut Recorder<'_>,
    form: Form,
    (counts, beta): (&[NodeId], &[NodeId]),
    terms: Terms,
) -> Recorded<NodeId> {
    require_all(recorder, counts, Domain::NonNegative)?;
    require_all(recorder, beta, Domain::Finite)?;
    let mut log_mass = recorder.graph.constant(0.0);
    if terms.keep(&[1]) {
        let log_total = match (form, beta) {
            (Form::Column { .. }, [column]) => recorder.whole_of_one(LogSumExp, *column, 1)?,
            _ => recorder.log_sum_exp(beta),
        };
        let (trials, chosen) = (form.total(recorder, counts), form.dot(recorder, counts, beta));
        let all = recorder.graph.binary(Binary::Multiply, trials, log_total);
        log_mass = recorder.graph.binary(Binary::Subtract, chosen, all);
    }
    if terms.keep(&[]) {
        let constant = log_arrangements(recorder, form, counts, true);
        log_mass = recorder.graph.binary(Binary::Add, constant, log_mass);
    }
    Ok(log_mass)
}

/// The table keeps `lgamma(n)` of the counts where it drops constants: its terms are beta functions.
fn dirichlet_multinomial(
    recorder: &mut Recorder<'_>,
    form: Form,
    (counts, alpha): (&[NodeId], &[NodeId]),
    terms: Terms,
) -> Recorded<NodeId> {
    require_all(recorder, counts, Domain::NonNegative)?;
    require_all(recorder, alpha, Domain::PositiveFinite)?;
    if !terms.keep(&[1]) {
        return Ok(recorder.graph.constant(0.0));
    }
    let growth = |recorder: &mut Recorder<'_>, alpha: NodeId, count: NodeId| {
        recorder.graph.binary(Binary::LgammaDifference, alpha, count)
    };
    let gains = alpha.iter().zip(counts).map(|(alpha, count)| growth(recorder, *alpha, *count)).collect::<Vec<_>>();
    let (concentration, trials) = (form.total(recorder, alpha), form.total(recorder, counts));
    let (gain, loss) = (form.total(recorder, &gains), growth(recorder, concentration, trials));
    let log_mass = recorder.graph.binary(Binary::Subtract, gain, loss);
    let constant = log_arrangements(recorder, form, counts, terms.keep(&[]));
    Ok(recorder.graph.binary(Binary::Add, constant, log_mass))
}
