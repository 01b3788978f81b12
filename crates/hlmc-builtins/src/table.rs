//! The one table of functions and distributions: what a row holds, and how rows are found.
//!
//! A row is written once, generic over the number; the type checker reads its signature, the engines call its
//! implementation, the reference page prints its documentation, and the tests loop over all rows.

use std::collections::HashMap;

use hlmc_math::Real;
use rand::Rng;

use crate::fault::Fault;
use crate::number::Number;
use crate::signature::{Fit, Signature};
use crate::types::Type;
use crate::value::Value;

/// The chapter of the reference page that a row belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Chapter {
    /// Operators, under names such as `operator+`.
    Operators,
    /// Functions of numbers, applied entry by entry.
    Elementwise,
    /// Reductions and array functions.
    Arrays,
    /// Vectors and matrices.
    Matrices,
    /// Complex numbers.
    Complex,
    /// Functions that take functions: differential equations, sums in parallel, quadrature.
    HigherOrder,
    /// Constraint transforms as functions.
    Transforms,
    /// Densities and mass functions of one variable.
    Univariate,
    /// Densities and mass functions of vectors and matrices.
    Multivariate,
}

/// A known value of a function, as a test: the call at these scalar arguments gives `value`.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// Scalar arguments.
    pub at: &'static [f64],
    /// The value there.
    pub value: f64,
    /// Where the value comes from.
    pub source: &'static str,
}

/// A function of the language.
pub struct Function<A: Real> {
    /// Its name; operators are called `operator+` and so on.
    pub name: &'static str,
    /// What it takes and returns.
    pub signature: Signature,
    /// What it does.
    pub implementation: Implementation<A>,
    /// The chapter of the reference page.
    pub chapter: Chapter,
    /// One or two sentences for the reference page.
    pub doc: &'static str,
    /// Known values, for functions of scalars.
    pub cases: &'static [Case],
}

/// What a function does.
#[derive(Clone, Copy)]
pub enum Implementation<A: Real> {
    /// A total function of one scalar, applied entry by entry.
    Unary(fn(A) -> A),
    /// A total function of two scalars, applied entry by entry.
    Binary(fn(A, A) -> A),
    /// A function of any number of scalars that may fault, applied entry by entry.
    Scalar(fn(&[A]) -> Result<A, Fault>),
    /// A function of integers, applied entry by entry.
    Int(fn(&[i64]) -> Result<i64, Fault>),
    /// Anything else: sees its arguments whole, already promoted to the types of the signature.
    Whole(fn(&mut Call<'_, A>) -> Result<Value<A>, Fault>),
}

/// The arguments and surroundings of a call.
pub struct Call<'a, A: Real> {
    /// The arguments, promoted to the signature's types; without the function of a higher-order call.
    pub arguments: &'a [&'a Value<A>],
    /// Which constant terms a density keeps.
    pub terms: Terms,
    /// The source of randomness, where the language allows one.
    pub rng: Option<&'a mut dyn Rng>,
    /// The function given to a higher-order call.
    pub callback: Option<&'a mut dyn Callback<A>>,
    /// Where a `_jacobian` function adds its log Jacobian determinant; `None` where those do not count.
    pub log_jacobian: Option<&'a mut A>,
}

/// A user's function, as a higher-order function sees it.
pub trait Callback<A: Real> {
    /// Calls it with all its arguments, the extra ones included.
    ///
    /// # Errors
    /// What the user's function faults with.
    fn call(&mut self, arguments: &[&Value<A>]) -> Result<Value<A>, Fault>;
}

/// Which terms of a log density are kept: all of them, or under `~` those that depend on a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// True when terms without parameters are dropped (`~` and `_lupdf`).
    pub propto: bool,
    /// Bit `i` is set when argument `i`, from 0, may depend on parameters.
    pub auto_arguments: u32,
}

impl Terms {
    /// All terms, as in `_lpdf`.
    pub const ALL: Terms = Terms { propto: false, auto_arguments: u32::MAX };

    /// True when a term that depends on just these arguments is kept. With no arguments it asks for a plain constant,
    /// such as `-log(sqrt(2 * pi()))`.
    #[inline]
    #[must_use]
    pub fn keep(self, arguments: &[usize]) -> bool {
        !self.propto || arguments.iter().any(|i| self.auto_arguments >> i & 1 == 1)
    }
}

/// Whether a distribution's outcome is an integer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A density: `_lpdf`.
    Continuous,
    /// A mass function: `_lpmf`.
    Discrete,
}

/// Which numbers an argument of a distribution may be; outside, the call faults and names the argument.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Domain {
    /// Anything, NaN included: the kernel decides.
    Unchecked,
    /// Not NaN.
    NotNan,
    /// Neither NaN nor infinite.
    Finite,
    /// Above 0.
    Positive,
    /// Above 0 and finite.
    PositiveFinite,
    /// 0 or above.
    NonNegative,
    /// 0 or above, and finite.
    NonNegativeFinite,
    /// From 0 to 1.
    Probability,
    /// Between these two, both included.
    Between(f64, f64),
}

