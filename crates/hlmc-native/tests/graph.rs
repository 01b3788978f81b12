//! The graph by itself: the laws by which nodes are simplified, and the two sweeps against central differences.
#![allow(clippy::expect_used, reason = "helpers of tests are parts of tests, though not in test functions")]

use std::sync::Arc;

use hlmc_builtins::table::Domain;
use hlmc_math::LogDensity;
use hlmc_native::apply::Tables;
use hlmc_native::execute::{Program, Runner, Width};
use hlmc_native::graph::{Binary, Graph, NodeId, Operation, Unary};
use proptest::prelude::*;

/// The most coordinates of the position in the property tests.
const MAX_DIMENSION: usize = 21;
/// The step of central differences.
const STEP: f64 = 1e-5;
/// How far differences of that step may be from the derivative, relative to its size or 1.
const TOLERANCE: f64 = 1e-6;
/// How far machine code and the interpreter may be apart, which round in different places.
const ROUNDING: f64 = 1e-12;

fn graph() -> (Graph, Arc<Tables>) {
    let tables = Arc::new(Tables::new());
    (Graph::new(Arc::clone(&tables)), tables)
}

/// Value and gradient by the interpreter, which machine code of every width confirms.
fn run(graph: &Graph, tables: &Arc<Tables>, result: NodeId, position: &[f64]) -> (f64, Vec<f64>) {
    let at_position = |program: Program| {
        let mut gradient = vec![f64::NAN; position.len()];
        let value = Runner::new(Arc::new(program)).log_density_gradient(position, &mut gradient);
        (value.expect("a finite value"), gradient)
    };
    let by_interpreter = at_position(Program::interpreted(graph, result, position.len(), tables));
    let size = by_interpreter.1.iter().fold(1.0, |size: f64, x| size.max(x.abs())).max(by_interpreter.0.abs());
    for width in Width::available() {
        let by_code = at_position(Program::of_width(graph, result, position.len(), tables, *width));
        let pairs = by_code.1.iter().zip(&by_interpreter.1).chain([(&by_code.0, &by_interpreter.0)]);
        for (a, b) in pairs {
            assert!((a - b).abs() <= ROUNDING * size, "code of width {width:?} gives {a}, the interpreter {b}");
        }
    }
    by_interpreter
}

#[test]
fn equal_nodes_are_one_and_operands_that_commute_have_one_order() {
    let (mut graph, _) = graph();
    let (x, y) = (graph.position(0, 1), graph.position(1, 1));
    let (a, b) = (graph.binary(Binary::Add, x, y), graph.binary(Binary::Add, y, x));
    assert_eq!(a, b);
    assert_ne!(graph.binary(Binary::Subtract, x, y), graph.binary(Binary::Subtract, y, x));
}

#[test]
fn what_is_known_is_computed_at_once() {
    let (mut graph, _) = graph();
    let column = graph.known(&[1.0, 2.0, 4.0]);
    let two = graph.constant(2.0);
    let product = graph.binary(Binary::Multiply, column, two);
    assert_eq!(graph.known_column(product).as_deref(), Some(&[2.0, 4.0, 8.0][..]));
    let total = graph.sum(product);
    assert_eq!(graph.constant_value(total), Some(14.0));
}

#[test]
fn neutral_elements_and_inverses_leave_nothing_behind() {
    let (mut graph, _) = graph();
    let x = graph.position(0, 3);
    let (zero, one) = (graph.constant(0.0), graph.constant(1.0));
    assert_eq!(graph.binary(Binary::Add, x, zero), x);
    assert_eq!(graph.binary(Binary::Multiply, one, x), x);
    assert_eq!(graph.binary(Binary::Divide, x, one), x);
    let exp = graph.unary(Unary::Exp, x);
    assert_eq!(graph.unary(Unary::Log, exp), x);
    let negated = graph.unary(Unary::Negate, x);
    assert_eq!(graph.unary(Unary::Negate, negated), x);
}

#[test]
fn neutral_columns_leave_nothing_behind() {
    let (mut graph, _) = graph();
    let (x, scalar) = (graph.position(0, 3), graph.position(3, 1));
    let (zeros, ones, minus_ones) = (graph.known(&[0.0; 3]), graph.known(&[1.0; 3]), graph.known(&[-1.0; 3]));
    assert_eq!(graph.binary(Binary::Add, x, zeros), x);
    assert_eq!(graph.binary(Binary::Multiply, ones, x), x);
    let negated = graph.unary(Unary::Negate, x);
    assert_eq!(graph.binary(Binary::Multiply, minus_ones, x), negated);
    let column = graph.binary(Binary::Multiply, ones, scalar);
    assert_eq!(graph.lanes(column), 3, "a number meets every lane of a column of ones");
}

