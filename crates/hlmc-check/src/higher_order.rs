//! Calls of functions that take functions: differential equations, sums in parallel, quadrature.
//!
//! The table gives the shape: what the callback takes and returns, and what the function takes beside it. Arguments
//! after those belong to the callback (functions reference, "Higher-order functions").

use hlmc_builtins::signature::{Overload, Pattern, Signature};
use hlmc_builtins::table::Function;
use hlmc_builtins::{FunctionId, Level, Row, Type};
use hlmc_syntax::Span;
use hlmc_syntax::ast::{Expr, ExprKind, Ident};

use crate::checker::Checker;
use crate::diagnostics::{calls, places};
use crate::expressions::CheckedCall;
use crate::functions::UserFunction;
use crate::ir::{Call, Callee, Expression, FunctionArgument};
use crate::levels;
use crate::names::{Suffix, is_unnormalised, normalised};
use crate::promotion::promote_all;

/// Functions of Stan that take functions and that programs may overload.
const PLAIN: [&str; 8] = [
    "algebra_solver",
    "algebra_solver_newton",
    "integrate_1d",
    "integrate_ode",
    "integrate_ode_adams",
    "integrate_ode_bdf",
    "integrate_ode_rk45",
    "map_rect",
];

/// Functions of Stan that take functions and any number of arguments for them; no program can overload them.
const VARIADIC: [&str; 21] = [
    "dae",
    "dae_tol",
    "integrate_1d_double_exponential",
    "integrate_1d_double_exponential_tol",
    "integrate_1d_gauss_kronrod",
    "integrate_1d_gauss_kronrod_tol",
    "ode_adams",
    "ode_adams_tol",
    "ode_adjoint_tol_ctl",
    "ode_bdf",
    "ode_bdf_tol",
    "ode_ckrk",
    "ode_ckrk_tol",
    "ode_rk45",
    "ode_rk45_tol",
    "reduce_sum",
    "reduce_sum_static",
    "solve_newton",
    "solve_newton_tol",
    "solve_powell",
    "solve_powell_tol",
];

/// True for functions of Stan that take functions.
pub(crate) fn takes_functions(name: &str) -> bool {
    PLAIN.contains(&name) || is_special(name)
}

/// True for functions whose name no program can give to a function of its own.
pub(crate) fn is_special(name: &str) -> bool {
    let is_laplace = ["laplace_marginal", "laplace_latent"].iter().any(|family| name.starts_with(family));
    VARIADIC.contains(&name) || is_laplace
}

/// A shape of a higher-order function, parsed. Functions with optional arguments have several.
pub(crate) struct Shape {
    id: FunctionId,
    callback: Overload,
    call: Overload,
    callback_text: &'static str,
    callback_data: &'static [usize],
    takes_densities: bool,
}

/// A callback that fits: the cost of the promotions, the shape, the function, and what the arguments are promoted to.
struct Candidate<'s> {
    cost: usize,
    shape: &'s Shape,
    function: usize,
    parameters: Vec<Type>,
}

/// Why a callback does not fit, and where that is to be said.
struct Refusal {
    why: String,
    at: Fault,
    declared: Span,
}

/// What is wrong about a higher-order call. The later ones are closer to a call that is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    /// The number of arguments; this is the one that is missing or too many, counted without the function.
    Count(usize),
    /// The function itself.
    Function,
    /// The type of this argument.
    Argument(usize),
    /// This argument may depend on parameters and must not.
    DataOnly(usize),
}

impl<'p> Checker<'p> {
    /// The shapes of a function that takes a function; none for other functions.
    pub(crate) fn higher_order_shapes(&self, name: &str) -> Vec<Shape> {
        let shape = |id: FunctionId| match self.library.row(id) {
            Some(Row::Function(Function { signature: Signature::HigherOrder(shape), .. })) => Some(Shape {
                id,
                callback: Overload::parse(shape.callback)?,
                call: Overload::parse(shape.call)?,
                callback_text: shape.callback,
                callback_data: shape.callback_data,
                takes_densities: shape.takes_densities,
            }),
            _ => None,
        };
        self.library.functions(name).into_iter().filter_map(shape).collect()
    }