/// An argument of a distribution; the outcome is the first.
#[derive(Clone, Copy, Debug)]
pub struct Argument {
    /// Its name in documentation and messages, such as "Scale parameter" in Stan's messages.
    pub name: &'static str,
    /// Its type in the notation of signatures (`reals`, `ints`, `vectors`, `matrix`, ...), or several of them with
    /// ` | ` between.
    pub ty: &'static str,
    /// Where it may lie.
    pub domain: Domain,
}

/// A family of functions: a density or mass function with its cumulative functions and generator.
pub struct Distribution<A: Real> {
    /// Its name, without suffix.
    pub name: &'static str,
    /// Whether the outcome is an integer.
    pub outcome: Outcome,
    /// The outcome, then the parameters.
    pub arguments: &'static [Argument],
    /// The logarithm of the density or mass.
    pub density: Density<A>,
    /// The cumulative distribution functions, where the family has them.
    pub cumulative: Option<Cumulative<A>>,
    /// Random draws, where the family has them.
    pub generator: Option<Generator<A>>,
    /// The chapter of the reference page.
    pub chapter: Chapter,
    /// One or two sentences for the reference page.
    pub doc: &'static str,
    /// Known values of the log density.
    pub cases: &'static [Case],
}

/// A log density.
#[derive(Clone, Copy)]
pub enum Density<A: Real> {
    /// Of scalars, all arguments broadcast and the results summed; domains are checked before. Integers come as
    /// constants.
    Scalar(fn(&[A], Terms) -> Result<A, Fault>),
    /// Sees its arguments whole, and checks them itself.
    Whole(fn(&mut Call<'_, A>) -> Result<A, Fault>),
}

/// The cumulative functions of a distribution of one variable; domains are checked before. The vectorised `_cdf` is the
/// product over entries, the others are sums.
#[derive(Clone, Copy)]
pub struct Cumulative<A: Real> {
    /// Where the outcome may lie here: often more than in the density, as when a count below 0 has probability 0.
    pub outcome: Domain,
    /// P(Y <= y).
    pub cdf: fn(&[A]) -> Result<A, Fault>,
    /// log P(Y <= y), accurate in the lower tail.
    pub lcdf: fn(&[A]) -> Result<A, Fault>,
    /// log P(Y > y), accurate in the upper tail.
    pub lccdf: fn(&[A]) -> Result<A, Fault>,
}

/// Random draws of a distribution.
#[derive(Clone, Copy)]
pub enum Generator<A: Real> {
    /// From scalar parameters, broadcast; discrete outcomes come back as whole numbers.
    Scalar(fn(&[f64], &mut dyn Rng) -> Result<f64, Fault>),
    /// Sees its arguments whole; the signature follows in Stan's notation.
    Whole(fn(&mut Call<'_, A>) -> Result<Value<A>, Fault>, &'static [&'static str]),
}

/// One of the functions of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// The row is a plain function.
    Function,
    /// `_lpdf`, `_lpmf` and, with constants dropped, `_lupdf`, `_lupmf`.
    Density,
    /// `_cdf`.
    Cdf,
    /// `_lcdf`.
    Lcdf,
    /// `_lccdf`.
    Lccdf,
    /// `_rng`.
    Rng,
}

/// A row.
pub enum Row<A: Real> {
    /// A plain function.
    Function(Function<A>),
    /// A distribution with all its functions.
    Distribution(Distribution<A>),
}

/// A function of the table, named so that it means the same at every number type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FunctionId {
    /// The row, in the table's order.
    pub row: u32,
    /// Which of its functions.
    pub part: Part,
}

/// What a call by name and argument types means.
#[derive(Clone, Debug, PartialEq)]
pub struct Resolution {
    /// The function.
    pub function: FunctionId,
    /// The types that the arguments are promoted to, and the result's.
    pub fit: Fit,
}

/// Why a call by name and argument types means nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum Unresolved {
    /// No function has this name, in this table or in Stan's.
    UnknownName,
    /// Stan has it, this table has not yet.
    NotYetSupported,
    /// The name exists; these are its signatures, none of which takes the arguments.
    WrongArguments(Vec<String>),
    /// Several signatures need equally many promotions.
    Ambiguous(Vec<String>),
}

/// All rows at one number type, found by name.
pub struct Library<A: Real> {
    rows: Vec<Row<A>>,
    by_name: HashMap<&'static str, Vec<u32>>,
}

impl<A: Number> Default for Library<A> {
    fn default() -> Self {
        Self::new()
    }
}

impl<A: Number> Library<A> {
    /// The whole table.
    #[must_use]
    pub fn new() -> Self {
        let rows = A::rows();
        let mut by_name: HashMap<&'static str, Vec<u32>> = HashMap::with_capacity(rows.len());
        for (i, row) in (0u32..).zip(&rows) {
            by_name.entry(row.name()).or_default().push(i);
        }
        Library { rows, by_name }
    }
}

impl<A: Real> Library<A> {
    /// All rows, in the table's order.
    #[must_use]
    pub fn rows(&self) -> &[Row<A>] {
        &self.rows
    }

    /// The row of a function; `None` for an identity that no table gave out.
    #[must_use]
    pub fn row(&self, function: FunctionId) -> Option<&Row<A>> {
        self.rows.get(function.row as usize)
    }

    /// The functions that `name` (with its suffix) may mean.
    #[must_use]
    pub fn functions(&self, name: &str) -> Vec<FunctionId> {
        let plain = self.by_name.get(name).into_iter().flatten();
        let mut found: Vec<FunctionId> = plain
            .filter(|row| matches!(self.rows[**row as usize], Row::Function(_)))
            .map(|row| FunctionId { row: *row, part: Part::Function })
            .collect();
        if let Some((family, suffix)) = name.rsplit_once('_') {
            for row in self.by_name.get(family).into_iter().flatten() {
                if let Row::Distribution(distribution) = &self.rows[*row as usize]
                    && let Some(part) = distribution.part(suffix)
                {
                    found.push(FunctionId { row: *row, part });
                }
            }
        }
        found
    }

    /// The distributions of this name, without suffix.
    pub fn distributions(&self, name: &str) -> impl Iterator<Item = &Distribution<A>> {
        let rows = self.by_name.get(name).into_iter().flatten();
        rows.filter_map(|row| match &self.rows[*row as usize] {
            Row::Distribution(distribution) => Some(distribution),
            Row::Function(_) => None,
        })
    }

    /// Finds the function that a call means, by the fewest promotions.
    ///
    /// # Errors
    /// [`Unresolved`] says why there is none. Higher-order functions are never found here; see
    /// [`Library::higher_order`].
    pub fn resolve(&self, name: &str, arguments: &[Type]) -> Result<Resolution, Unresolved> {
        let functions = self.functions(name);
        if functions.is_empty() {
            let known = crate::known_names::is_known_to_stan(name);
            return Err(if known { Unresolved::NotYetSupported } else { Unresolved::UnknownName });
        }
        let mut best: Vec<(usize, Resolution)> = Vec::new();
        for function in &functions {
            for fit in self.fits(*function, arguments) {
                let cost = fit.promotions(arguments);
                if best.first().is_some_and(|(least, _)| *least < cost) {
                    continue;
                }
                best.retain(|(least, _)| *least <= cost);
                best.push((cost, Resolution { function: *function, fit }));
            }
        }
        match best.len() {
            0 => Err(Unresolved::WrongArguments(functions.iter().flat_map(|f| self.describe(*f, name)).collect())),
            1 => Ok(best.swap_remove(0).1),
            _ => Err(Unresolved::Ambiguous(best.iter().map(|(_, r)| describe_fit(name, &r.fit)).collect())),
        }
    }

    /// The shape of a higher-order function of this name; the first, if it has several.
    #[must_use]
    pub fn higher_order(&self, name: &str) -> Option<(FunctionId, &'static crate::signature::HigherOrder)> {
        self.higher_orders(name).into_iter().next()
    }

    /// All shapes of a higher-order function of this name: with and without optional arguments, for instance.
    #[must_use]
    pub fn higher_orders(&self, name: &str) -> Vec<(FunctionId, &'static crate::signature::HigherOrder)> {
        let shape = |id: FunctionId| match self.row(id) {
            Some(Row::Function(Function { signature: Signature::HigherOrder(shape), .. })) => Some((id, *shape)),
            _ => None,
        };
        self.functions(name).into_iter().filter_map(shape).collect()
    }

    /// The signatures of one function, in words.
    #[must_use]
    pub fn describe(&self, function: FunctionId, name: &str) -> Vec<String> {
        match self.row(function) {
            Some(Row::Function(row)) => row.signature.describe(name),
            Some(Row::Distribution(row)) => row.signatures(function.part),
            None => Vec::new(),
        }
    }

    fn fits(&self, function: FunctionId, arguments: &[Type]) -> Vec<Fit> {
        match self.row(function) {
            Some(Row::Function(row)) => row.signature.fits(arguments),
            Some(Row::Distribution(row)) => row.fits(function.part, arguments),
            None => Vec::new(),
        }
    }
}

fn describe_fit(name: &str, fit: &Fit) -> String {
    let parameters: Vec<String> = fit.parameters.iter().map(ToString::to_string).collect();
    format!("{} {name}({})", fit.result, parameters.join(", "))
}

impl<A: Real> Row<A> {
    /// The row's name; that of a distribution has no suffix.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Row::Function(row) => row.name,
            Row::Distribution(row) => row.name,
        }
    }
}
