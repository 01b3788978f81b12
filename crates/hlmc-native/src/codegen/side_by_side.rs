//! Kernels of straight code two by two: one instruction on two lanes costs what it costs on one.

use std::collections::HashMap;
use std::hash::Hash;

/// What is emitted at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Batch<T> {
    /// An operation alone.
    One(T),
    /// Two that are the same kernel, neither of which waits for the other.
    Two(T, T),
}

/// An order of operations, which come in one that respects their operands, in which as many kernels as possible have a
/// partner.
pub(super) fn two_by_two<T, K>(
    operations: &[T],
    for_each_operand: impl Fn(T, &mut dyn FnMut(T)),
    kernel: impl Fn(T) -> Option<K>,
) -> Vec<Batch<T>>
where
    T: Copy + Eq + Hash + Ord,
    K: Copy + Eq + Hash,
{
    let depths = kernel_depths(operations, for_each_operand, &kernel);
    let mut order: Vec<(usize, Option<K>, T)> = operations.iter().map(|id| (depths[id], kernel(*id), *id)).collect();
    // All that does not wait for further kernels comes before them.
    order.sort_by_key(|(depth, kernel, _)| (*depth, kernel.is_some()));
    let mut batches = Vec::with_capacity(order.len());
    let mut alone: HashMap<K, T> = HashMap::new();
    let mut at_depth = 0;
    for (depth, kernel, id) in order {
        if depth > at_depth {
            without_partner(&mut alone, &mut batches);
            at_depth = depth;
        }
        match kernel {
            None => batches.push(Batch::One(id)),
            Some(kernel) => match alone.remove(&kernel) {
                Some(partner) => batches.push(Batch::Two(partner, id)),
                None => drop(alone.insert(kernel, id)),
            },
        }
    }
    without_partner(&mut alone, &mut batches);
    batches
}

/// The kernels that are left over.
fn without_partner<T: Copy + Ord, K>(alone: &mut HashMap<K, T>, batches: &mut Vec<Batch<T>>) {
    let mut rest: Vec<T> = alone.drain().map(|(_, id)| id).collect();
    rest.sort_unstable();
    batches.extend(rest.into_iter().map(Batch::One));
}

/// How many kernels each operation waits for, one after the other. What an operation waits for may come behind it.
fn kernel_depths<T: Copy + Eq + Hash, K>(
    operations: &[T],
    for_each_operand: impl Fn(T, &mut dyn FnMut(T)),
    kernel: impl Fn(T) -> Option<K>,
) -> HashMap<T, usize> {
    let mut depths: HashMap<T, usize> = operations.iter().map(|id| (*id, 0)).collect();
    let mut is_settled = false;
    while !is_settled {
        is_settled = true;
        for id in operations {
            let mut depth = depths[id];
            for_each_operand(*id, &mut |x| {
                if let Some(before) = depths.get(&x) {
                    depth = depth.max(before + usize::from(kernel(x).is_some()));
                }
            });
            is_settled &= depths.insert(*id, depth) == Some(depth);
        }
    }
    depths
}

#[cfg(test)]
mod tests {
    use super::{Batch, two_by_two};

    #[test]
    fn kernels_that_do_not_wait_for_one_another_are_partners() {
        // 0 and 2 are kernels of inputs, 1 is a sum of 0, 3 a kernel of 1 and 2, and 4 one of an input.
        let operands: [&[usize]; 5] = [&[], &[0], &[], &[1, 2], &[]];
        let kernel = |i: usize| [Some('e'), None, Some('e'), Some('e'), Some('l')][i];
        let batches = two_by_two(&[0, 1, 2, 3, 4], |i, f| operands[i].iter().for_each(|x| f(*x)), kernel);
        assert_eq!(batches, [Batch::Two(0, 2), Batch::One(4), Batch::One(1), Batch::One(3)]);
    }

    #[test]
    fn what_is_waited_for_may_come_behind() {
        let operands: [&[usize]; 3] = [&[1], &[], &[]];
        let kernel = |i: usize| [Some('s'), Some('e'), Some('s')][i];
        let batches = two_by_two(&[0, 1, 2], |i, f| operands[i].iter().for_each(|x| f(*x)), kernel);
        assert_eq!(batches, [Batch::One(1), Batch::One(2), Batch::One(0)]);
    }
}