    /// A call of a function that takes a function; there is a shape at least.
    pub(crate) fn higher_order_call(
        &mut self,
        function: &'p Ident,
        shapes: &[Shape],
        args: &[&'p Expr],
        span: Span,
    ) -> Option<CheckedCall> {
        let handed_on = args.first().and_then(|arg| match &arg.kind {
            ExprKind::Variable(name) if self.scope.find(&name.name).is_none() => Some(name),
            _ => None,
        });
        let Some(handed_on) = handed_on.filter(|name| self.functions.has(&normalised(&name.name))) else {
            let place = args.first().map_or(span, |arg| arg.span);
            let callback = shapes.first()?.callback_text;
            return self.refuse(calls::function_needed(&function.name, callback, place));
        };
        if is_unnormalised(&handed_on.name) && !self.context.allows_unnormalised() {
            return self.refuse(places::unnormalised(&handed_on.name, handed_on.span));
        }
        let arguments = self.expressions(args.get(1..).unwrap_or(&[]))?;
        let Candidate { shape, function: index, parameters, .. } =
            self.choose_callback(&function.name, handed_on, shapes, &arguments, span)?;
        let arguments = promote_all(arguments, &parameters);
        let result = shape.call.result.clone();
        let level = levels::computed(&arguments, &result);
        let function_argument = self.function_argument(index, shape, &arguments);
        let call = Call {
            callee: Callee::Builtin(shape.id),
            arguments,
            function: function_argument,
            propto: is_unnormalised(&handed_on.name),
            name: function.name.clone(),
        };
        Some(CheckedCall { call, result, level, declared: None })
    }

    /// The shape and the overload that need the fewest promotions.
    fn choose_callback<'s>(
        &mut self,
        name: &str,
        handed_on: &Ident,
        shapes: &'s [Shape],
        arguments: &[Expression],
        span: Span,
    ) -> Option<Candidate<'s>> {
        let mut fitting: Vec<Candidate<'s>> = Vec::new();
        let mut refusals = Vec::new();
        let callback_name = normalised(&handed_on.name);
        for shape in shapes {
            for (index, function) in self.functions.named(&callback_name) {
                match fit(shape, function, arguments) {
                    Ok((cost, parameters)) => fitting.push(Candidate { cost, shape, function: index, parameters }),
                    Err(refusal) => refusals.push((refusal, shape.callback_text)),
                }
            }
        }
        let least = fitting.iter().map(|candidate| candidate.cost).min();
        fitting.retain(|candidate| Some(candidate.cost) == least);
        if fitting.len() > 1 {
            let signatures: Vec<String> = fitting
                .iter()
                .filter_map(|candidate| self.functions.get(candidate.function).map(UserFunction::signature))
                .collect();
            return self.refuse(calls::ambiguous(&handed_on.name, &signatures, span));
        }
        if let Some(candidate) = fitting.pop() {
            return Some(candidate);
        }
        let (refusal, callback) = refusals.into_iter().max_by_key(|(refusal, _)| refusal.at)?;
        // As in the reference compiler, calls with a fixed number of arguments are refused as a whole.
        let is_variadic = shapes.iter().any(|shape| shape.call.variadic);
        let place = |i: usize| arguments.get(i).filter(|_| is_variadic).map_or(span, |argument| argument.span);
        let callback_place = if is_variadic { handed_on.span } else { span };
        let diagnostic = match refusal.at {
            Fault::DataOnly(i) => calls::data_only(name, i + 1, place(i)),
            Fault::Argument(i) | Fault::Count(i) => {
                calls::wrong_callback_argument(name, &refusal.why, place(i), refusal.declared)
            }
            Fault::Function => calls::wrong_callback(name, callback, &refusal.why, callback_place, refusal.declared),
        };
        let wrong = match refusal.at {
            Fault::DataOnly(i) | Fault::Argument(i) if !is_variadic => arguments.get(i),
            _ => None,
        };
        let diagnostic = match wrong {
            Some(argument) => diagnostic.with_secondary(argument.span, "this argument"),
            None => diagnostic,
        };
        self.refuse(diagnostic)
    }

    /// The instance that the function calls. Its own arguments depend on parameters as soon as one argument of the
    /// call does, unless the shape says that they never do; those after them are as the call gives them.
    fn function_argument(&mut self, index: usize, shape: &Shape, arguments: &[Expression]) -> Option<FunctionArgument> {
        let function = self.functions.get(index)?;
        let parameters: Vec<Type> = function.parameters.iter().map(|(ty, _)| ty.clone()).collect();
        let own = shape.callback.parameters.len();
        let depends = arguments.iter().any(|argument| !argument.level.is_data());
        let extra = arguments.get(shape.call.parameters.len()..).unwrap_or(&[]);
        let level = |(i, ty): (usize, &Type)| {
            if i >= own {
                return extra.get(i - own).map_or(Level::Auto, |argument| argument.level.clone());
            }
            let is_data = shape.callback_data.contains(&i) || !depends;
            if is_data { Level::Data } else { levels::shaped(&Level::Auto, ty) }
        };
        let levels = parameters.iter().enumerate().map(level).collect();
        let callee = Callee::User(self.instances.request(index, levels));
        Some(FunctionArgument { callee, parameters })
    }
}

