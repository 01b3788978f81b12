//! Calling a function of the table: vectorisation, broadcasting and argument checks, once for all rows.

use hlmc_math::Real;
use smallvec::SmallVec;

use crate::fault::Fault;
use crate::table::{
    Argument, Call, Cumulative, Density, Distribution, Domain, Function, Generator, Implementation, Outcome, Part, Row,
    Terms,
};
use crate::value::{Dims, Entries, Ints, Kind, Tensor, Value};

/// Scalar arguments of one application; more than the longest list of scalar arguments needs no heap.
type Scalars<A> = SmallVec<[A; 6]>;

/// The domains of scalar arguments.
type Domains = SmallVec<[Domain; 6]>;

impl<A: Real> Row<A> {
    /// Calls one of the row's functions; the arguments are already promoted to its signature's types.
    ///
    /// # Errors
    /// A [`Fault`] whose message does not yet name the function.
    pub fn call(&self, part: Part, call: &mut Call<'_, A>) -> Result<Value<A>, Fault> {
        match self {
            Row::Function(function) => function.call(call),
            Row::Distribution(distribution) => distribution.call(part, call),
        }
    }
}

impl<A: Real> Function<A> {
    fn call(&self, call: &mut Call<'_, A>) -> Result<Value<A>, Fault> {
        match self.implementation {
            Implementation::Unary(f) => map_real(call.arguments, |x| Ok(f(x[0]))),
            Implementation::Binary(f) => map_real(call.arguments, |x| Ok(f(x[0], x[1]))),
            Implementation::Scalar(f) => map_real(call.arguments, f),
            Implementation::Int(f) => map_int(call.arguments, f),
            Implementation::Whole(f) => f(call),
        }
    }
}

impl<A: Real> Distribution<A> {
    /// Calls one of the distribution's functions; the arguments are already promoted to its signature's types.
    ///
    /// # Errors
    /// A [`Fault`] whose message does not yet name the function.
    pub fn call(&self, part: Part, call: &mut Call<'_, A>) -> Result<Value<A>, Fault> {
        let no_such = || Fault::fatal(format!("{} has no such function", self.name));
        match part {
            Part::Density | Part::Function => match self.density {
                Density::Whole(f) => f(call).map(Value::Real),
                Density::Scalar(kernel) => {
                    let domains = self.arguments.iter().map(|argument| argument.domain).collect();
                    self.sum(&domains, call.arguments, |x| density_terms(kernel, x, call.terms)).map(Value::Real)
                }
            },
            Part::Cdf => {
                let cumulative = self.cumulative.ok_or_else(no_such)?;
                let mut product = A::one();
                self.for_each(&self.cumulative_domains(&cumulative), call.arguments, |x| {
                    product *= (cumulative.cdf)(x)?;
                    Ok(())
                })?;
                Ok(Value::Real(product))
            }
            Part::Lcdf | Part::Lccdf => {
                let cumulative = self.cumulative.ok_or_else(no_such)?;
                let kernel = if part == Part::Lcdf { cumulative.lcdf } else { cumulative.lccdf };
                self.sum(&self.cumulative_domains(&cumulative), call.arguments, kernel).map(Value::Real)
            }
            Part::Rng => match self.generator.ok_or_else(no_such)? {
                Generator::Whole(f, _) => f(call),
                Generator::Scalar(f) => self.draw(call, f),
            },
        }
    }

    /// The log density at scalar arguments (outcome first), checked.
    ///
    /// # Errors
    /// A [`Fault`] that names the argument out of its domain. Fatal for a distribution whose arguments are not scalars.
    #[inline]
    pub fn scalar_density(&self, arguments: &[A], terms: Terms) -> Result<A, Fault> {
        let Density::Scalar(kernel) = self.density else {
            return Err(Fault::fatal("its arguments are not scalars"));
        };
        let domains = self.arguments.iter().map(|argument| argument.domain);
        check_domains(self.arguments, domains, arguments)?;
        density_terms(kernel, arguments, terms)
    }

    /// One of the cumulative functions at scalar arguments (outcome first), checked.
    ///
    /// # Errors
    /// A [`Fault`] that names the argument out of its domain. Fatal for a function that the distribution has not.
    pub fn scalar_cumulative(&self, part: Part, arguments: &[A]) -> Result<A, Fault> {
        let no_such = || Fault::fatal(format!("{} has no such function", self.name));
        let cumulative = self.cumulative.ok_or_else(no_such)?;
        check_domains(self.arguments, self.cumulative_domains(&cumulative), arguments)?;
        match part {
            Part::Cdf => (cumulative.cdf)(arguments),
            Part::Lcdf => (cumulative.lcdf)(arguments),
            Part::Lccdf => (cumulative.lccdf)(arguments),
            Part::Function | Part::Density | Part::Rng => Err(no_such()),
        }
    }

