//! The functions of the program: what is declared, and which one a call means.
//!
//! A call picks the signature that needs the fewest promotions, among the program's own and the library's; a tie is an
//! error (reference manual, "Function overloading").

use std::collections::HashMap;

use hlmc_builtins::{FunctionId, Resolution, Type, Unresolved};
use hlmc_syntax::Span;
use hlmc_syntax::ast::{FunctionDefinition, Ident};

use crate::checker::Checker;
use crate::ir::Expression;
use crate::levels;
use crate::names::normalised;

/// A function of the program.
#[derive(Clone, Debug)]
pub(crate) struct UserFunction<'p> {
    /// Its name.
    pub name: &'p Ident,
    /// The types of its arguments, and whether each is data-only.
    pub parameters: Vec<(Type, bool)>,
    /// What it returns.
    pub result: Type,
    /// The definition, or the declaration as long as no definition is known.
    pub definition: &'p FunctionDefinition,
}

impl UserFunction<'_> {
    /// The signature in the language's notation.
    pub(crate) fn signature(&self) -> String {
        let parameter = |(ty, data_only): &(Type, bool)| if *data_only { format!("data {ty}") } else { ty.to_string() };
        let parameters: Vec<String> = self.parameters.iter().map(parameter).collect();
        format!("{} {}({})", self.result, self.name.name, parameters.join(", "))
    }

    /// True when the types of the arguments are these, whatever their qualifiers.
    pub(crate) fn has_types(&self, parameters: &[(Type, bool)]) -> bool {
        self.parameters.len() == parameters.len() && self.parameters.iter().zip(parameters).all(|(a, b)| a.0 == b.0)
    }

    /// The promotions that arguments of these types need.
    fn promotions(&self, arguments: &[Expression]) -> Option<usize> {
        if arguments.len() != self.parameters.len() {
            return None;
        }
        arguments.iter().zip(&self.parameters).map(|(argument, (ty, _))| argument.ty.promotions_to(ty)).sum()
    }

    /// The first argument that may depend on parameters and must not.
    fn dependent_argument(&self, arguments: &[Expression]) -> Option<usize> {
        let pairs = arguments.iter().zip(&self.parameters);
        pairs.into_iter().position(|(argument, (_, data_only))| *data_only && levels::depends(argument))
    }
}

/// The functions of the program by name.
#[derive(Debug, Default)]
pub(crate) struct UserFunctions<'p> {
    list: Vec<UserFunction<'p>>,
    by_name: HashMap<&'p str, Vec<usize>>,
}

impl<'p> UserFunctions<'p> {
    /// Adds a function.
    pub(crate) fn add(&mut self, function: UserFunction<'p>) {
        self.by_name.entry(function.name.name.as_str()).or_default().push(self.list.len());
        self.list.push(function);
    }

    /// The function of that number.
    pub(crate) fn get(&self, index: usize) -> Option<&UserFunction<'p>> {
        self.list.get(index)
    }

    /// The function of that number, to be changed.
    pub(crate) fn get_mut(&mut self, index: usize) -> Option<&mut UserFunction<'p>> {
        self.list.get_mut(index)
    }

    /// The overloads of a name.
    pub(crate) fn named(&self, name: &str) -> impl Iterator<Item = (usize, &UserFunction<'p>)> {
        let indices = self.by_name.get(name).map_or(&[][..], Vec::as_slice);
        indices.iter().filter_map(|index| Some((*index, self.list.get(*index)?)))
    }

    /// True when there is a function of this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    /// All functions with their numbers.
    pub(crate) fn all(&self) -> impl Iterator<Item = (usize, &UserFunction<'p>)> {
        self.list.iter().enumerate()
    }

    /// All names, in no order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.by_name.keys().copied()
    }
}

/// What a call calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Callable {
    /// A function of the program.
    User(usize),
    /// A function of the library.
    Builtin(FunctionId),
}

/// The signature that a call means.
#[derive(Clone, Debug)]
pub(crate) struct Match {
    /// The function.
    pub callable: Callable,
    /// What the arguments are promoted to.
    pub parameters: Vec<Type>,
    /// What it returns.
    pub result: Type,
}

/// Why a call means nothing.
#[derive(Clone, Debug)]
pub(crate) enum Mismatch {
    /// There is no such function.
    Unknown,
    /// Stan has it, hlmc has not yet.
    NotYetSupported,
    /// These are the signatures, none of which fits.
    WrongArguments(Vec<String>),
    /// These fit equally well.
    Ambiguous(Vec<String>),
    /// This argument may depend on parameters, and must not.
    DataOnly(usize),
}

/// The library's answers so far, by name and argument types.
pub(crate) type ResolutionCache = HashMap<String, HashMap<Vec<Type>, Result<Resolution, Unresolved>>>;

