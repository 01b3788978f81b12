//! Trees as s-expressions, short enough to be read in a test.

use hlmc_syntax::ast::{
    AssignTarget, Block, Constraint, Declaration, Expr, ExprKind, FunctionDefinition, Index, IndexKind, LValue,
    LValueKind, Printable, Program, ReturnType, SizedShape, SizedType, Stmt, StmtKind, UnsizedBase, UnsizedType,
};

fn list(head: &str, items: impl IntoIterator<Item = String>) -> String {
    let items: Vec<String> = items.into_iter().collect();
    if items.is_empty() { format!("({head})") } else { format!("({head} {})", items.join(" ")) }
}

fn exprs(exprs: &[Expr]) -> impl Iterator<Item = String> + '_ {
    exprs.iter().map(expr)
}

pub(crate) fn expr(e: &Expr) -> String {
    match &e.kind {
        ExprKind::Int(value) => value.to_string(),
        ExprKind::Real(value) => format!("{value:?}"),
        ExprKind::Imag(value) => format!("{value:?}i"),
        ExprKind::Variable(name) => name.name.clone(),
        ExprKind::Call { function, args } => list(&function.name, exprs(args)),
        ExprKind::ConditionalCall { function, outcome, args } => {
            list(&function.name, [expr(outcome), "|".to_owned()].into_iter().chain(exprs(args)))
        }
        ExprKind::Target => "(target)".to_owned(),
        ExprKind::Indexed { base, indices } => {
            list("index", std::iter::once(expr(base)).chain(indices.iter().map(index)))
        }
        ExprKind::Projection { base, slot, .. } => format!("(slot {} {slot})", expr(base)),
        ExprKind::Array(items) => list("array", exprs(items)),
        ExprKind::RowVector(items) => list("row", exprs(items)),
        ExprKind::Tuple(items) => list("tuple", exprs(items)),
        ExprKind::Binary { op, left, right, .. } => format!("({} {} {})", op.symbol(), expr(left), expr(right)),
        ExprKind::Prefix { op, operand, .. } => format!("({} {})", op.symbol(), expr(operand)),
        ExprKind::Postfix { op, operand, .. } => format!("({} {})", op.symbol(), expr(operand)),
        ExprKind::Ternary { condition, then, otherwise } => {
            format!("(? {} {} {})", expr(condition), expr(then), expr(otherwise))
        }
        ExprKind::Paren(inner) => format!("(paren {})", expr(inner)),
    }
}

fn index(index: &Index) -> String {
    match &index.kind {
        IndexKind::All => ":".to_owned(),
        IndexKind::Single(e) => expr(e),
        IndexKind::From(e) => format!("{}:", expr(e)),
        IndexKind::To(e) => format!(":{}", expr(e)),
        IndexKind::Between(a, b) => format!("{}:{}", expr(a), expr(b)),
    }
}

fn target(target: &AssignTarget) -> String {
    match target {
        AssignTarget::LValue(value) => lvalue(value),
        AssignTarget::Tuple { targets, .. } => list("tuple", targets.iter().map(self::target)),
    }
}

fn lvalue(value: &LValue) -> String {
    match &value.kind {
        LValueKind::Variable(name) => name.name.clone(),
        LValueKind::Indexed { base, indices } => {
            list("index", std::iter::once(lvalue(base)).chain(indices.iter().map(index)))
        }
        LValueKind::Projection { base, slot, .. } => format!("(slot {} {slot})", lvalue(base)),
    }
}

fn printables(items: &[Printable]) -> impl Iterator<Item = String> + '_ {
    items.iter().map(|item| match item {
        Printable::String(text) => format!("{:?}", text.value),
        Printable::Expr(e) => expr(e),
    })
}

pub(crate) fn stmt(s: &Stmt) -> String {
    match &s.kind {
        StmtKind::Declaration(declaration) => self::declaration(declaration),
        StmtKind::Assignment { target, op, value, .. } => {
            format!("({} {} {})", op.symbol(), self::target(target), expr(value))
        }
        StmtKind::Call { function, args } => list(&format!("call {}", function.name), exprs(args)),
        StmtKind::TargetPlus(e) => format!("(target+= {})", expr(e)),
        StmtKind::JacobianPlus(e) => format!("(jacobian+= {})", expr(e)),
        StmtKind::Tilde { outcome, distribution, args, truncation } => {
            let mut parts = vec![expr(outcome), list(&distribution.name, exprs(args))];
            if let Some(truncation) = truncation {
                let bound = |e: &Option<Expr>| e.as_ref().map_or_else(|| "_".to_owned(), expr);
                parts.push(format!("(T {} {})", bound(&truncation.lower), bound(&truncation.upper)));
            }
            list("~", parts)
        }
        StmtKind::If { condition, then, otherwise } => {
            let parts = [expr(condition), stmt(then)];
            list("if", parts.into_iter().chain(otherwise.iter().map(|s| stmt(s))))
        }
        StmtKind::While { condition, body } => format!("(while {} {})", expr(condition), stmt(body)),
        StmtKind::ForRange { variable, lower, upper, body } => {
            format!("(for {} {}:{} {})", variable.name, expr(lower), expr(upper), stmt(body))
        }
        StmtKind::ForEach { variable, container, body } => {
            format!("(for {} {} {})", variable.name, expr(container), stmt(body))
        }
        StmtKind::Block(block) => self::block("do", block),
        StmtKind::Profile { name, body } => self::block(&format!("profile {:?}", name.value), body),
        StmtKind::Break => "(break)".to_owned(),
        StmtKind::Continue => "(continue)".to_owned(),
        StmtKind::Return(value) => list("return", value.iter().map(expr)),
        StmtKind::Print(items) => list("print", printables(items)),
        StmtKind::Reject(items) => list("reject", printables(items)),
        StmtKind::FatalError(items) => list("fatal_error", printables(items)),
        StmtKind::Empty => "()".to_owned(),
    }
}

