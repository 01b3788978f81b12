//! Expressions. Operators come from the grammar as a flat list; here they find their operands.

use std::iter::Peekable;

use pest::iterators::{Pair, Pairs};

use super::Lower;
use crate::ast::{BinaryOp, Expr, ExprKind, Ident, Index, IndexKind, PostfixOp, PrefixOp};
use crate::grammar::Rule;

/// How strongly a prefix operator holds its operand: more than `\` and less than `^`, so that `-2^2` is -4.
const PREFIX_LEVEL: u8 = 8;

/// How strongly `^` and `.^` hold their operands, and that they group from the right.
const POWER_LEVEL: u8 = 9;

/// How strongly an operator holds its operands; the more, the higher.
fn level(op: BinaryOp) -> u8 {
    match op {
        BinaryOp::Or => 1,
        BinaryOp::And => 2,
        BinaryOp::Equal | BinaryOp::NotEqual => 3,
        BinaryOp::Less | BinaryOp::LessEqual | BinaryOp::Greater | BinaryOp::GreaterEqual => 4,
        BinaryOp::Add | BinaryOp::Subtract => 5,
        BinaryOp::Multiply
        | BinaryOp::Divide
        | BinaryOp::Modulo
        | BinaryOp::ElementMultiply
        | BinaryOp::ElementDivide => 6,
        BinaryOp::IntDivide | BinaryOp::LeftDivide => 7,
        BinaryOp::Power | BinaryOp::ElementPower => POWER_LEVEL,
    }
}

fn binary_op(symbol: &str) -> Option<BinaryOp> {
    Some(match symbol {
        "||" => BinaryOp::Or,
        "&&" => BinaryOp::And,
        "==" => BinaryOp::Equal,
        "!=" => BinaryOp::NotEqual,
        "<" => BinaryOp::Less,
        "<=" => BinaryOp::LessEqual,
        ">" => BinaryOp::Greater,
        ">=" => BinaryOp::GreaterEqual,
        "+" => BinaryOp::Add,
        "-" => BinaryOp::Subtract,
        "*" => BinaryOp::Multiply,
        "/" => BinaryOp::Divide,
        "%" => BinaryOp::Modulo,
        ".*" => BinaryOp::ElementMultiply,
        "./" => BinaryOp::ElementDivide,
        "%/%" => BinaryOp::IntDivide,
        "\\" => BinaryOp::LeftDivide,
        "^" => BinaryOp::Power,
        ".^" => BinaryOp::ElementPower,
        _ => return None,
    })
}

fn prefix_op(symbol: &str) -> Option<PrefixOp> {
    Some(match symbol {
        "!" => PrefixOp::Not,
        "-" => PrefixOp::Minus,
        "+" => PrefixOp::Plus,
        _ => return None,
    })
}

impl<'a> Lower<'a> {
    /// `expression` and `constraint_expression`.
    pub(super) fn expr(&self, pair: Pair<'a, Rule>) -> Option<Expr> {
        let mut items = pair.into_inner().peekable();
        let first = self.operators(&mut items, 0)?;
        if items.next().is_none() {
            return Some(first);
        }
        // What is left is `? then : otherwise`.
        let then = self.expr(items.next()?)?;
        let otherwise = self.expr(items.nth(1)?)?;
        let span = self.join(first.span, otherwise.span);
        let kind =
            ExprKind::Ternary { condition: Box::new(first), then: Box::new(then), otherwise: Box::new(otherwise) };
        Some(Expr { kind, span })
    }

    /// All the expressions among some pairs.
    pub(super) fn exprs(&self, pairs: Pairs<'a, Rule>) -> Option<Vec<Expr>> {
        pairs.filter(|pair| pair.as_rule() == Rule::expression).map(|pair| self.expr(pair)).collect()
    }

    /// Takes operands as long as the operators between them hold at least as strongly as `min_level`.
    fn operators(&self, items: &mut Peekable<Pairs<'a, Rule>>, min_level: u8) -> Option<Expr> {
        let mut left = self.operand(items)?;
        while let Some((op, op_level)) = peek_op(items).filter(|&(_, op_level)| op_level >= min_level) {
            let op_span = self.span(&items.next()?);
            let right_level = if op_level == POWER_LEVEL { op_level } else { op_level + 1 };
            let right = self.operators(items, right_level)?;
            let span = self.join(left.span, right.span);
            let kind = ExprKind::Binary { op, op_span, left: Box::new(left), right: Box::new(right) };
            left = Expr { kind, span };
        }
        Some(left)
    }

    fn operand(&self, items: &mut Peekable<Pairs<'a, Rule>>) -> Option<Expr> {
        let first = items.next()?;
        if first.as_rule() == Rule::prefix_op {
            let op_span = self.span(&first);
            let operand = self.operators(items, PREFIX_LEVEL)?;
            let span = self.join(op_span, operand.span);
            let kind = ExprKind::Prefix { op: prefix_op(first.as_str())?, op_span, operand: Box::new(operand) };
            return Some(Expr { kind, span });
        }
        let mut expr = self.common_expr(first)?;
        while let Some(mark) = items.next_if(|item| item.as_rule() == Rule::transpose) {
            let op_span = self.span(&mark);
            let span = self.join(expr.span, op_span);
            let kind = ExprKind::Postfix { op: PostfixOp::Transpose, op_span, operand: Box::new(expr) };
            expr = Expr { kind, span };
        }
        Some(expr)
    }