#[test]
fn changes_of_sign_leave_sums_and_squares() {
    let (mut graph, _) = graph();
    let (x, y) = (graph.position(0, 1), graph.position(1, 1));
    let (minus_x, minus_y) = (graph.unary(Unary::Negate, x), graph.unary(Unary::Negate, y));
    let (sum, difference) = (graph.binary(Binary::Add, x, y), graph.binary(Binary::Subtract, x, y));
    let (minus_sum, back) = (graph.unary(Unary::Negate, sum), graph.binary(Binary::Subtract, y, x));
    assert_eq!(graph.binary(Binary::Add, x, minus_y), difference);
    assert_eq!(graph.binary(Binary::Add, minus_x, y), back);
    assert_eq!(graph.binary(Binary::Add, minus_x, minus_y), minus_sum);
    assert_eq!(graph.binary(Binary::Subtract, x, minus_y), sum);
    assert_eq!(graph.binary(Binary::Subtract, minus_x, y), minus_sum);
    assert_eq!(graph.binary(Binary::Subtract, minus_x, minus_y), back);
    let known = graph.constant(2.0);
    let (residual, turned) = (graph.binary(Binary::Subtract, known, x), graph.binary(Binary::Subtract, x, known));
    assert_eq!(graph.unary(Unary::Square, residual), graph.unary(Unary::Square, turned));
}

#[test]
fn logarithms_of_probabilities_keep_their_digits() {
    let (mut graph, tables) = graph();
    let x = graph.position(0, 1);
    let probability = graph.unary(Unary::InvLogit, x);
    let log = graph.unary(Unary::Log, probability);
    let negated = graph.unary(Unary::Negate, probability);
    let log_rest = graph.unary(Unary::Log1p, negated);
    assert_eq!(run(&graph, &tables, log, &[-800.0]), (-800.0, vec![1.0]));
    assert_eq!(run(&graph, &tables, log_rest, &[800.0]), (-800.0, vec![-1.0]));
}

#[test]
fn sums_are_linear_shared_factors_and_known_terms_leave_them() {
    let (mut graph, tables) = graph();
    let (x, scale) = (graph.position(0, 3), graph.position(3, 1));
    let product = graph.binary(Binary::Multiply, scale, x);
    let known = graph.known(&[1.0, 2.0, 3.0]);
    let terms = graph.binary(Binary::Add, product, known);
    let total = graph.sum(terms);
    let direct = graph.sum(x);
    let factored = graph.binary(Binary::Multiply, scale, direct);
    let six = graph.constant(6.0);
    assert_eq!(total, graph.binary(Binary::Add, factored, six));
    let (value, gradient) = run(&graph, &tables, total, &[1.0, 2.0, 3.0, 0.5]);
    assert_eq!((value, gradient), (9.0, vec![0.5, 0.5, 0.5, 6.0]));
}

#[test]
fn gathers_compose_and_find_their_part_of_a_concatenation() {
    let (mut graph, _) = graph();
    let (x, y) = (graph.position(0, 3), graph.position(4, 2));
    let first = graph.gather(x, &[2, 0, 0]);
    let second = graph.gather(first, &[1, 0]);
    assert_eq!(second, graph.gather(x, &[0, 2]));
    let all = graph.concatenate(&[x, y]);
    assert_eq!(graph.gather(all, &[3, 4]), y);
    assert_eq!(graph.gather(all, &[0, 1, 2]), x);
}

#[test]
fn neighbours_that_gather_from_one_node_are_one_gather() {
    let (mut graph, _) = graph();
    let position = graph.position(0, 3);
    let x = graph.unary(Unary::Exp, position);
    let each: Vec<_> = [2, 0, 1].iter().map(|i| graph.gather(x, &[*i])).collect();
    let all = graph.concatenate(&each);
    assert_eq!(all, graph.gather(x, &[2, 0, 1]));
    let in_order = graph.concatenate(&[each[1], each[2], each[0]]);
    assert_eq!(in_order, x);
}

#[test]
fn coordinates_in_any_order_are_one_gather() {
    let (mut graph, _) = graph();
    let (first, second) = (graph.position(2, 1), graph.position(0, 1));
    let repeated = graph.concatenate(&[first, first, second]);
    let all = graph.position(0, 3);
    assert_eq!(repeated, graph.gather(all, &[2, 2, 0]));
}