    /// The domains of the arguments of a cumulative function.
    fn cumulative_domains(&self, cumulative: &Cumulative<A>) -> Domains {
        let mut domains: Domains = self.arguments.iter().map(|argument| argument.domain).collect();
        if let Some(outcome) = domains.first_mut() {
            *outcome = cumulative.outcome;
        }
        domains
    }

    fn sum(
        &self,
        domains: &Domains,
        arguments: &[&Value<A>],
        kernel: impl Fn(&[A]) -> Result<A, Fault>,
    ) -> Result<A, Fault> {
        let mut total = A::zero();
        self.for_each(domains, arguments, |x| {
            total += kernel(x)?;
            Ok(())
        })?;
        Ok(total)
    }

    /// Runs `f` on every application of the broadcast arguments, domains checked.
    fn for_each(
        &self,
        domains: &Domains,
        arguments: &[&Value<A>],
        mut f: impl FnMut(&[A]) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let Some(n) = broadcast_length(self.arguments, arguments)? else { return Ok(()) };
        let mut scalars = Scalars::new();
        for i in 0..n {
            scalars.clear();
            scalars.extend(arguments.iter().filter_map(|argument| argument.real_at(i)));
            check_domains(self.arguments, domains.iter().copied(), &scalars)
                .and_then(|()| f(&scalars))
                .map_err(|fault| at_entry(fault, i, n))?;
        }
        Ok(())
    }

    fn draw(
        &self,
        call: &mut Call<'_, A>,
        f: fn(&[f64], &mut dyn rand::Rng) -> Result<f64, Fault>,
    ) -> Result<Value<A>, Fault> {
        let parameters = self.arguments.get(1..).unwrap_or(&[]);
        let rng = call.rng.as_deref_mut().ok_or_else(|| Fault::fatal("needs a source of randomness"))?;
        let n = broadcast_length(parameters, call.arguments)?.unwrap_or(0);
        let mut draws = Vec::with_capacity(n);
        for i in 0..n {
            let scalars: Scalars<A> = call.arguments.iter().filter_map(|argument| argument.real_at(i)).collect();
            let domains = parameters.iter().map(|argument| argument.domain);
            check_domains(parameters, domains, &scalars).map_err(|fault| at_entry(fault, i, n))?;
            let values: Scalars<f64> = scalars.iter().map(Real::value).collect();
            draws.push(f(&values, rng).map_err(|fault| at_entry(fault, i, n))?);
        }
        let is_vectorised = call.arguments.iter().any(|argument| !argument.is_scalar());
        Ok(match (self.outcome, is_vectorised) {
            (Outcome::Continuous, false) => Value::Real(A::constant(draws[0])),
            (Outcome::Discrete, false) => Value::Int(draws[0] as i64),
            (Outcome::Continuous, true) => Value::array(draws.into_iter().map(A::constant).collect()),
            (Outcome::Discrete, true) => Value::ints(draws.into_iter().map(|x| x as i64).collect()),
        })
    }
}

/// The common number of entries of broadcast arguments; `None` when one of them is empty, which makes sums empty.
fn broadcast_length<A: Real>(names: &[Argument], arguments: &[&Value<A>]) -> Result<Option<usize>, Fault> {
    let mut longest: Option<(usize, usize)> = None;
    for (i, argument) in arguments.iter().enumerate().filter(|(_, argument)| !argument.is_scalar()) {
        let n = argument.n_entries();
        match longest {
            Some((_, other)) if n == 0 || other == 0 => longest = Some((i, 0)),
            Some((first, other)) if other != n => {
                let name = |i: usize| names.get(i).map_or("argument", |argument| argument.name);
                return Err(Fault::fatal(format!("{} has size {n}, but {} has size {other}", name(i), name(first))));
            }
            _ => longest = Some((i, n)),
        }
    }
    Ok(match longest {
        Some((_, 0)) => None,
        Some((_, n)) => Some(n),
        None => Some(1),
    })
}

/// Says which entry of a vectorised call was at fault, counted from 1.
fn at_entry(mut fault: Fault, i: usize, n: usize) -> Fault {
    if n > 1 {
        fault.message = format!("{} (entry {})", fault.message, i + 1);
    }
    fault
}

#[inline]
fn check_domains<A: Real>(
    arguments: &[Argument],
    domains: impl IntoIterator<Item = Domain>,
    scalars: &[A],
) -> Result<(), Fault> {
    for ((argument, domain), x) in arguments.iter().zip(domains).zip(scalars) {
        if !domain.contains(x.value()) {
            return Err(domain.fault(argument.name, x.value()));
        }
    }
    Ok(())
}

/// The kernel's terms: none when all would be dropped, so that a kernel need not ask about terms of all arguments.
#[inline]
fn density_terms<A: Real>(
    kernel: fn(&[A], Terms) -> Result<A, Fault>,
    arguments: &[A],
    terms: Terms,
) -> Result<A, Fault> {
    if terms.propto && terms.auto_arguments == 0 {
        return Ok(A::zero());
    }
    kernel(arguments, terms)
}