/// The cost of the promotions and the types that the arguments are promoted to.
fn fit(shape: &Shape, function: &UserFunction<'_>, arguments: &[Expression]) -> Result<(usize, Vec<Type>), Refusal> {
    fit_callback(shape, function)?;
    let refusal = |why: String, at: Fault| Refusal { why, at, declared: function.name.span };
    let own = shape.callback.parameters.len();
    let extra = function.parameters.get(own..).unwrap_or(&[]).iter();
    let extra = extra.map(|(ty, data_only)| (Pattern::Exactly(ty.clone()), *data_only));
    let wanted: Vec<(Pattern, bool)> = shape.call.parameters.iter().cloned().chain(extra).collect();
    if wanted.len() != arguments.len() {
        let why = format!("{} arguments are needed after the function, but here are {}", wanted.len(), arguments.len());
        let at = wanted.len().min(arguments.len().saturating_sub(1));
        return Err(refusal(why, Fault::Count(at)));
    }
    let mut parameters = Vec::with_capacity(wanted.len());
    let mut cost = 0;
    for (i, (argument, (pattern, data_only))) in arguments.iter().zip(&wanted).enumerate() {
        let Some(ty) = pattern.accept(&argument.ty) else {
            let why = format!("{} is needed here, but this is of type {}", pattern_text(pattern), argument.ty);
            return Err(refusal(why, Fault::Argument(i)));
        };
        if *data_only && levels::depends(argument) {
            return Err(refusal(String::new(), Fault::DataOnly(i)));
        }
        cost += argument.ty.promotions_to(&ty).unwrap_or(0);
        parameters.push(ty);
    }
    Ok((cost, parameters))
}

/// The callback's own arguments and its result have to be just those of the shape.
fn fit_callback(shape: &Shape, function: &UserFunction<'_>) -> Result<(), Refusal> {
    let refuse = |why: String| Err(Refusal { why, at: Fault::Function, declared: function.name.span });
    let own = shape.callback.parameters.len();
    match Suffix::of(&function.name.name) {
        Suffix::Plain => {}
        Suffix::Density | Suffix::Mass if shape.takes_densities => {}
        _ => return refuse("its suffix is that of a function with side effects or of a density".to_owned()),
    }
    if function.parameters.len() < own || (!shape.callback.variadic && function.parameters.len() > own) {
        return refuse(format!("it takes {} arguments", function.parameters.len()));
    }
    if function.result != shape.callback.result {
        return refuse(format!("it returns {}", function.result));
    }
    for (i, ((ty, data_only), (pattern, pattern_data))) in
        function.parameters.iter().zip(&shape.callback.parameters).enumerate()
    {
        if !matches!(pattern, Pattern::Exactly(wanted) if wanted == ty) {
            return refuse(format!("its argument {} is of type {ty} instead of {}", i + 1, pattern_text(pattern)));
        }
        if *data_only && !pattern_data && !shape.callback_data.contains(&i) {
            return refuse(format!("its argument {} is data-only, but may depend on parameters", i + 1));
        }
    }
    Ok(())
}

fn pattern_text(pattern: &Pattern) -> String {
    match pattern {
        Pattern::Exactly(ty) => ty.to_string(),
        Pattern::Reals => "reals".to_owned(),
        Pattern::Ints => "ints".to_owned(),
        Pattern::Vectors => "vectors".to_owned(),
    }
}