#[test]
fn ranges_know_what_a_scale_can_be() {
    let (mut graph, _) = graph();
    let x = graph.position(0, 2);
    let scale = graph.unary(Unary::Exp, x);
    assert!(graph.range(scale).is_within(Domain::Positive));
    assert!(!graph.range(x).is_within(Domain::Positive));
    let probability = graph.unary(Unary::InvLogit, x);
    assert!(graph.range(probability).is_within(Domain::Probability));
    let two = graph.constant(2.0);
    let shifted = graph.binary(Binary::Subtract, probability, two);
    assert!(!graph.range(shifted).is_within(Domain::NonNegative));
}

#[test]
fn a_mark_is_returned_to() {
    let (mut graph, _) = graph();
    let x = graph.position(0, 2);
    let mark = graph.mark();
    let forgotten = graph.unary(Unary::Exp, x);
    graph.truncate(mark);
    let other = graph.unary(Unary::Sin, x);
    assert_eq!(forgotten, other, "the place of the forgotten node is free again");
    assert_eq!(graph.nodes().len(), 2);
}

#[test]
fn more_values_than_registers_wait_on_the_stack() {
    let (mut graph, tables) = graph();
    let x = graph.position(0, MAX_DIMENSION);
    // All are there before the first is used, and so are the conditions; each is used in both sweeps.
    let columns: Vec<NodeId> = (0..40)
        .map(|i| {
            let shift = graph.constant(f64::from(i) / 40.0);
            let shifted = graph.binary(Binary::Add, x, shift);
            graph.unary(Unary::Exp, shifted)
        })
        .collect();
    let bound = graph.constant(1.0);
    let conditions: Vec<NodeId> = columns.iter().map(|x| graph.binary(Binary::Less, *x, bound)).collect();
    let mut sum = columns[0];
    for (x, condition) in columns.iter().zip(&conditions).rev() {
        let product = graph.binary(Binary::Multiply, sum, *x);
        let ratio = graph.binary(Binary::Divide, sum, *x);
        sum = graph.select(*condition, product, ratio);
    }
    let result = graph.sum(sum);
    let position: Vec<f64> = (0..MAX_DIMENSION).map(|i| (i as f64 * 1.3).sin()).collect();
    run(&graph, &tables, result, &position);
}

#[test]
fn shifted_stretches_of_one_column_add_up() {
    for n in [3, 4, 9, 17] {
        let (mut graph, tables) = graph();
        let stretches: Vec<NodeId> = (0..3).map(|first| graph.position(first, n)).collect();
        let exps: Vec<NodeId> = stretches.iter().map(|x| graph.unary(Unary::Exp, *x)).collect();
        let product = graph.binary(Binary::Multiply, exps[2], exps[0]);
        let all = graph.binary(Binary::Add, product, exps[1]);
        let result = graph.sum(all);
        let position: Vec<f64> = (0..n + 2).map(|i| (i as f64 * 0.9).sin()).collect();
        run(&graph, &tables, result, &position);
    }
}

#[test]
fn entries_of_short_columns_are_read_and_added_to_turn_by_turn() {
    type Index = fn(usize) -> usize;
    // Turns with one entry, with neighbours, and with entries in no order.
    let indices: [Index; 4] = [|i| i / 4, |i| i, |i| i * i + i / 3, |i| i / 8];
    for (n, n_entries) in [(4, 2), (8, 2), (8, 3), (12, 3), (16, 2), (16, 5), (20, 2), (20, 21)] {
        for index in indices {
            let (mut graph, tables) = graph();
            let index: Vec<u32> = (0..n).map(|i| (index(i) % n_entries) as u32).collect();
            let (entries, x) = (graph.position(0, n_entries), graph.position(n_entries, n));
            let gathered = graph.gather(entries, &index);
            let shifted = graph.binary(Binary::Add, gathered, x);
            let square = graph.unary(Unary::Square, shifted);
            let by_entry = graph.scatter_sum(square, &index, n_entries);
            let (total, exp) = (graph.sum(square), graph.unary(Unary::Exp, by_entry));
            let of_entries = graph.sum(exp);
            let result = graph.binary(Binary::Subtract, of_entries, total);
            let position: Vec<f64> = (0..n_entries + n).map(|i| (i as f64 * 1.7).sin() / 2.0).collect();
            run(&graph, &tables, result, &position);
            run(&graph, &tables, total, &position);
        }
    }
}