fn block(head: &str, block: &Block) -> String {
    list(head, block.stmts.iter().map(stmt))
}

fn declaration(declaration: &Declaration) -> String {
    let declarators = declaration.declarators.iter().map(|declarator| match &declarator.value {
        Some(value) => format!("(= {} {})", declarator.name.name, expr(value)),
        None => declarator.name.name.clone(),
    });
    list("let", std::iter::once(sized_type(&declaration.ty)).chain(declarators))
}

pub(crate) fn sized_type(ty: &SizedType) -> String {
    let (head, sizes): (&str, Vec<&Expr>) = match &ty.shape {
        SizedShape::Int => ("int", vec![]),
        SizedShape::Real => ("real", vec![]),
        SizedShape::Complex => ("complex", vec![]),
        SizedShape::Vector(n) => ("vector", vec![n]),
        SizedShape::RowVector(n) => ("row_vector", vec![n]),
        SizedShape::Matrix(m, n) => ("matrix", vec![m, n]),
        SizedShape::SquareMatrix(n) => ("square_matrix", vec![n]),
        SizedShape::ComplexVector(n) => ("complex_vector", vec![n]),
        SizedShape::ComplexRowVector(n) => ("complex_row_vector", vec![n]),
        SizedShape::ComplexMatrix(m, n) => ("complex_matrix", vec![m, n]),
        SizedShape::Tuple(_) => ("tuple", vec![]),
    };
    let mut parts: Vec<String> = sizes.into_iter().map(expr).collect();
    if let SizedShape::Tuple(slots) = &ty.shape {
        parts.extend(slots.iter().map(sized_type));
    }
    parts.extend(constraint(&ty.constraint));
    let element = if parts.is_empty() { head.to_owned() } else { list(head, parts) };
    if ty.array_sizes.is_empty() {
        return element;
    }
    list("array", exprs(&ty.array_sizes).chain(std::iter::once(element)))
}

fn constraint(constraint: &Constraint) -> Vec<String> {
    let with = |word: &str, e: &Expr| format!("{word}={}", expr(e));
    match constraint {
        Constraint::None => vec![],
        Constraint::Lower(e) => vec![with("lower", e)],
        Constraint::Upper(e) => vec![with("upper", e)],
        Constraint::LowerUpper { lower, upper } => vec![with("lower", lower), with("upper", upper)],
        Constraint::Offset(e) => vec![with("offset", e)],
        Constraint::Multiplier(e) => vec![with("multiplier", e)],
        Constraint::OffsetMultiplier { offset, multiplier } => {
            vec![with("offset", offset), with("multiplier", multiplier)]
        }
        named => vec![format!("{named:?}")],
    }
}

fn unsized_type(ty: &UnsizedType) -> String {
    let base = match &ty.base {
        UnsizedBase::Tuple(slots) => list("tuple", slots.iter().map(unsized_type)),
        plain => format!("{plain:?}").to_lowercase(),
    };
    if ty.array_dims == 0 { base } else { format!("(array {} {base})", ty.array_dims) }
}

pub(crate) fn function(function: &FunctionDefinition) -> String {
    let return_type = match &function.return_type {
        ReturnType::Void(_) => "void".to_owned(),
        ReturnType::Type(ty) => unsized_type(ty),
    };
    let parameters = function.parameters.iter().map(|parameter| {
        let qualifier = if parameter.data_only { "data " } else { "" };
        format!("({qualifier}{} {})", unsized_type(&parameter.ty), parameter.name.name)
    });
    let body = function.body.as_ref().map(|body| block("do", body));
    list(&format!("fun {return_type} {}", function.name.name), parameters.chain(body))
}

/// One line for each statement of each block.
pub(crate) fn program(program: &Program) -> String {
    let mut lines = Vec::new();
    if let Some(functions) = &program.functions {
        lines.push("functions".to_owned());
        lines.extend(functions.definitions.iter().map(|definition| format!("  {}", function(definition))));
    }
    let blocks = [
        ("data", &program.data),
        ("transformed data", &program.transformed_data),
        ("parameters", &program.parameters),
        ("transformed parameters", &program.transformed_parameters),
        ("model", &program.model),
        ("generated quantities", &program.generated_quantities),
    ];
    for (name, block) in blocks {
        if let Some(block) = block {
            lines.push(name.to_owned());
            lines.extend(block.stmts.iter().map(|s| format!("  {}", stmt(s))));
        }
    }
    lines.join("\n") + "\n"
}