impl Domain {
    /// True when `x` lies inside.
    #[inline]
    #[must_use]
    pub fn contains(self, x: f64) -> bool {
        match self {
            Domain::Unchecked => true,
            Domain::NotNan => !x.is_nan(),
            Domain::Finite => x.is_finite(),
            Domain::Positive => x > 0.0,
            Domain::PositiveFinite => x > 0.0 && x.is_finite(),
            Domain::NonNegative => x >= 0.0,
            Domain::NonNegativeFinite => x >= 0.0 && x.is_finite(),
            Domain::Probability => (0.0..=1.0).contains(&x),
            Domain::Between(low, high) => (low..=high).contains(&x),
        }
    }

    /// The fault of a value outside, which names the argument.
    #[must_use]
    pub fn fault(self, argument: &str, value: f64) -> Fault {
        Fault::rejection(format!("{argument} is {value}, but must be {}", self.words()))
    }

    /// What is expected, in the words of Stan's messages.
    #[must_use]
    pub fn words(self) -> String {
        match self {
            Domain::Unchecked => "any number".into(),
            Domain::NotNan => "not nan".into(),
            Domain::Finite => "finite".into(),
            Domain::Positive => "positive".into(),
            Domain::PositiveFinite => "positive finite".into(),
            Domain::NonNegative => "nonnegative".into(),
            Domain::NonNegativeFinite => "nonnegative finite".into(),
            Domain::Probability => "in the interval [0, 1]".into(),
            Domain::Between(low, high) => format!("in the interval [{low}, {high}]"),
        }
    }
}

/// The shape that broadcast arguments give a result: that of the first container, or of a vector or matrix among
/// containers of the same sizes; `None` for scalars only.
fn broadcast_shape<A: Real>(arguments: &[&Value<A>]) -> Result<Option<(Kind, Dims)>, Fault> {
    let mut shape: Option<(Kind, Dims)> = None;
    for argument in arguments.iter().filter(|argument| !argument.is_scalar()) {
        let (kind, dims) = (argument.kind(), argument.dims());
        match &shape {
            None => shape = Some((kind, dims)),
            Some((_, first)) if *first != dims => {
                return Err(Fault::fatal(format!("sizes must match, but are {first:?} and {dims:?}")));
            }
            Some((Kind::Scalar, _)) => shape = Some((kind, dims)),
            Some(_) => {}
        }
    }
    Ok(shape)
}

fn map_real<A: Real>(arguments: &[&Value<A>], f: impl Fn(&[A]) -> Result<A, Fault>) -> Result<Value<A>, Fault> {
    let Some((kind, dims)) = broadcast_shape(arguments)? else {
        let scalars: Scalars<A> = arguments.iter().filter_map(|argument| argument.to_real()).collect();
        return if scalars.len() == arguments.len() { f(&scalars).map(Value::Real) } else { Err(not_real()) };
    };
    let n: usize = dims.iter().product();
    let mut entries = Vec::with_capacity(n);
    let mut scalars = Scalars::new();
    for i in 0..n {
        scalars.clear();
        for argument in arguments {
            // Arrays of integers beside matrices: their entries lie row by row.
            let at = if kind == Kind::Matrix && argument.kind() == Kind::Scalar { row_major(&dims, i) } else { i };
            scalars.push(argument.real_at(at).ok_or_else(not_real)?);
        }
        entries.push(f(&scalars)?);
    }
    Ok(Value::Reals(Tensor { kind, dims, entries: Entries::Auto(entries).simplified() }))
}

fn not_real() -> Fault {
    Fault::fatal("takes real numbers and containers of them")
}

/// Where entry `i` of matrices, counted column by column, is when the last two of `dims` are counted row by row.
fn row_major(dims: &[usize], i: usize) -> usize {
    let &[.., rows, cols] = dims else { return i };
    let size = rows * cols;
    let (matrix, entry) = (i / size, i % size);
    matrix * size + entry % rows * cols + entry / rows
}

fn map_int<A: Real>(arguments: &[&Value<A>], f: impl Fn(&[i64]) -> Result<i64, Fault>) -> Result<Value<A>, Fault> {
    let shape = broadcast_shape(arguments)?;
    let n = shape.as_ref().map_or(1, |(_, dims)| dims.iter().product());
    let mut entries = Vec::with_capacity(n);
    for i in 0..n {
        let scalars: Scalars<i64> = arguments.iter().filter_map(|argument| argument.int_at(i)).collect();
        if scalars.len() < arguments.len() {
            return Err(Fault::fatal("takes integers and arrays of them"));
        }
        entries.push(f(&scalars)?);
    }
    Ok(match shape {
        None => Value::Int(entries[0]),
        Some((kind, dims)) => Value::Ints(Ints { kind, dims, entries }),
    })
}