impl Checker<'_> {
    /// Which function `name` means for these arguments.
    pub(crate) fn resolve(&mut self, name: &str, arguments: &[Expression]) -> Result<Match, Mismatch> {
        let name = normalised(name);
        let types: Vec<Type> = arguments.iter().map(|argument| argument.ty.clone()).collect();
        let builtin = self.resolve_builtin(&name, &types);
        if !self.functions.has(&name) {
            return self.builtin_match(builtin, arguments);
        }
        let mut dependent = None;
        let mut best: Vec<(usize, Callable)> = Vec::new();
        for (index, function) in self.functions.named(&name) {
            let Some(cost) = function.promotions(arguments) else { continue };
            match function.dependent_argument(arguments) {
                Some(position) => dependent = Some(position),
                None => best.push((cost, Callable::User(index))),
            }
        }
        match &builtin {
            Ok(found) => best.push((found.fit.promotions(&types), Callable::Builtin(found.function))),
            Err(Unresolved::Ambiguous(_)) if best.is_empty() => return self.builtin_match(builtin, arguments),
            Err(_) => {}
        }
        let least = best.iter().map(|(cost, _)| *cost).min();
        best.retain(|(cost, _)| Some(*cost) == least);
        match (best.as_slice(), dependent) {
            ([(_, Callable::User(index))], _) => Ok(self.user_match(*index)),
            ([(_, Callable::Builtin(_))], _) => self.builtin_match(builtin, arguments),
            ([], Some(position)) => Err(Mismatch::DataOnly(position)),
            ([], None) => Err(self.no_match(&name, builtin)),
            _ => Err(Mismatch::Ambiguous(
                best.iter().filter_map(|(_, callable)| self.describe(*callable, &name)).collect(),
            )),
        }
    }

    /// The library's answer, from the cache where the same was asked before.
    pub(crate) fn resolve_builtin(&mut self, name: &str, types: &[Type]) -> Result<Resolution, Unresolved> {
        if let Some(answer) = self.resolutions.get(name).and_then(|answers| answers.get(types)) {
            return answer.clone();
        }
        let answer = self.library.resolve(name, types);
        self.resolutions.entry(name.to_owned()).or_default().insert(types.to_vec(), answer.clone());
        answer
    }

    fn user_match(&self, index: usize) -> Match {
        let function = self.functions.get(index);
        let parameters = function.map(|f| f.parameters.iter().map(|(ty, _)| ty.clone()).collect()).unwrap_or_default();
        let result = function.map_or(Type::Void, |f| f.result.clone());
        Match { callable: Callable::User(index), parameters, result }
    }

    fn builtin_match(
        &self,
        answer: Result<Resolution, Unresolved>,
        arguments: &[Expression],
    ) -> Result<Match, Mismatch> {
        let Resolution { function, fit } = answer.map_err(|why| match why {
            Unresolved::UnknownName => Mismatch::Unknown,
            Unresolved::NotYetSupported => Mismatch::NotYetSupported,
            // The table of a function that is here for real numbers may miss its complex signatures.
            Unresolved::WrongArguments(signatures)
                if arguments.iter().any(|argument| argument.ty.scalar() == Type::Complex)
                    && !signatures.iter().any(|signature| signature.contains("complex")) =>
            {
                Mismatch::NotYetSupported
            }
            Unresolved::WrongArguments(signatures) => Mismatch::WrongArguments(signatures),
            Unresolved::Ambiguous(signatures) => Mismatch::Ambiguous(signatures),
        })?;
        let pairs = arguments.iter().zip(&fit.data_only);
        match pairs.into_iter().position(|(argument, data_only)| *data_only && levels::depends(argument)) {
            Some(position) => Err(Mismatch::DataOnly(position)),
            None => Ok(Match { callable: Callable::Builtin(function), parameters: fit.parameters, result: fit.result }),
        }
    }

    fn no_match(&self, name: &str, builtin: Result<Resolution, Unresolved>) -> Mismatch {
        let mut signatures: Vec<String> = self.functions.named(name).map(|(_, f)| f.signature()).collect();
        match builtin {
            Err(Unresolved::NotYetSupported) => return Mismatch::NotYetSupported,
            Err(Unresolved::WrongArguments(more)) => signatures.extend(more),
            _ => {}
        }
        Mismatch::WrongArguments(signatures)
    }

    fn describe(&self, callable: Callable, name: &str) -> Option<String> {
        match callable {
            Callable::User(index) => self.functions.get(index).map(UserFunction::signature),
            Callable::Builtin(id) => self.library.describe(id, name).into_iter().next(),
        }
    }

    /// Where a function of the program is declared.
    pub(crate) fn declared_at(&self, callable: Callable) -> Option<Span> {
        match callable {
            Callable::User(index) => self.functions.get(index).map(|function| function.name.span),
            Callable::Builtin(_) => None,
        }
    }

    /// True when a name is that of a function, of the program or of Stan.
    pub(crate) fn is_function(&self, name: &str) -> bool {
        let name = normalised(name);
        self.functions.has(&name)
            || !self.library.functions(&name).is_empty()
            || hlmc_builtins::known_names::is_known_to_stan(&name)
    }
}
