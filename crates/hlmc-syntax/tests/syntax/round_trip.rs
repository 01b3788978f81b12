//! Random expressions, written with no more parentheses than they need, read as what they were.
//!
//! The levels here are those of the table of operators in the reference manual, written down a second time.

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::expr;

#[derive(Debug, Clone)]
enum Tree {
    Name(&'static str),
    Number(&'static str),
    Call(Vec<Tree>),
    Index(Box<Tree>, Box<Tree>),
    Transpose(Box<Tree>),
    Prefix(&'static str, Box<Tree>),
    Binary((&'static str, u8), Box<Tree>, Box<Tree>),
    Ternary(Box<Tree>, Box<Tree>, Box<Tree>),
}

const OPERATORS: [(&str, u8); 19] = [
    ("||", 1),
    ("&&", 2),
    ("==", 3),
    ("!=", 3),
    ("<", 4),
    ("<=", 4),
    (">", 4),
    (">=", 4),
    ("+", 5),
    ("-", 5),
    ("*", 6),
    ("/", 6),
    ("%", 6),
    (".*", 6),
    ("./", 6),
    ("%/%", 7),
    ("\\", 7),
    ("^", POWER),
    (".^", POWER),
];
const ANYTHING: u8 = 0;
const PREFIX: u8 = 8;
const POWER: u8 = 9;
const TRANSPOSED: u8 = 10;
const COMMON: u8 = 11;

impl Tree {
    fn level(&self) -> u8 {
        match self {
            Tree::Ternary(..) => ANYTHING,
            Tree::Binary((_, level), ..) => *level,
            Tree::Prefix(..) => PREFIX,
            Tree::Transpose(_) => TRANSPOSED,
            _ => COMMON,
        }
    }

    /// The text and the s-expression, in parentheses unless the tree holds together at least as strongly as `level`.
    fn write(&self, level: u8) -> (String, String) {
        let (text, tree) = self.write_bare();
        // A sign may follow any operator: `a^-b`.
        let is_sign_after_power = level == POWER && self.level() == PREFIX;
        if self.level() >= level || is_sign_after_power {
            (text, tree)
        } else {
            (format!("({text})"), format!("(paren {tree})"))
        }
    }

    fn write_bare(&self) -> (String, String) {
        match self {
            Tree::Name(name) | Tree::Number(name) => ((*name).to_owned(), (*name).to_owned()),
            Tree::Call(args) => {
                let (texts, trees): (Vec<_>, Vec<_>) = args.iter().map(|arg| arg.write(ANYTHING)).unzip();
                let trees: String = trees.iter().map(|tree| format!(" {tree}")).collect();
                (format!("f({})", texts.join(", ")), format!("(f{trees})"))
            }
            Tree::Index(base, index) => {
                let (base, index) = (base.write(COMMON), index.write(ANYTHING));
                (format!("{}[{}]", base.0, index.0), format!("(index {} {})", base.1, index.1))
            }
            Tree::Transpose(operand) => {
                let operand = operand.write(TRANSPOSED);
                (format!("{}'", operand.0), format!("(' {})", operand.1))
            }
            Tree::Prefix(op, operand) => {
                let operand = operand.write(PREFIX);
                (format!("{op} {}", operand.0), format!("({op} {})", operand.1))
            }
            Tree::Binary((op, level), left, right) => {
                let from_the_right = *level == POWER;
                let left = left.write(if from_the_right { level + 1 } else { *level });
                let right = right.write(if from_the_right { *level } else { level + 1 });
                (format!("{} {op} {}", left.0, right.0), format!("({op} {} {})", left.1, right.1))
            }
            Tree::Ternary(a, b, c) => {
                let (a, b, c) = (a.write(1), b.write(ANYTHING), c.write(ANYTHING));
                (format!("{} ? {} : {}", a.0, b.0, c.0), format!("(? {} {} {})", a.1, b.1, c.1))
            }
        }
    }
}

fn trees() -> impl Strategy<Value = Tree> {
    let leaf = prop_oneof![
        prop::sample::select(vec!["a", "T", "x_1", "inner"]).prop_map(Tree::Name),
        prop::sample::select(vec!["1", "2.5", "0.5", "10"]).prop_map(Tree::Number),
    ];
    leaf.prop_recursive(6, 40, 3, |tree| {
        let boxed = || tree.clone().prop_map(Box::new);
        let operator = prop::sample::select(OPERATORS.to_vec());
        prop_oneof![
            1 => prop::collection::vec(tree.clone(), 0..3).prop_map(Tree::Call),
            1 => (boxed(), boxed()).prop_map(|(base, index)| Tree::Index(base, index)),
            1 => boxed().prop_map(Tree::Transpose),
            2 => (prop::sample::select(vec!["-", "+", "!"]), boxed()).prop_map(|(op, x)| Tree::Prefix(op, x)),
            6 => (operator, boxed(), boxed()).prop_map(|(op, a, b)| Tree::Binary(op, a, b)),
            1 => (boxed(), boxed(), boxed()).prop_map(|(a, b, c)| Tree::Ternary(a, b, c)),
        ]
    })
}

#[test]
fn an_expression_is_read_as_it_was_written() {
    let config = Config { cases: 2000, failure_persistence: None, ..Config::default() };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let outcome = TestRunner::new_with_rng(config, rng).run(&trees(), |tree| {
        let (text, wanted) = tree.write(ANYTHING);
        prop_assert_eq!(expr(&text), wanted, "of {}", text);
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}