#[test]
fn a_column_that_grows_is_copied_as_one() {
    let (mut graph, tables) = graph();
    let mut entries: Vec<NodeId> = Vec::new();
    let mut columns = Vec::new();
    for i in 0..7 {
        let x = graph.position(i, 1);
        let next = match entries.len() {
            0..5 => graph.unary(Unary::Exp, x),
            _ => {
                columns.push(graph.concatenate(&entries));
                let total = graph.sum(columns[columns.len() - 1]);
                let total = graph.unary(Unary::Tanh, total);
                graph.binary(Binary::Multiply, total, x)
            }
        };
        entries.push(next);
    }
    columns.push(graph.concatenate(&entries));
    let squares = graph.unary(Unary::Square, columns[2]);
    let result = graph.sum(squares);
    let position = [0.3, -0.4, 0.1, 0.9, -1.2, 0.5, 0.7];
    let before = run(&graph, &tables, result, &position);
    graph.share_prefixes(result);
    for (i, begin) in [(1, 0), (2, 1)] {
        let Operation::Concatenate(parts) = &graph.node(columns[i]).operation else { unreachable!() };
        assert_eq!(parts[..], [columns[begin], entries[5 + begin]]);
    }
    let after = run(&graph, &tables, result, &position);
    let pairs = after.1.iter().zip(&before.1).chain([(&after.0, &before.0)]);
    pairs.for_each(|(a, b)| assert!((a - b).abs() <= ROUNDING * b.abs().max(1.0), "{a} against {b}"));
}

#[test]
fn an_exponential_serves_the_softplus_function_as_well() {
    // The logarithm comes first, so that it waits for what stands behind it.
    for n in [1, 2, 3] {
        for is_negated in [false, true] {
            let (mut graph, tables) = graph();
            let mut result = graph.constant(0.0);
            let x: Vec<NodeId> = (0..n).map(|i| graph.position(i, 1)).collect();
            let logs: Vec<NodeId> = x.iter().map(|x| graph.unary(Unary::Log1pExp, *x)).collect();
            for (x, log) in x.iter().zip(logs) {
                let exponent = if is_negated { graph.unary(Unary::Negate, *x) } else { *x };
                let exp = graph.unary(Unary::Exp, exponent);
                let product = graph.binary(Binary::Multiply, log, exp);
                result = graph.binary(Binary::Add, result, product);
            }
            for size in [0.0, 0.3, 4.0, 30.0] {
                let position: Vec<f64> = (0..n).map(|i| size * (1.0 - 2.0 * (i % 2) as f64)).collect();
                run(&graph, &tables, result, &position);
            }
        }
    }
}

#[test]
fn what_has_no_kernel_is_called_for_all_lanes() {
    let (mut graph, tables) = graph();
    let x = graph.position(0, MAX_DIMENSION);
    let exp = graph.unary(Unary::Exp, x);
    // The exponential waits while the others are called.
    let functions = [Unary::Lgamma, Unary::Digamma, Unary::Phi, Unary::Atan, Unary::Sin];
    let called: Vec<NodeId> = functions.iter().map(|function| graph.unary(*function, exp)).collect();
    let mut product = exp;
    for x in &called {
        product = graph.binary(Binary::Multiply, product, *x);
    }
    let power = graph.binary(Binary::Power, exp, x);
    let all = graph.binary(Binary::Add, product, power);
    let result = graph.sum(all);
    let position: Vec<f64> = (0..MAX_DIMENSION).map(|i| (i as f64 * 0.7).cos()).collect();
    run(&graph, &tables, result, &position);
}

/// Steps that build a column of as many lanes as there are coordinates from earlier ones.
#[derive(Clone, Debug)]
enum Step {
    Unary(u8, usize),
    Binary(u8, usize, usize),
    Gather(usize, Vec<u32>),
    ScatterSum(usize, Vec<u32>),
    Scaled(usize, usize),
}

fn step() -> impl Strategy<Value = Step> {
    let node = 0usize..64;
    let index = prop::collection::vec(0..MAX_DIMENSION as u32, MAX_DIMENSION);
    prop_oneof![
        (0u8..7, node.clone()).prop_map(|(operation, x)| Step::Unary(operation, x)),
        (0u8..5, node.clone(), node.clone()).prop_map(|(operation, x, y)| Step::Binary(operation, x, y)),
        (node.clone(), index.clone()).prop_map(|(x, index)| Step::Gather(x, index)),
        (node.clone(), index).prop_map(|(x, index)| Step::ScatterSum(x, index)),
        (node.clone(), node).prop_map(|(x, y)| Step::Scaled(x, y)),
    ]
}

