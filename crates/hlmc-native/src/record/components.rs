//! The strongly connected components of a graph (Tarjan, "Depth-first search and linear graph algorithms", 1972).

use std::collections::HashMap;

/// A node that is being visited.
struct Visit {
    node: u32,
    successors: Vec<u32>,
    /// Successors that have been followed.
    n_followed: usize,
}

/// The state of the search.
#[derive(Default)]
struct Search {
    /// The order of discovery.
    discovered: HashMap<u32, u32>,
    /// The earliest node of the stack that is reachable.
    low: HashMap<u32, u32>,
    is_on_stack: HashMap<u32, bool>,
    stack: Vec<u32>,
    components: Vec<Vec<u32>>,
}

/// The components of what is reachable from the roots, each after all those that it leads to; their nodes in order.
pub(super) fn components(roots: &[u32], successors: impl Fn(u32) -> Vec<u32>) -> Vec<Vec<u32>> {
    let mut search = Search::default();
    let mut path: Vec<Visit> = Vec::new();
    for root in roots {
        if !search.discovered.contains_key(root) {
            path.push(search.discover(*root, successors(*root)));
        }
        while let Some(visit) = path.last_mut() {
            let node = visit.node;
            match visit.successors.get(visit.n_followed).copied() {
                Some(next) => {
                    visit.n_followed += 1;
                    if !search.discovered.contains_key(&next) {
                        path.push(search.discover(next, successors(next)));
                    } else if search.is_on_stack[&next] {
                        search.lower(node, search.discovered[&next]);
                    }
                }
                None => {
                    path.pop();
                    search.close(node);
                    if let Some(above) = path.last() {
                        search.lower(above.node, search.low[&node]);
                    }
                }
            }
        }
    }
    search.components
}

impl Search {
    fn discover(&mut self, node: u32, successors: Vec<u32>) -> Visit {
        let order = self.discovered.len() as u32;
        self.discovered.insert(node, order);
        self.low.insert(node, order);
        self.is_on_stack.insert(node, true);
        self.stack.push(node);
        Visit { node, successors, n_followed: 0 }
    }

    fn lower(&mut self, node: u32, order: u32) {
        self.low.entry(node).and_modify(|low| *low = order.min(*low));
    }

    /// Takes the component of a node off the stack, if the node is the first of it that was discovered.
    fn close(&mut self, node: u32) {
        if self.low[&node] != self.discovered[&node] {
            return;
        }
        let mut component = Vec::new();
        while let Some(member) = self.stack.pop() {
            self.is_on_stack.insert(member, false);
            component.push(member);
            if member == node {
                break;
            }
        }
        component.sort_unstable();
        self.components.push(component);
    }
}

#[cfg(test)]
mod tests {
    use super::components;

    #[test]
    fn components_come_after_what_they_lead_to() {
        // 0 -> 1 -> 2 -> 1, 2 -> 3, 4 -> 4
        let successors = |node: u32| vec![vec![1], vec![2], vec![1, 3], vec![], vec![4]][node as usize].clone();
        assert_eq!(components(&[0, 4], successors), [vec![3], vec![1, 2], vec![0], vec![4]]);
    }
}