    /// `common_expression`: a primary with its indices and projections.
    pub(super) fn common_expr(&self, pair: Pair<'a, Rule>) -> Option<Expr> {
        let mut inner = pair.into_inner();
        let mut expr = self.primary(inner.next()?)?;
        for suffix in inner {
            let span = self.join(expr.span, self.span(&suffix));
            let base = Box::new(expr);
            let kind = if suffix.as_rule() == Rule::projection {
                let (start, end) = (suffix.as_span().start() + 1, suffix.as_span().end());
                let slot_span = self.expanded.span(start, end);
                ExprKind::Projection { base, slot: slot(suffix.as_str()).unwrap_or(u32::MAX), slot_span }
            } else {
                let indices = suffix.into_inner().filter(|child| child.as_rule() == Rule::index);
                ExprKind::Indexed { base, indices: indices.map(|index| self.index(index)).collect::<Option<_>>()? }
            };
            expr = Expr { kind, span };
        }
        Some(expr)
    }

    fn index(&self, pair: Pair<'a, Rule>) -> Option<Index> {
        let span = self.span(&pair);
        let (mut before, mut after, mut colon) = (None, None, false);
        for child in pair.into_inner() {
            match child.as_rule() {
                Rule::colon => colon = true,
                _ if colon => after = Some(self.expr(child)?),
                _ => before = Some(self.expr(child)?),
            }
        }
        let kind = match (before, after) {
            (None, None) => IndexKind::All,
            (Some(from), None) if colon => IndexKind::From(from),
            (Some(single), None) => IndexKind::Single(single),
            (None, Some(to)) => IndexKind::To(to),
            (Some(from), Some(to)) => IndexKind::Between(from, to),
        };
        Some(Index { kind, span })
    }

    fn primary(&self, pair: Pair<'a, Rule>) -> Option<Expr> {
        let span = self.span(&pair);
        let kind = match pair.as_rule() {
            Rule::number => number(pair.as_str()),
            Rule::name_or_call => {
                let mut inner = pair.into_inner();
                let name = self.ident(inner.next()?);
                match inner.next() {
                    Some(call) => self.call(name, call)?,
                    None => ExprKind::Variable(name),
                }
            }
            Rule::target_call => ExprKind::Target,
            Rule::array_literal => ExprKind::Array(self.exprs(pair.into_inner())?),
            Rule::row_vector_literal => ExprKind::RowVector(self.exprs(pair.into_inner())?),
            Rule::parenthesized => {
                let is_tuple = pair.clone().into_inner().any(|child| child.as_rule() == Rule::comma);
                let mut exprs = self.exprs(pair.into_inner())?;
                if is_tuple { ExprKind::Tuple(exprs) } else { ExprKind::Paren(Box::new(exprs.pop()?)) }
            }
            _ => return None,
        };
        Some(Expr { kind, span })
    }

    fn call(&self, function: Ident, pair: Pair<'a, Rule>) -> Option<ExprKind> {
        let mut before_bar = Vec::new();
        for child in pair.into_inner() {
            match child.as_rule() {
                Rule::expression => before_bar.push(self.expr(child)?),
                Rule::arguments => {
                    let outcome = Box::new(before_bar.pop()?);
                    let args = self.exprs(child.into_inner())?;
                    return Some(ExprKind::ConditionalCall { function, outcome, args });
                }
                _ => {}
            }
        }
        Some(ExprKind::Call { function, args: before_bar })
    }
}

fn peek_op(items: &mut Peekable<Pairs<'_, Rule>>) -> Option<(BinaryOp, u8)> {
    let item = items.peek()?;
    let is_op = matches!(item.as_rule(), Rule::binary_op | Rule::arithmetic_op);
    let op = binary_op(item.as_str()).filter(|_| is_op)?;
    Some((op, level(op)))
}

/// The slot of a projection by its text, `.1`; none when no tuple can have so many.
pub(crate) fn slot(projection: &str) -> Option<u32> {
    let digits: String = projection.chars().filter(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// A number by its text. Real literals beyond the largest double are infinite, as in C++.
fn number(text: &str) -> ExprKind {
    let plain: String = text.chars().filter(|&c| c != '_' && c != 'i').collect();
    if text.ends_with('i') {
        ExprKind::Imag(plain.parse().unwrap_or(f64::NAN))
    } else if plain.contains(['.', 'e', 'E']) {
        ExprKind::Real(plain.parse().unwrap_or(f64::NAN))
    } else {
        ExprKind::Int(plain.parse().unwrap_or(u64::MAX))
    }
}