/// Adds a step's node; arguments are first brought to where every operation is smooth and of moderate size.
fn build(graph: &mut Graph, nodes: &[NodeId], step: &Step, n: usize) -> NodeId {
    let within = |index: &[u32]| -> Vec<u32> { index.iter().take(n).map(|i| i % n as u32).collect() };
    let pick = |i: usize| nodes[i % nodes.len()];
    let tame = |graph: &mut Graph, x: NodeId| graph.unary(Unary::Tanh, x);
    match step {
        Step::Unary(operation, x) => {
            let x = tame(graph, pick(*x));
            let three = graph.constant(3.0);
            let positive = graph.binary(Binary::Add, three, x);
            match operation {
                0 => graph.unary(Unary::Exp, x),
                1 => graph.unary(Unary::Log, positive),
                2 => graph.unary(Unary::Sqrt, positive),
                3 => graph.unary(Unary::Square, x),
                4 => graph.unary(Unary::Log1pExp, x),
                5 => graph.unary(Unary::Lgamma, positive),
                _ => graph.unary(Unary::InvLogit, x),
            }
        }
        Step::Binary(operation, x, y) => {
            let (x, y) = (tame(graph, pick(*x)), tame(graph, pick(*y)));
            let operations = [Binary::Add, Binary::Subtract, Binary::Multiply, Binary::Divide, Binary::LogSumExp];
            let two = graph.constant(2.0);
            let positive = graph.binary(Binary::Add, two, y);
            graph.binary(operations[usize::from(*operation)], x, positive)
        }
        Step::Gather(x, index) => graph.gather(pick(*x), &within(index)),
        Step::ScatterSum(x, index) => {
            let x = tame(graph, pick(*x));
            graph.scatter_sum(x, &within(index), n)
        }
        Step::Scaled(x, y) => {
            let total = graph.sum(pick(*x));
            let scale = tame(graph, total);
            graph.binary(Binary::Multiply, scale, pick(*y))
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_gradient_is_that_of_central_differences(
        steps in prop::collection::vec(step(), 1..12),
        // Fewer than a register has, as many, some more, and several times as many.
        n in prop_oneof![Just(3), Just(5), Just(8), Just(16), Just(MAX_DIMENSION)],
        position in prop::collection::vec(-1.5..1.5f64, MAX_DIMENSION),
    ) {
        let position = &position[..n];
        let (mut graph, tables) = graph();
        let known: Vec<f64> = (0..n).map(|i| [0.5, -1.0, 2.0, 0.25, -0.75][i % 5]).collect();
        let mut nodes = vec![graph.position(0, n), graph.known(&known)];
        for step in &steps {
            let node = build(&mut graph, &nodes, step, n);
            let node = graph.broadcast(node, n);
            nodes.push(node);
        }
        let last = nodes[nodes.len() - 1];
        let result = graph.sum(last);
        let (_, gradient) = run(&graph, &tables, result, position);
        for i in 0..n {
            let at = |step: f64| {
                let mut moved = position.to_vec();
                moved[i] += step;
                run(&graph, &tables, result, &moved).0
            };
            let difference = (at(STEP) - at(-STEP)) / (2.0 * STEP);
            let size = difference.abs().max(1.0);
            prop_assert!((gradient[i] - difference).abs() <= TOLERANCE * size, "{} against {difference}", gradient[i]);
        }
    }
}

#[test]
fn what_is_taken_out_and_put_back_is_found_again() {
    let (mut graph, tables) = graph();
    let x = graph.position(0, 2);
    let mark = graph.mark();
    let record = |graph: &mut Graph| {
        let exp = graph.unary(Unary::Exp, x);
        let squared = graph.unary(Unary::Square, exp);
        graph.sum(squared)
    };
    let first = record(&mut graph);
    let n_nodes = graph.nodes().len();
    let stretch = graph.split_off(mark);
    graph.unary(Unary::Sin, x);
    assert!(graph.nodes().len() < n_nodes);
    graph.truncate(mark);
    graph.append(stretch);
    assert_eq!((record(&mut graph), graph.nodes().len()), (first, n_nodes));
    run(&graph, &tables, first, &[0.5, -0.25]);
}
